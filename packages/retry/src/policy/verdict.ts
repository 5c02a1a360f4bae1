import {
  type ApiVersion,
  classifyFailure,
  classifyResponse,
  type Outcome,
  type RateLimitSource,
  type RetryReason,
  type Route,
} from '@nylas-otel/nylas-api';

/** What one attempt came to: Nylas's answer or its absence, as `nylas-api` reads it. */
export interface Verdict {
  /** HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  /** Worth another attempt in itself; method, body and keys are judged apart. */
  readonly retryable: boolean;
  readonly retryReason: RetryReason | undefined;
  readonly providerCaused: boolean;
  readonly rateLimitSource: RateLimitSource | undefined;
  /** The server's `Retry-After`, from the time of the answer, in milliseconds. */
  readonly retryAfterMs: number | undefined;
  /** True when the key store replayed the answer (`Idempotent-Response: true`). */
  readonly replayed: boolean;
  /** 409 `concurrent_idempotent_request`: the first request with this `Idempotency-Key` still runs. */
  readonly stillRunning: boolean;
  readonly requestId: string | undefined;
}

/** An answer, as a face of the package sees it. */
export interface AnswerFacts {
  readonly version: ApiVersion;
  readonly route: Route;
  readonly status: number;
  /** Value of a response header by lower-case name. */
  header(name: string): string | undefined;
  /** The parsed or raw body, where it was read. */
  readonly body?: unknown;
}

/** Reads an answer. */
export function judgeAnswer(facts: AnswerFacts, now: number): Verdict {
  const answer = classifyResponse(facts, now);
  return {
    status: facts.status,
    outcome: answer.outcome,
    errorType: answer.errorType,
    retryable: answer.retryable,
    retryReason: answer.retryReason,
    providerCaused: answer.providerCaused,
    rateLimitSource: answer.rateLimitSource,
    retryAfterMs: answer.retryAfterSeconds === undefined ? undefined : answer.retryAfterSeconds * 1000,
    replayed: answer.idempotentReplay,
    stillRunning: facts.status === 409 && answer.errorType === 'concurrent_idempotent_request',
    requestId: answer.requestId,
  };
}

/** Reads a failure without an answer. */
export function judgeFailure(error: unknown): Verdict {
  const failure = classifyFailure(error);
  return {
    status: 0,
    outcome: failure.outcome,
    errorType: failure.errorType,
    retryable: failure.retryable,
    retryReason: failure.retryReason,
    providerCaused: false,
    rateLimitSource: undefined,
    retryAfterMs: undefined,
    replayed: false,
    stillRunning: false,
    requestId: undefined,
  };
}

/** True when Nylas answered, and not with a failure that load may be the cause of. */
export function answered(verdict: Verdict): boolean {
  return verdict.status !== 0 && !verdict.retryable && !verdict.stillRunning;
}
