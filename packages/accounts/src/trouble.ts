import type { Failure } from './nylas-request.ts';
import { type BackoffShape, backoffMs } from './pacer.ts';
import {
  describeProblem,
  isLasting,
  type ProblemKind,
  problemKind,
  type WatchIdentity,
  type WatchProblem,
} from './problem.ts';
import type { Runtime } from './runtime.ts';

/** Which requests failed or worked: a poll's, or the probe of the credentials. */
export type TroubleSource = 'sweep' | 'invalid' | 'probe';

/** What to do about a failed request. */
export interface TroubleVerdict {
  readonly kind: ProblemKind;
  /** When to ask again; Unix milliseconds. */
  readonly until: number;
  /** True when waiting does not help: Nylas refuses the application as a whole. */
  readonly lasting: boolean;
  /** True when the answer was no list, so that what was read of it cannot be gone on with. */
  readonly unreadable: boolean;
  /** True when people should hear of it. */
  readonly worthSaying: boolean;
  /** True when it is time to say that the accounts cannot be read. */
  readonly serious: boolean;
}

/** Who is told of problems. */
export interface TroubleListener {
  /** A problem began, or became another one. */
  problem(problem: WatchProblem): void;
  /** The problem is over. */
  solved(problem: WatchProblem): void;
}

const PASSING: BackoffShape = { firstMs: 1_000, mostMs: 300_000 };
// Nobody mends a key within seconds, and a refused application should not be knocked at.
const REFUSED: BackoffShape = { firstMs: 60_000, mostMs: 900_000 };
const MOST_RETRY_AFTER_MS = 3_600_000;
const SERIOUS_AFTER = 3;
const SERIOUS_WAIT_MS = 60_000;

/** What goes wrong with list requests: how long to wait, and what to say, once. */
export class Troubles {
  readonly #identity: WatchIdentity;
  readonly #runtime: Runtime;
  readonly #listener: TroubleListener;
  /** Failures in a row. */
  readonly #failures = new Map<TroubleSource, number>();
  #problem: WatchProblem | undefined;
  #source: TroubleSource | undefined;

  constructor(identity: WatchIdentity, runtime: Runtime, listener: TroubleListener) {
    this.#identity = identity;
    this.#runtime = runtime;
    this.#listener = listener;
  }

  /** What is wrong at present. */
  get problem(): WatchProblem | undefined {
    return this.#problem;
  }

  /** True while Nylas refuses the application as a whole. */
  get refused(): boolean {
    return this.#problem !== undefined && isLasting(this.#problem.kind);
  }

  /** A request failed. */
  failed(source: TroubleSource, failure: Failure): TroubleVerdict {
    const failures = (this.#failures.get(source) ?? 0) + 1;
    this.#failures.set(source, failures);
    const verdict = judgeTrouble(failure, failures, this.#runtime);
    const { kind } = verdict;
    if (verdict.worthSaying && this.#problem?.kind !== kind) {
      this.#problem = describeProblem(kind, failure, this.#identity, this.#runtime.now());
      this.#source = source;
      this.#listener.problem(this.#problem);
    }
    return verdict;
  }

  /**
   * A request worked: what was wrong with its source is over, and nobody is refused any more.
   * @param whole true when the list was read to its end; the first pages of one that makes no sense may well be read
   */
  worked(source: TroubleSource, whole: boolean): void {
    if (this.#failures.size === 0) return;
    const problem = this.#problem;
    if (problem?.kind === 'unreadable' && this.#source === source && !whole) return;
    if (this.refused) this.#failures.clear();
    else this.#failures.delete(source);
    if (problem === undefined || !(this.refused || this.#source === source || this.#source === 'probe'))
      return;
    this.#problem = undefined;
    this.#listener.solved(problem);
  }

  /** When to ask again after `failures` failures in a row; Unix milliseconds. */
  until(failure: Failure, failures: number): number {
    return retryAt(failure, failures, PASSING, this.#runtime);
  }
}

/** What to do about the `failures`th failure in a row of one kind of request. */
export function judgeTrouble(failure: Failure, failures: number, chance: Chance): TroubleVerdict {
  const kind = problemKind(failure);
  const lasting = isLasting(kind);
  const unreadable = kind === 'unreadable';
  const until = retryAt(failure, failures, lasting ? REFUSED : PASSING, chance);
  const repeated = failures >= SERIOUS_AFTER;
  return {
    kind,
    until,
    lasting,
    unreadable,
    worthSaying: lasting || unreadable || repeated,
    serious: lasting || repeated || until - chance.now() > SERIOUS_WAIT_MS,
  };
}

type Chance = Pick<Runtime, 'now' | 'random'>;

function retryAt(
  { retryAfterSeconds }: Failure,
  failures: number,
  shape: BackoffShape,
  chance: Chance,
): number {
  const backoff = backoffMs(failures, shape, chance.random());
  // Never before the time Nylas named, and a little after it so that replicas do not all come at once.
  const asked = Math.min((retryAfterSeconds ?? 0) * 1_000, MOST_RETRY_AFTER_MS);
  return chance.now() + Math.max(backoff, asked * (1 + chance.random() / 10));
}
