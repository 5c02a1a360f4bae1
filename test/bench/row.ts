/** One line of `npm run bench`: a promise, and what was measured. */
export interface Row {
  /** Names the promise; `--only` takes any part of it. */
  readonly name: string;
  readonly value: number;
  /** `x`: a ratio to the peer. `+x`: what is added, as a share of the peer. Else a unit. */
  readonly unit: string;
  /** The most that `value` may be. */
  readonly limit: number;
  readonly holds: boolean;
  /** What stands beside it in the same run, with its own figure where the unit is absolute. */
  readonly peer: string;
  /** 95 % confidence interval of `value`, where one can be given. */
  readonly interval?: readonly [low: number, high: number];
}

/** A module in a `rows` or `bench` folder. */
export interface RowModule {
  /** The names of its rows, so that a filter can leave the module out without running it. */
  readonly names?: readonly string[];
  /** Measures the rows that are wanted (all of them, for a module that does not look). */
  rows(wanted?: (name: string) => boolean): Promise<Row[]>;
}

/** An estimate with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly interval: readonly [low: number, high: number];
}

/** The row of an estimate that must stay at or under a limit. */
export function rowOf(name: string, estimate: Estimate, unit: string, limit: number, peer: string): Row {
  const digits = unit.endsWith('x') ? 3 : 1;
  const value = rounded(estimate.value, digits);
  const interval = [rounded(estimate.interval[0], digits), rounded(estimate.interval[1], digits)] as const;
  return { name, value, unit, limit, holds: value <= limit, peer, interval };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
