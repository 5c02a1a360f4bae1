import { Lane } from '../measure/lane.ts';
import { median } from '../measure/statistics.ts';
import type { Row } from '../row.ts';
import type { SetupName } from '../telemetry/setups.ts';

const WINDOWS = 40;
const WINDOW = 25_000;
/** Windows until every bounded table is full. */
const SETTLED = 16;

const PROMISES: readonly { readonly name: string; readonly setup: SetupName }[] = [
  { name: 'heap: 1,000,000 requests, our spans', setup: 'oursAndDuration' },
  { name: 'heap: 1,000,000 requests, enriching', setup: 'enriched' },
];
// A single number kept of one request in 16 would show.
const LIMIT = 0.5;

export const names: readonly string[] = PROMISES.map(({ name }) => name);

/** Growth of the heap over a million requests, once bounded tables are full: bytes that stay of each request. */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const promises = PROMISES.filter(({ name }) => wanted(name));
  if (promises.length === 0) return [];
  const stock = await growthOf('stock');
  const found: Row[] = [];
  for (const { name, setup } of promises) {
    const growth = await growthOf(setup);
    found.push({
      name,
      value: Number(growth.perRequest.toFixed(3)),
      unit: 'B/request',
      limit: LIMIT,
      holds: growth.perRequest <= LIMIT,
      peer: `@opentelemetry/instrumentation-undici 0.34.0: ${stock.perRequest.toFixed(3)}, heap ${megabytes(stock.heap)} to ours ${megabytes(growth.heap)}`,
    });
  }
  return found;
}

interface Growth {
  readonly perRequest: number;
  readonly heap: number;
}

async function growthOf(setup: SetupName): Promise<Growth> {
  const lane = await Lane.start({
    name: setup,
    module: new URL('../lanes/heap.ts', import.meta.url),
    args: [setup],
    execArgv: ['--expose-gc'],
  });
  try {
    const weighed: number[] = [];
    for (let window = 1; window <= WINDOWS; window++) {
      await lane.run(WINDOW);
      const { heap, counted, errors } = await lane.check();
      // One request in 20 never ends.
      const expected = setup === 'stock' ? 0 : (window * WINDOW * 19) / 20;
      if (counted !== expected || errors !== 0) {
        throw new Error(
          `heap, "${setup}": ${counted} requests counted, ${expected} expected; ${errors} errors`,
        );
      }
      if (window > SETTLED) weighed.push(heap ?? Number.NaN);
    }
    const half = weighed.length / 2;
    const growth = median(weighed.slice(half)) - median(weighed.slice(0, half));
    return { perRequest: growth / (half * WINDOW), heap: median(weighed) };
  } finally {
    await lane.stop();
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
