import type { Estimate } from '../row.ts';

/** The middle value; the mean of the two middle ones of an even number. `NaN` of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/**
 * The value that a tenth of all stay under. For costs: what else the machine does only ever adds to them, so a low
 * quantile is nearest to what the work costs by itself.
 */
export function firstDecile(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 10)] ?? Number.NaN;
}

/** A repeatable source of numbers in [0, 1) (mulberry32): runs differ by what they measure, not by the dice. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The same values in another order. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j] as T, order[i] as T];
  }
  return order;
}

const RESAMPLES = 2_000;

/**
 * The median of values that come in groups (one a generation of processes), with a 95 % interval by bootstrap. Groups are
 * drawn first, then values in them: values of one process share its memory layout and its compiled code, so they say
 * less than as many independent ones.
 */
export function groupedMedian(groups: readonly (readonly number[])[], seed = 1): Estimate {
  const random = randomFrom(seed);
  const draw = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const medians: number[] = [];
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const values: number[] = [];
    for (let g = 0; g < groups.length; g++) {
      const group = draw(groups);
      for (let v = 0; v < group.length; v++) values.push(draw(group));
    }
    medians.push(median(values));
  }
  medians.sort((a, b) => a - b);
  const at = (share: number) => medians[Math.round(share * (medians.length - 1))] as number;
  return { value: median(groups.flat()), interval: [at(0.025), at(0.975)] };
}
