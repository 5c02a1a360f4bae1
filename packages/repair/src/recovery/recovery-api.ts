import {
  type BackoffShape,
  backoffMs,
  type Connection,
  type Failure,
  type NylasRequest,
  type Reply,
  type Runtime,
  requestNylas,
} from '@nylas-otel/accounts/tracking';
import type { BudgetClass, ProviderCost, RequestBudget } from './request-budget.ts';

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

/** Says when requests may be sent at all, budget or not. */
export interface Turns {
  /** Resolves when it may be, or when everything ends; with what is to be called after the answer. */
  enter(): Promise<() => void>;
}

/** What {@link RecoveryApi} needs. */
export interface RecoveryApiOptions {
  readonly connection: Connection;
  readonly budget: RequestBudget;
  readonly runtime: Runtime;
  readonly closing: AbortSignal;
  /** Default: at any time. */
  readonly turns?: Turns;
  /** Runs a request as part of the span of the run, and counts it. */
  readonly around: <T>(work: () => Promise<T>) => Promise<T>;
}

const PASSING: BackoffShape = { firstMs: 1_000, mostMs: 60_000 };
const MOST_TRIES = 6;
// Exchange servers throttle for about 20 minutes.
const MOST_RETRY_AFTER_MS = 30 * 60_000;
const CALLS_HEADER = 'nylas-provider-request-count';
const UNITS_HEADER = 'nylas-gmail-quota-usage';
const ALWAYS: Turns = { enter: async () => () => {} };

/** Reads from Nylas within a budget, again and again where that helps. */
export class RecoveryApi {
  readonly #options: RecoveryApiOptions;

  constructor(options: RecoveryApiOptions) {
    this.#options = options;
  }

  get closing(): AbortSignal {
    return this.#options.closing;
  }

  /** How many objects of an account to ask for at once. */
  pageSize({ provider }: RecoveryAccount): number {
    return this.#options.budget.pageSize(provider);
  }

  /** Frees what is kept for an account that is done. */
  forget(account: RecoveryAccount): void {
    this.#options.budget.forget(account.id);
  }

  /**
   * @param request `url` is the path and query
   * @param parse undefined when the body is not what the API answers. Is told as of when it was read: Unix milliseconds on
   * Nylas's clock from before which every change is in it; undefined where Nylas does not say
   * @throws {ReadError}
   */
  async read<T>(
    account: RecoveryAccount,
    request: NylasRequest,
    parse: (body: unknown, readAt: number | undefined) => T | undefined,
    kind: BudgetClass = 'data',
  ): Promise<T> {
    const { budget, runtime, closing } = this.#options;
    for (let tries = 1; ; tries++) {
      const reply = await this.#ask(account, request, parse, kind);
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

  async #ask<T>(
    account: RecoveryAccount,
    request: NylasRequest,
    parse: (body: unknown, readAt: number | undefined) => T | undefined,
    kind: BudgetClass,
  ): Promise<Reply<{ readonly value: T }>> {
    const { connection, closing, around, runtime } = this.#options;
    const { base, authorization, timeoutMs, fetch, profile } = connection;
    const answered = await this.#begin(account, kind);
    let cost: ProviderCost = { calls: 1, quotaUnits: 0 };
    const sentAt = runtime.now();
    try {
      return await around(() =>
        requestNylas(
          { authorization, ...request, url: base + request.url },
          { version: profile.version, timeoutMs, fetch, closing },
          (body, header) => {
            cost = {
              calls: Number(header(CALLS_HEADER) ?? 1),
              quotaUnits: Number(header(UNITS_HEADER) ?? 0),
            };
            const value = parse(body, readTime(header('date'), runtime.now() - sentAt));
            return value === undefined ? undefined : { value };
          },
        ),
      );
    } finally {
      answered(cost);
    }
  }

  /** Resolves when the request may be sent, and counts it. A turn is not held while the budget makes us wait. */
  async #begin({ id, provider }: RecoveryAccount, kind: BudgetClass): Promise<(cost: ProviderCost) => void> {
    const { budget, runtime, closing, turns = ALWAYS } = this.#options;
    for (;;) {
      const leave = await turns.enter();
      const wait = budget.waitMs(id, provider, kind);
      if (wait <= 0 || closing.aborted) {
        const price = budget.take(id, provider, kind);
        return (cost) => {
          price(cost);
          leave();
        };
      }
      leave();
      await runtime.sleep(wait, closing, true);
    }
  }
}

/**
 * When a request was under way at the earliest, on Nylas's clock: its answer is dated after Nylas has read, so all the time
 * that it took is taken off.
 */
function readTime(date: string | undefined, tookMs: number): number | undefined {
  const answeredAt = date === undefined ? Number.NaN : Date.parse(date);
  // Our clock was set back meanwhile.
  return Number.isNaN(answeredAt) || tookMs < 0 ? undefined : answeredAt - tookMs;
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
