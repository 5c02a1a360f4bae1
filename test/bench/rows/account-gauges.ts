import { costOf, interleaved, isClear, ratioOf } from '../measure/interleaved.ts';
import type { LaneFacts } from '../measure/lane-process.ts';
import { type Row, rowOf } from '../row.ts';

const FEW = '10';
const MANY = '100000';
const TIME = 'account gauges: a scrape with 100,000 grants';
const SIZE = 'account gauges: series with 100,000 grants';
// No slower: the ratio is 1 in truth, and is measured to a few percent.
const SLOWER = 1.05;

export const names: readonly string[] = [TIME, SIZE];

/** What `/metrics` costs and holds in a process that watches 100,000 grants, beside one that watches 10. */
export async function rows(): Promise<Row[]> {
  const facts = new Map<string, LaneFacts>();
  const measured = await interleaved({
    lanes: [FEW, MANY].map((count) => ({
      name: count,
      module: new URL('../lanes/account-gauges.ts', import.meta.url),
      args: [count],
      execArgv: ['--expose-gc'],
    })),
    times: 64,
    warmUp: 12,
    rounds: 60,
    generations: [2, 5],
    clear: (sofar) => isClear(ratioOf(sofar, MANY, FEW), SLOWER),
    verify: (lane, found) => {
      if (found.accounts !== Number(lane))
        throw new Error(`lane "${lane}": ${found.accounts} accounts on the gauges`);
      facts.set(lane, found);
    },
  });
  const [few, many] = [facts.get(FEW) ?? {}, facts.get(MANY) ?? {}];
  const micros = (costOf(measured, FEW) / 1_000).toFixed(0);
  const series = few.series ?? 0;
  return [
    rowOf(TIME, ratioOf(measured, MANY, FEW), 'x', SLOWER, `with 10 grants: ${micros} µs of CPU`),
    {
      name: SIZE,
      value: many.series ?? Number.NaN,
      unit: 'series',
      limit: series,
      holds: many.series === series,
      peer: `with 10 grants: ${series} series, ${few.bytes} B to ${many.bytes} B`,
    },
  ];
}
