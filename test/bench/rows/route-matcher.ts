import { interleaved, quietCostOf } from '../measure/interleaved.ts';
import type { LaneSpec } from '../measure/lane.ts';
import { type Row, rowOf } from '../row.ts';

/** Sets of paths, each looked up by `matchRoute` and by the router of Fastify. */
const SETS = {
  known: 'route matcher: every template, mixed',
  unknown: 'route matcher: hostile unknown paths',
} as const;
const LIMIT_NS = 500;

export const names: readonly string[] = Object.values(SETS);

/** How long it takes to find the route of a request. */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const sets = Object.entries(SETS).filter(([, name]) => wanted(name));
  const lane = (matcher: string, set: string): LaneSpec => ({
    name: `${matcher} ${set}`,
    module: new URL('../lanes/matching.ts', import.meta.url),
    args: [matcher, set],
  });
  const measured = await interleaved({
    lanes: sets.flatMap(([set]) => [lane('ours', set), lane('find-my-way', set)]),
    times: 100_000,
    warmUp: 4,
    rounds: 15,
    generations: [3, 3],
  });
  return sets.map(([set, name]) => {
    const peer = `find-my-way 9.10.1: ${Math.round(quietCostOf(measured, `find-my-way ${set}`).value)} ns`;
    return rowOf(name, quietCostOf(measured, `ours ${set}`), 'ns', LIMIT_NS, peer);
  });
}
