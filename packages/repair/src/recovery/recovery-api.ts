import {
  type BackoffShape,
  backoffMs,
  type Connection,
  type Failure,
  type NylasRequest,
  type Runtime,
  requestNylas,
} from '@nylas-otel/accounts/tracking';
import type { BudgetClass, RequestBudget } from './request-budget.ts';

/** An account as recovery reads it. */
export interface RecoveryAccount {
  readonly id: string;
  /** A value of `nylas.provider`. */
  readonly provider: string;
}

/**
 * Why something could not be read.
 * - `refused`: 401, 403, 423: the account must be re-authenticated first
 * - `missing`: 404, 410
 * - `rejected`: another 4xx, or a body that makes no sense
 * - `unavailable`: it failed again and again
 * - `closed`: we were told to stop
 */
export type ReadProblem = 'refused' | 'missing' | 'rejected' | 'unavailable' | 'closed';

/** Something could not be read. */
export class ReadError extends Error {
  override readonly name = 'ReadError';
  readonly problem: ReadProblem;
  readonly failure: Failure;

  constructor(problem: ReadProblem, failure: Failure) {
    super(`Nylas cannot be read: ${problem} (${failure.status || (failure.errorType ?? 'no answer')})`);
    this.problem = problem;
    this.failure = failure;
  }
}

/** What {@link RecoveryApi} needs. */
export interface RecoveryApiOptions {
  readonly connection: Connection;
  readonly budget: RequestBudget;
  readonly runtime: Runtime;
  readonly closing: AbortSignal;
  /** Runs a request as part of the span of the run, and counts it. */
  readonly around: <T>(work: () => Promise<T>) => Promise<T>;
}

const PASSING: BackoffShape = { firstMs: 1_000, mostMs: 60_000 };
const MOST_TRIES = 6;
// Exchange servers throttle for about 20 minutes.
const MOST_RETRY_AFTER_MS = 30 * 60_000;
const DATA_HEADER = 'nylas-provider-request-count';

/** Reads from Nylas within a budget, again and again where that helps. */
export class RecoveryApi {
  readonly #options: RecoveryApiOptions;

  constructor(options: RecoveryApiOptions) {
    this.#options = options;
  }

  get closing(): AbortSignal {
    return this.#options.closing;
  }

  /** Frees what is kept for an account that is done. */
  forget(account: RecoveryAccount): void {
    this.#options.budget.forget(account.id);
  }

  /**
   * @param request `url` is the path and query
   * @param parse undefined when the body is not what the API answers
   * @throws {ReadError}
   */
  async read<T>(
    account: RecoveryAccount,
    request: NylasRequest,
    parse: (body: unknown) => T | undefined,
    kind: BudgetClass = 'data',
  ): Promise<T> {
    const { connection, budget, runtime, closing, around } = this.#options;
    const { base, authorization, timeoutMs, fetch, profile } = connection;
    for (let tries = 1; ; tries++) {
      await budget.take(account.id, account.provider, kind, closing);
      const reply = await around(() =>
        requestNylas(
          { authorization, ...request, url: base + request.url },
          { version: profile.version, timeoutMs, fetch, closing },
          (body, header) => {
            budget.charge(account.id, account.provider, Number(header(DATA_HEADER) ?? 1) - 1);
            const value = parse(body);
            return value === undefined ? undefined : { value };
          },
        ),
      );
      if (reply.ok) return reply.value.value;
      const { failure } = reply;
      const problem = problemOf(failure, closing);
      if (problem !== undefined) throw new ReadError(problem, failure);
      if (tries >= MOST_TRIES) throw new ReadError('unavailable', failure);
      const asked = Math.min((failure.retryAfterSeconds ?? 0) * 1_000, MOST_RETRY_AFTER_MS);
      const pause = Math.max(asked, backoffMs(tries, PASSING, runtime.random()));
      budget.pause(account.id, kind, runtime.now() + pause);
    }
  }
}

/** Undefined when it may work the next time. */
function problemOf({ status, unreadable }: Failure, closing: AbortSignal): ReadProblem | undefined {
  if (closing.aborted) return 'closed';
  if (status === 401 || status === 403 || status === 423) return 'refused';
  if (status === 404 || status === 410) return 'missing';
  if (status === 408 || status === 429) return undefined;
  if (unreadable && status >= 200 && status < 300) return undefined;
  return status >= 300 && status < 500 ? 'rejected' : undefined;
}
