import type { ListWalk } from './list-walk.ts';
import type { TrackedAccount } from './tracker.ts';

/** What to make of accounts that a sweep did not find. */
export interface Vanished {
  /** Certain to be gone. */
  readonly gone: readonly string[];
  /** To be asked for one by one. */
  readonly ask: readonly string[];
  /** Not found and not certain to be gone; goes into the next sweep's judgement. */
  readonly missing: ReadonlySet<string>;
  /** True when another sweep should look soon. */
  readonly lookAgain: boolean;
}

/** A complete sweep. */
export interface SweptList {
  readonly walk: Pick<ListWalk, 'has' | 'verified'>;
  /** When the pass that counts began: accounts known of since are not judged by it. Unix milliseconds. */
  readonly listedFrom: number;
}

const ASKED_ONE_BY_ONE = 20;

/**
 * Judges which accounts are gone. A few are asked for one by one. Many are believed to be gone when the list agreed with
 * itself, more than half of all only when two sweeps in a row say so: an outage may answer with an empty list.
 *
 * @param before what the last sweep left in {@link Vanished.missing}
 */
export function judgeVanished(
  accounts: Iterable<Pick<TrackedAccount, 'id' | 'time'>>,
  { walk, listedFrom }: SweptList,
  before: ReadonlySet<string>,
): Vanished {
  const missing = new Set<string>();
  const gone: string[] = [];
  let known = 0;
  for (const { id, time } of accounts) {
    known++;
    if (time >= listedFrom || walk.has(id)) continue;
    if (walk.verified && before.has(id)) gone.push(id);
    else missing.add(id);
  }
  if (missing.size <= ASKED_ONE_BY_ONE) return { gone, ask: [...missing], missing, lookAgain: false };
  if (walk.verified && missing.size <= known / 2)
    return { gone: [...gone, ...missing], ask: [], missing: new Set(), lookAgain: false };
  return { gone, ask: [], missing, lookAgain: true };
}
