import { FAILURE_KINDS, type FailureCounts, type FailureKind } from './hurting-report.ts';

/** How far back failures are kept. */
export const MINUTES_KEPT = 60;

// One column for each kind, and one for what another account's failures may hide (see `inherit`).
const INHERITED = FAILURE_KINDS.length;
const COLUMNS = FAILURE_KINDS.length + 1;

/** What {@link FailureMinutes.over} adds up. */
export interface FailureSum {
  readonly counts: FailureCounts;
  readonly failures: number;
  readonly inherited: number;
}

/** Failures by kind for each of the last 60 minutes: a ring of numbers, of a size that never changes. */
export class FailureMinutes {
  readonly #ring = new Uint32Array(MINUTES_KEPT * COLUMNS);
  #total = 0;

  /** Everything kept, what was inherited included. */
  get total(): number {
    return this.#total;
  }

  /** Counts one failure. `minute` is the newest one. */
  add(minute: number, kind: FailureKind): void {
    const at = rowOf(minute) + FAILURE_KINDS.indexOf(kind);
    this.#ring[at] = (this.#ring[at] ?? 0) + 1;
    this.#total++;
  }

  /** Moves on to `minute`: those that fall out of the hour are forgotten. */
  advance(from: number, to: number): void {
    for (let minute = Math.max(from, to - MINUTES_KEPT) + 1; minute <= to; minute++) {
      const row = rowOf(minute);
      for (let column = 0; column < COLUMNS; column++) this.#total -= this.#ring[row + column] ?? 0;
      this.#ring.fill(0, row, row + COLUMNS);
    }
  }

  /** Gives the place to another account: the counts so far are the most that it may have failed unseen. */
  inherit(): void {
    const ring = this.#ring;
    for (let row = 0; row < ring.length; row += COLUMNS) {
      let sum = 0;
      for (let at = row; at < row + COLUMNS; at++) {
        sum += ring[at] ?? 0;
        ring[at] = 0;
      }
      ring[row + INHERITED] = sum;
    }
  }

  /** Adds up the last `minutes`, `minute` being the newest. */
  over(minute: number, minutes: number): FailureSum {
    const sums = new Array<number>(COLUMNS).fill(0);
    for (let back = 0; back < minutes; back++) {
      const row = rowOf(minute - back);
      for (let column = 0; column < COLUMNS; column++) {
        sums[column] = (sums[column] ?? 0) + (this.#ring[row + column] ?? 0);
      }
    }
    const kinds = FAILURE_KINDS.map((kind, column) => [kind, sums[column] ?? 0] as const);
    return {
      counts: Object.fromEntries(kinds) as Record<FailureKind, number>,
      failures: kinds.reduce((sum, [, count]) => sum + count, 0),
      inherited: sums[INHERITED] ?? 0,
    };
  }
}

function rowOf(minute: number): number {
  return (minute % MINUTES_KEPT) * COLUMNS;
}
