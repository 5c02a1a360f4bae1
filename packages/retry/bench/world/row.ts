/** One promised figure, as `npm run bench` prints it. */
export interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly limit: number;
  readonly holds: boolean;
  /** What others do in the same run. */
  readonly peer: string;
}

/** A row whose value must not exceed its limit. */
export function atMost(name: string, value: number, unit: string, limit: number, peer: string): Row {
  return { name, value, unit, limit, holds: value <= limit, peer };
}

/** A row whose value must reach its limit. */
export function atLeast(name: string, value: number, unit: string, limit: number, peer: string): Row {
  return { name, value, unit, limit, holds: value >= limit, peer };
}

/** Rounds for people; comparisons are made before. */
export function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
