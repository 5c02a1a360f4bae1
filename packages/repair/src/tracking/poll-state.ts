import type { Runtime, WatchIdentity } from '@nylas-otel/accounts/tracking';
import { describeProblem, type Failure, isLasting, judgeTrouble } from '@nylas-otel/accounts/tracking';
import type { SweepCursor } from './sweep-cursor.ts';

/** Name of the collection that holds where each poll stands. */
export const POLLS = 'accounts.poll';

/** What keeps a poll from its work, as the store keeps it. */
export type PollProblem = ReturnType<typeof describeProblem>;

/** Where one poll stands. Plain data; times are Unix milliseconds. */
export interface PollState {
  /** When the next one begins. */
  readonly nextAt: number;
  /** The one under way, and when it began. */
  readonly cursor?: SweepCursor | undefined;
  readonly startedAt?: number | undefined;
  /** Not asked for before. */
  readonly heldUntil: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly problem?: PollProblem | undefined;
  /** When the last complete one began and ended. */
  readonly completeFrom?: number | undefined;
  readonly completeAt?: number | undefined;
}

/** A poll that never ran. */
export const NEW_POLL: PollState = { nextAt: 0, heldUntil: 0, failures: 0 };

/** True while Nylas refuses the application as a whole. */
export function isRefused({ problem }: PollState): boolean {
  return problem !== undefined && isLasting(problem.kind);
}

/** True when there is something to ask for. */
export function isDue({ cursor, nextAt, heldUntil }: PollState, now: number): boolean {
  return now >= heldUntil && (cursor !== undefined || now >= nextAt);
}

/** The state after a failed request: the walk goes on at the page where it stopped, unless the list made no sense. */
export function afterFailure(
  state: PollState,
  failure: Failure,
  identity: WatchIdentity,
  runtime: Pick<Runtime, 'now' | 'random'>,
): { readonly next: PollState; readonly said: PollProblem | undefined } {
  const failures = state.failures + 1;
  const { until, kind, lasting, unreadable, worthSaying } = judgeTrouble(failure, failures, runtime);
  const said =
    worthSaying && state.problem?.kind !== kind
      ? describeProblem(kind, failure, identity, runtime.now())
      : undefined;
  const begunAnew = lasting || unreadable ? { cursor: undefined, startedAt: undefined } : {};
  return {
    next: { ...state, ...begunAnew, failures, heldUntil: until, problem: said ?? state.problem },
    said,
  };
}

/** The state after a page: what was wrong is over once the list makes sense again. */
export function afterSuccess(state: PollState, whole: boolean): PollState {
  const { problem } = state;
  const keeps = problem?.kind === 'unreadable' && !whole;
  return { ...state, failures: 0, heldUntil: 0, problem: keeps ? problem : undefined };
}
