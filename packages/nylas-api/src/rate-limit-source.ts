import type { ErrorBody } from './error-body.ts';
import { errorTypeLabel } from './error-types.ts';
import type { RateLimitSource } from './outcomes.ts';
import { headerOf, type ResponseFacts } from './response-facts.ts';

// v2's words for a limit of the mail server (sync-engine, sendmail/smtp). Nylas's own say nothing of sending.
const V2_PROVIDER_TEXTS = ['provider send throttling', 'sending quota', 'email quota'];

/**
 * Whose limit a 429 is. The body decides when it can: a provider error in it is the provider's, a `nylas_*` type
 * Nylas's. What it leaves open:
 *
 * - Endpoints that no provider stands behind (`admin`, v2 management) are limited by Nylas.
 * - v2 sends `X-RateLimit-*` for its own limits.
 * - v3 documents `Retry-After` for throttled providers only, so it decides when the body was not read. A body that was
 *   read and names no provider speaks against it: `unknown`.
 */
export function rateLimitSourceOf(facts: ResponseFacts, body: ErrorBody): RateLimitSource {
  if (body.hasProviderError) return 'provider';
  const label = body.type === undefined ? undefined : errorTypeLabel(body.type);
  if (label === 'nylas_rate_limit_exceeded' || body.type?.startsWith('nylas_')) return 'nylas';
  if (label === 'quota_exceeded_error') return 'provider';
  return facts.version === 'v3' ? v3Source(facts, body) : v2Source(facts, body);
}

function v3Source(facts: ResponseFacts, body: ErrorBody): RateLimitSource {
  const { route } = facts;
  // Signing in talks to the provider's OAuth server.
  if (route?.endpointClass === 'admin' && route.resource !== 'auth') return 'nylas';
  const mayBeProxied = route === undefined || !route.known || route.proxied;
  return body.kind === 'none' && mayBeProxied && headerOf(facts, 'retry-after') !== undefined
    ? 'provider'
    : 'unknown';
}

function v2Source(facts: ResponseFacts, body: ErrorBody): RateLimitSource {
  const message = body.message.toLowerCase();
  if (V2_PROVIDER_TEXTS.some((text) => message.includes(text))) return 'provider';
  const limits = headerOf(facts, 'x-ratelimit-limit') ?? headerOf(facts, 'x-ratelimit-reset');
  const endpointClass = facts.route?.endpointClass;
  const management = endpointClass === 'v2_application' || endpointClass === 'v2_ip_addresses';
  return limits !== undefined || (management && facts.route?.resource !== 'auth') ? 'nylas' : 'unknown';
}
