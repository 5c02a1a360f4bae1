/**
 * Nylas's error types, without the `api.` prefix that some endpoints write: the only ones that may appear as
 * `error.type`, besides status codes and `NETWORK_ERROR_TYPES`.
 */
export const ERROR_TYPES: readonly string[] = [
  // v3, the documented table.
  'authentication_error',
  'invalid_request_error',
  'invalid_request_payload',
  'not_found_error',
  'resource_blocked',
  'partial_not_found_error',
  'partial_success_error',
  'provider_error',
  'rate_limit_error',
  'internal_error',
  'token.unauthorized_access',
  'token.exchange_failed',
  'grant.not_found',
  'grant.refresh_token_invalid',
  'grant.access_denied',
  'grant.invalid_authentication',
  'grant.callback_uri_not_allowed',
  'grant.login_id_invalid',
  'grant.provider_required',
  'grant.reauth_email_invalid',
  'grant.scopes_conflict',
  'grant.gmail_domain_invalid',
  // v3, older pages and the examples of the OpenAPI document.
  'bad_request',
  'unauthorized',
  'unauthorized_access',
  'invalid_query_params',
  'invalid_field',
  'insufficient_scopes',
  'invalid_idempotency_key',
  'invalid_idempotent_request',
  'concurrent_idempotent_request',
  'conflict',
  'prompt_required_error',
  'prompt_not_allowed_error',
  'message_id_required_error',
  'grant_id_required_error',
  'unknown_message_sender_error',
  'validation_error',
  'unexpected_error',
  // v3, seen on rate limits and in the SDKs' own tests.
  'nylas_rate_limit_exceeded',
  'quota_exceeded_error',
  'server_error',
  // `connector.*`, `application.*` rows exist that we have not seen; their `not_found` is kept apart from the grant's.
  'not_found',
  // v3 webhook destinations answer 400 with a number: unknown destination, no application, URL not verified.
  '70000',
  '70001',
  '70005',
  // OAuth 2.0 (RFC 6749, 6750) on /v3/connect/*.
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_token',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'access_denied',
  'temporarily_unavailable',
  // v2.
  'api_error',
  'auth_error',
  'database_error',
];

const LONGEST = 64;
const catalogue = new Set(ERROR_TYPES);

// Dotted types are also seen bare: `refresh_token_invalid` is `grant.refresh_token_invalid`. A bare type of the
// catalogue keeps its own name (`access_denied` is OAuth's).
const dottedByLastSegment = new Map(
  ERROR_TYPES.filter((type) => type.includes('.')).map((type) => [lastSegment(type), type]),
);

/**
 * Nylas's error type as a label: itself when it is catalogued, without the `api.` prefix; `_OTHER` for anything else.
 *
 * Two spellings coexist, so the last segment is compared: `api.rate_limit_error` and `rate_limit_error` are one,
 * `xyz.not_found_error` is `not_found_error`, and `refresh_token_invalid` is `grant.refresh_token_invalid`. Status codes
 * and network error types are not Nylas's and become `_OTHER`.
 */
export function errorTypeLabel(type: string): string {
  if (catalogue.has(type)) return type;
  if (type.length > LONGEST) return '_OTHER';
  const bare = type.startsWith('api.') ? type.slice('api.'.length) : type;
  if (catalogue.has(bare)) return bare;
  const last = lastSegment(bare);
  if (catalogue.has(last)) return last;
  return (last === bare ? dottedByLastSegment.get(bare) : undefined) ?? '_OTHER';
}

function lastSegment(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}
