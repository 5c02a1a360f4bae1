/**
 * How a request ended.
 *
 * - `rate_limited`: limited by Nylas, or nobody can tell by whom; `provider_limited`: limited by the mail provider
 * - `invalid_credentials`: the key, token or the account's own credentials were refused
 * - `client_error`: any other 4xx, and a v2 send that answers 200 with failures
 * - `provider_error`: the mail provider failed behind Nylas; `server_error`: Nylas or its edge did
 * - `timeout`, `network_error`, `cancelled`: no answer; `cancelled` is the caller's own doing
 */
export type Outcome =
  | 'success'
  | 'client_error'
  | 'invalid_credentials'
  | 'rate_limited'
  | 'provider_limited'
  | 'server_error'
  | 'provider_error'
  | 'timeout'
  | 'network_error'
  | 'cancelled';

/** Whose limit a 429 is. */
export type RateLimitSource = 'nylas' | 'provider' | 'unknown';

/** Why sending again may help. */
export type RetryReason = 'rate_limited' | 'server_error' | 'provider_error' | 'timeout' | 'network_error';

/**
 * What an answer says of the account it was asked for. A hint, to be confirmed by reading the account again: a wrong key
 * or region is a 401 too.
 *
 * - `invalid_credentials`: the user has to authenticate again
 * - `stopped`, `cancelled`: v2 refuses writes because sync has stopped or the account was cancelled
 * - `deleted`: the account or grant does not exist
 * - `refused`: v2 refuses something, and why (stopped, invalid, or no matter of the account) stands in a body that was not read
 */
export type AccountSignal = 'invalid_credentials' | 'stopped' | 'cancelled' | 'deleted' | 'refused';
