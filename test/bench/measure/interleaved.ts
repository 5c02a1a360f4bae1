import type { Estimate } from '../row.ts';
import { Lane, type LaneSpec } from './lane.ts';
import type { LaneFacts } from './lane-process.ts';
import { firstDecile, groupedMedian, median, randomFrom, shuffled } from './statistics.ts';

/** How lanes are measured against each other. */
export interface Plan {
  readonly lanes: readonly LaneSpec[];
  /** Units of work in one turn of one lane. */
  readonly times: number;
  /** Turns of each lane before anything counts: until its code is compiled and its heap has its size. */
  readonly warmUp: number;
  /** Turns of each lane that count, in every generation. */
  readonly rounds: number;
  /** Fresh processes of all lanes: at least so many sets, and at most. */
  readonly generations: readonly [least: number, most: number];
  /** Asked after each generation past the least: true when no more are needed. */
  readonly clear?: (measured: Measured) => boolean;
  /** What a lane must have done after `requests` units of work; throws when it did not. */
  readonly verify?: (lane: string, facts: LaneFacts, units: number) => void;
}

/** CPU nanoseconds per unit: lane, generation, round. */
export type Measured = ReadonlyMap<string, readonly (readonly number[])[]>;

/**
 * Runs the lanes in turn, in a new order every round, so that what else the machine does meets all alike, and in several
 * generations of fresh processes, because one process may have a lucky layout for all its life.
 */
export async function interleaved(plan: Plan): Promise<Measured> {
  const random = randomFrom(20);
  const measured = new Map<string, number[][]>(plan.lanes.map(({ name }) => [name, []]));
  const [least, most] = plan.generations;
  for (let generation = 0; generation < most; generation++) {
    if (generation >= least && plan.clear?.(measured) !== false) break;
    const lanes: Lane[] = [];
    try {
      for (const spec of shuffled(plan.lanes, random)) lanes.push(await Lane.start(spec));
      for (const { name } of lanes) measured.get(name)?.push([]);
      for (let round = -plan.warmUp; round < plan.rounds; round++) {
        for (const lane of shuffled(lanes, random)) {
          const cost = await lane.run(plan.times);
          if (round >= 0) measured.get(lane.name)?.at(-1)?.push(cost);
        }
      }
      const units = (plan.warmUp + plan.rounds) * plan.times;
      for (const lane of lanes) plan.verify?.(lane.name, await lane.check(), units);
    } finally {
      await Promise.all(lanes.map((lane) => lane.stop()));
    }
  }
  return measured;
}

/** Median cost of a unit in a lane, in nanoseconds. */
export function costOf(measured: Measured, lane: string): number {
  return median(measuredOf(measured, lane).flat());
}

/**
 * How many times the peer's cost ours is, round by round. The cost of `base` (the same work with nothing to measure in
 * it) is taken off both: else the harness itself would make every ratio look like 1.
 */
export function ratioOf(measured: Measured, ours: string, peer: string, base?: string): Estimate {
  return paired(measured, ours, peer, base, (own, other, harness) => (own - harness) / (other - harness));
}

/** How many nanoseconds a unit takes by itself: the first decile of each generation. */
export function quietCostOf(measured: Measured, lane: string): Estimate {
  return groupedMedian(measuredOf(measured, lane).map((rounds) => [firstDecile(rounds)]));
}

/** How many nanoseconds ours takes more than the peer: between the first deciles of each generation. */
export function differenceOf(measured: Measured, ours: string, peer: string): Estimate {
  const peers = measuredOf(measured, peer);
  return groupedMedian(
    measuredOf(measured, ours).map((rounds, generation) => [
      firstDecile(rounds) - firstDecile(peers[generation] ?? []),
    ]),
  );
}

/** True when the whole interval is on one side of the limit. */
export function isClear({ interval }: Estimate, limit: number): boolean {
  return interval[1] <= limit || interval[0] > limit;
}

function paired(
  measured: Measured,
  ours: string,
  peer: string,
  base: string | undefined,
  compare: (ours: number, peer: number, base: number) => number,
): Estimate {
  const peers = measuredOf(measured, peer);
  const bases = base === undefined ? undefined : measuredOf(measured, base);
  const groups = measuredOf(measured, ours).map((rounds, generation) => {
    const harness = bases === undefined ? 0 : median(bases[generation] ?? []);
    return rounds.map((cost, round) => compare(cost, peers[generation]?.[round] ?? Number.NaN, harness));
  });
  return groupedMedian(groups);
}

function measuredOf(measured: Measured, lane: string): readonly (readonly number[])[] {
  const found = measured.get(lane);
  if (found === undefined) throw new Error(`no lane "${lane}" was measured`);
  return found;
}
