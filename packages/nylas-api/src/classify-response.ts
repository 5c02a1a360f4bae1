import { accountSignalOf, refusesCredentials } from './account-signal.ts';
import { type ErrorBody, readErrorBody } from './error-body.ts';
import { errorTypeLabel } from './error-types.ts';
import type { AccountSignal, Outcome, RateLimitSource, RetryReason } from './outcomes.ts';
import { rateLimitSourceOf } from './rate-limit-source.ts';
import { headerOf, isSend, type ResponseFacts } from './response-facts.ts';
import { parseRetryAfter } from './retry-after.ts';
import { idToken } from './untrusted.ts';

/** What an answer means. */
export interface ResponseClass {
  readonly outcome: Outcome;
  /**
   * For `error.type`: Nylas's own type when it is catalogued, `_OTHER` when it is not, the status code when there is
   * none. Undefined on success.
   */
  readonly errorType: string | undefined;
  /** Whose limit it was; undefined unless the status is 429. */
  readonly rateLimitSource: RateLimitSource | undefined;
  /** Whether sending again may help. Whether it is safe (method, idempotency) is for the one who sends. */
  readonly retryable: boolean;
  /** Set whenever `retryable` is true. */
  readonly retryReason: RetryReason | undefined;
  /**
   * Whether the answer itself says that the mail provider or connector is behind the failure. Never guessed: a send
   * that failed for the provider's sake needs a new idempotency key, any other the same one.
   */
  readonly providerCaused: boolean;
  /** Seconds to wait before sending again, when the answer says so. Not capped. */
  readonly retryAfterSeconds: number | undefined;
  /** Nylas's id of the request, from `x-request-id` or the body. */
  readonly requestId: string | undefined;
  /** Whether the answer was replayed from Nylas's idempotency store. */
  readonly idempotentReplay: boolean;
  /** What the answer says of the account it was asked for. */
  readonly accountSignal: AccountSignal | undefined;
}

const RETRY_REASONS: Readonly<Partial<Record<Outcome, RetryReason>>> = {
  rate_limited: 'rate_limited',
  provider_limited: 'rate_limited',
  server_error: 'server_error',
  provider_error: 'provider_error',
  timeout: 'timeout',
  network_error: 'network_error',
};
const GMAIL_RETRY_AFTER = 'Retry after ';

/**
 * What an answer of Nylas means.
 *
 * - 429 is `provider_limited` when the provider's limit is certain, else `rate_limited`; see `rateLimitSource`.
 * - 401 is `invalid_credentials`; so are v2's 403 for credentials out of date and a 400 that names an invalid API key.
 * - 504, and any 5xx that carries a provider error, is `provider_error`. A 504 is judged by its body: without a provider
 *   error in it (an HTML page of the edge) it is Nylas's, `server_error`. When the body was not read, the route decides:
 *   `provider_error` where the call reaches the provider.
 * - 408 is `timeout`, every other 5xx (520 too) `server_error`, every other 4xx `client_error`.
 * - v2's 200 for a send that failed for some recipients is `client_error` with the type it names.
 * - A status outside 100 to 599 is no answer: `network_error`, `_OTHER`.
 *
 * 409 `concurrent_idempotent_request` is retryable (with the same key); its reason is `server_error`, as Nylas is not
 * done yet. v2's 202 "not ready" is a success.
 *
 * Never throws, whatever the body, and nothing of the body's free text is in the result.
 *
 * @param now The present in milliseconds since 1970; `Date.now()` when left out.
 */
export function classifyResponse(facts: ResponseFacts, now?: number): ResponseClass {
  const { status } = facts;
  if (status >= 100 && status < 400) {
    const failures = partialFailureOf(facts);
    return failures === undefined ? success(facts) : failure(facts, failures, 'client_error', now);
  }
  const body = readErrorBody(bodyOf(facts));
  return failure(facts, body, outcomeOf(facts, body), now);
}

// v2 answers 200 when some recipients were served and others refused.
function partialFailureOf(facts: ResponseFacts): ErrorBody | undefined {
  const { version, status, route } = facts;
  if (version !== 'v2' || status !== 200 || (route?.known === true && !isSend(route))) return undefined;
  const body = readErrorBody(bodyOf(facts));
  return body.hasFailures && body.type === 'api_error' ? body : undefined;
}

function outcomeOf(facts: ResponseFacts, body: ErrorBody): Outcome {
  const { status, version, route } = facts;
  if (!(status >= 100 && status < 600)) return 'network_error';
  if (status === 429)
    return rateLimitSourceOf(facts, body) === 'provider' ? 'provider_limited' : 'rate_limited';
  if (status === 408) return 'timeout';
  if (status < 500) return refusesCredentials(version, status, body) ? 'invalid_credentials' : 'client_error';
  if (isProviderError(body)) return 'provider_error';
  return status === 504 && body.kind === 'none' && route?.proxied === true
    ? 'provider_error'
    : 'server_error';
}

function failure(
  facts: ResponseFacts,
  body: ErrorBody,
  outcome: Outcome,
  now: number | undefined,
): ResponseClass {
  const { status } = facts;
  const errorType = errorTypeOf(status, body);
  const retryReason =
    errorType === 'concurrent_idempotent_request'
      ? 'server_error'
      : // Not implemented, and not supported, stay so.
        status === 501 || status === 505
        ? undefined
        : RETRY_REASONS[outcome];
  return {
    outcome,
    errorType,
    rateLimitSource: status === 429 ? rateLimitSourceOf(facts, body) : undefined,
    retryable: retryReason !== undefined,
    retryReason,
    providerCaused: isProviderError(body) || isRejectedSend(facts),
    retryAfterSeconds: retryAfterOf(facts, body, now),
    requestId: idToken(headerOf(facts, 'x-request-id')) ?? body.requestId,
    idempotentReplay: isReplay(facts),
    accountSignal: accountSignalOf(facts, body),
  };
}

function success(facts: ResponseFacts): ResponseClass {
  return {
    outcome: 'success',
    errorType: undefined,
    rateLimitSource: undefined,
    retryable: false,
    retryReason: undefined,
    providerCaused: false,
    retryAfterSeconds: undefined,
    requestId: idToken(headerOf(facts, 'x-request-id')),
    idempotentReplay: isReplay(facts),
    accountSignal: undefined,
  };
}

function errorTypeOf(status: number, body: ErrorBody): string {
  if (body.type !== undefined) return errorTypeLabel(body.type);
  return Number.isInteger(status) && status >= 100 && status < 600 ? `${status}` : '_OTHER';
}

function isProviderError(body: ErrorBody): boolean {
  if (body.hasProviderError) return true;
  if (body.type === undefined) return false;
  const label = errorTypeLabel(body.type);
  return label === 'provider_error' || label === 'partial_success_error';
}

// Documented for sends only: 402 is a message or recipient the provider refused, 422 an error of its mail server.
function isRejectedSend({ status, route }: ResponseFacts): boolean {
  return (status === 402 || status === 422) && route !== undefined && isSend(route);
}

function retryAfterOf(facts: ResponseFacts, body: ErrorBody, now: number | undefined): number | undefined {
  const time = now ?? Date.now();
  const value = headerOf(facts, 'retry-after');
  const seconds = value === undefined ? undefined : parseRetryAfter(value, time);
  if (seconds !== undefined || facts.status !== 429) return seconds;
  if (facts.version === 'v2') {
    const reset = headerOf(facts, 'x-ratelimit-reset');
    return reset === undefined ? undefined : parseRetryAfter(reset, time);
  }
  return gmailRetryAfter(body.providerMessage, time);
}

// Google sends no header: "User-rate limit exceeded. Retry after 2026-01-01T00:00:00.000Z".
function gmailRetryAfter(message: string, now: number): number | undefined {
  const start = message.indexOf(GMAIL_RETRY_AFTER);
  if (start === -1) return undefined;
  const iso = message.slice(start + GMAIL_RETRY_AFTER.length).split(/[\s)"]/, 1)[0] ?? '';
  const time = /^\d{4}-\d\d-\d\dT[\d:.]{5,12}Z$/.test(iso) ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(time) ? undefined : Math.max(0, (time - now) / 1_000);
}

function isReplay(facts: ResponseFacts): boolean {
  return headerOf(facts, 'idempotent-response')?.toLowerCase() === 'true';
}

function bodyOf(facts: ResponseFacts): unknown {
  try {
    return facts.body;
  } catch {
    return undefined;
  }
}
