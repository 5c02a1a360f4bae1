import type { Exchange } from '../http/exchange.ts';
import {
  type ErrorDetails,
  jsonReply,
  oauthError,
  type Reply,
  textReply,
  v2Error,
  v2Unauthorized,
  v3Error,
} from '../http/reply.ts';
import { MAILBOX_CONCURRENCY, v2RateLimit } from '../limits/limiter.ts';
import type { FaultName, FaultOptions } from './fault-rule.ts';

/** What a fault does to a request. */
export type FaultEffect =
  /** Answers instead of the route. `stored`: an idempotent send keeps the answer, as Nylas does with provider errors. */
  | { readonly kind: 'reply'; readonly reply: FaultReply; readonly stored?: boolean }
  /** Lets the route do its work, then answers something else. */
  | { readonly kind: 'accept_then'; readonly reply: FaultReply }
  /** Answers as usual, later. */
  | { readonly kind: 'delay'; readonly defaultMs: number }
  /** Sends 103 first. */
  | { readonly kind: 'early_hints' }
  /** Answers as usual, but the body ends badly. */
  | { readonly kind: 'ending'; readonly how: 'stall' | 'reset' }
  /** Never answers. */
  | { readonly kind: 'silence' }
  /** Cuts the connection without an answer. */
  | { readonly kind: 'reset' };

type FaultReply = (x: Exchange, options: FaultOptions) => Reply;

interface StandardError {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly providerError?: (x: Exchange, options: FaultOptions) => unknown;
  readonly retryAfter?: number;
}

/** A fault in the standard shape of the API it is asked of, with its options laid over. */
function standard(v3: StandardError, v2: (x: Exchange, options: FaultOptions) => Reply): FaultReply {
  return (x, options) => {
    if (x.version === 'v2') return v2(x, options);
    const provider =
      options.providerError === undefined
        ? v3.providerError?.(x, options)
        : (options.providerError ?? undefined);
    const details: ErrorDetails = {
      headers: retryAfter(options.retryAfter === undefined ? v3.retryAfter : options.retryAfter),
      ...(provider === undefined ? {} : { providerError: provider }),
    };
    return v3Error(
      x.requestId,
      options.status ?? v3.status,
      options.type ?? v3.type,
      options.message ?? v3.message,
      details,
    );
  };
}

/** The v2 counterpart: `{message, type}` and, where the provider spoke, `server_error`. */
function v2Standard(status: number, type: string, message: string, serverError?: string): FaultReply {
  return (_x, options) =>
    v2Error(
      options.status ?? status,
      options.type ?? type,
      options.message ?? message,
      serverError === undefined ? {} : { server_error: serverError },
      retryAfter(options.retryAfter),
    );
}

function retryAfter(value: number | string | null | undefined): readonly string[] {
  return value === undefined || value === null ? [] : ['retry-after', String(value)];
}

const isMicrosoft = (x: Exchange): boolean =>
  x.grant?.provider === 'microsoft' || x.grant?.provider === 'ews';

/** How long a provider asks to wait unless the rule says otherwise. */
const THROTTLE_SECONDS = 2;

/** Google says in words until when; the header says the same. */
function userRateLimit(x: Exchange, { retryAfter: seconds }: FaultOptions): string {
  const wait = typeof seconds === 'number' ? seconds : THROTTLE_SECONDS;
  return `User-rate limit exceeded. Retry after ${new Date(x.world.now() + wait * 1000).toISOString()}`;
}

const TOO_MANY = 'Too many requests, please try again shortly.';
const CREDENTIALS =
  "This action can't be performed because the account's credentials are out of date. Please reauthenticate and try again.";
const HTML_502 =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n';
const HTML_520 =
  '<!DOCTYPE html>\n<html><head><title>api.nylas.com | 520: Web server is returning an unknown error</title></head><body>Web server is returning an unknown error. Error code 520</body></html>\n';
const DEFAULT_HUGE = 8 * 1024 * 1024;

/** Answers of the edge in front of Nylas: no request id, no JSON. */
function edge(status: number, body: string): Reply {
  return { ...textReply(status, body, 'text/html'), edge: true };
}

const unauthorized = standard(
  { status: 401, type: 'token.unauthorized_access', message: 'Bearer token invalid' },
  () => v2Unauthorized(),
);
const timeoutReply = standard(
  { status: 504, type: 'provider_error', message: 'Provider request timed out.' },
  v2Standard(504, 'api_error', 'Gateway timeout.'),
);

/** Every fault, in the order of {@link FAULT_NAMES}. */
export const FAULTS: Readonly<Record<FaultName, FaultEffect>> = {
  rate_limit_nylas: {
    kind: 'reply',
    reply: standard({ status: 429, type: 'nylas_rate_limit_exceeded', message: TOO_MANY }, (_x, options) =>
      v2RateLimit(options.message ?? 'Account rate limit exceeded, please slow down.', 50, 1),
    ),
  },
  rate_limit_provider: {
    kind: 'reply',
    stored: true,
    reply: standard(
      {
        status: 429,
        type: 'rate_limit_error',
        message: TOO_MANY,
        retryAfter: THROTTLE_SECONDS,
        providerError: (x, options) =>
          isMicrosoft(x)
            ? { error: { code: 'TooManyRequests', message: 'Too many requests, retry later.' } }
            : { error: { code: 429, message: userRateLimit(x, options), status: 'RESOURCE_EXHAUSTED' } },
      },
      v2Standard(429, 'api_error', 'Temporary provider send throttling', '421 4.7.0 Try again later'),
    ),
  },
  rate_limit_ambiguous: {
    kind: 'reply',
    stored: true,
    reply: standard(
      { status: 429, type: 'rate_limit_error', message: TOO_MANY },
      v2Standard(429, 'api_error', 'Too many requests.'),
    ),
  },
  rate_limit_concurrency: {
    kind: 'reply',
    stored: true,
    reply: standard(
      {
        status: 429,
        type: 'rate_limit_error',
        message: TOO_MANY,
        retryAfter: 1,
        providerError: () => MAILBOX_CONCURRENCY,
      },
      v2Standard(429, 'api_error', 'Too many concurrent requests for this account.', 'MailboxConcurrency'),
    ),
  },
  unauthorized: { kind: 'reply', reply: unauthorized },
  wrong_region: {
    kind: 'reply',
    reply: standard({ status: 401, type: 'api.authentication_error', message: 'Unauthorized' }, () =>
      v2Unauthorized(),
    ),
  },
  grant_expired: {
    kind: 'reply',
    reply: standard(
      { status: 401, type: 'unauthorized', message: 'Unauthorized' },
      v2Standard(403, 'invalid_request_error', CREDENTIALS),
    ),
  },
  forbidden_scopes: {
    kind: 'reply',
    stored: true,
    reply: standard(
      {
        status: 403,
        type: 'insufficient_scopes',
        message: 'missing provider scopes required to send email',
      },
      v2Standard(403, 'invalid_request_error', 'The account does not have the scopes this action needs.'),
    ),
  },
  application_disabled: {
    kind: 'reply',
    reply: standard(
      { status: 403, type: 'invalid_request_error', message: 'This application has been disabled' },
      v2Standard(403, 'invalid_request_error', 'This application has been disabled'),
    ),
  },
  not_found: {
    kind: 'reply',
    stored: true,
    reply: standard(
      { status: 404, type: 'not_found_error', message: 'requested object not found' },
      v2Standard(404, 'invalid_request_error', "Couldn't find the requested object"),
    ),
  },
  conflict: {
    kind: 'reply',
    reply: standard(
      {
        status: 409,
        type: 'api.invalid_idempotent_request',
        message: 'The idempotency key was already used with a different request payload.',
      },
      v2Standard(409, 'invalid_request_error', 'The draft was changed since: version conflict.'),
    ),
  },
  concurrent_request: {
    kind: 'reply',
    reply: standard(
      {
        status: 409,
        type: 'api.concurrent_idempotent_request',
        message: 'A request with the same idempotency key is still in progress.',
      },
      v2Standard(409, 'invalid_request_error', 'The draft was changed since: version conflict.'),
    ),
  },
  resource_blocked: {
    kind: 'reply',
    stored: true,
    reply: standard(
      { status: 423, type: 'api.resource_blocked', message: 'Resource blocked, contact administrator' },
      v2Standard(403, 'invalid_request_error', 'The account is blocked.'),
    ),
  },
  internal_error: {
    kind: 'reply',
    reply: standard(
      { status: 500, type: 'api.internal_error', message: 'Internal error, contact administrator' },
      v2Standard(500, 'api_error', 'An internal error occured.'),
    ),
  },
  provider_failure: {
    kind: 'reply',
    stored: true,
    reply: standard(
      {
        status: 500,
        type: 'provider_error',
        message: 'The provider could not handle the request.',
        providerError: (x) =>
          isMicrosoft(x)
            ? { error: { code: 'ErrorInternalServerError', message: 'An internal server error occurred.' } }
            : { error: { code: 500, message: 'Backend Error', status: 'INTERNAL' } },
      },
      v2Standard(500, 'api_error', 'Sending failed', '554 5.3.0 internal error'),
    ),
  },
  bad_gateway_html: { kind: 'reply', reply: () => edge(502, HTML_502) },
  unavailable: {
    kind: 'reply',
    stored: true,
    reply: standard(
      {
        status: 503,
        type: 'provider_error',
        message: 'The server is busy, please try again later.',
        providerError: () =>
          'HTTP/1.1 503 Service Unavailable; X-MS-ASThrottle: CommandFrequency; the mailbox sent too many commands',
      },
      v2Standard(503, 'api_error', 'Server busy, try again later.'),
    ),
  },
  provider_timeout: { kind: 'reply', reply: timeoutReply },
  sent_then_504: { kind: 'accept_then', reply: timeoutReply },
  edge_520: { kind: 'reply', reply: () => edge(520, HTML_520) },
  flat_error: {
    kind: 'reply',
    reply: (_x, options) =>
      jsonReply(options.status ?? 400, {
        type: options.type ?? 'invalid_request_error',
        message: options.message ?? 'extra fields not permitted: app_password',
      }),
  },
  oauth_error: {
    kind: 'reply',
    reply: (x, options) =>
      oauthError(
        x.requestId,
        options.status ?? 400,
        options.type ?? 'invalid_grant',
        options.message ?? 'The code was already used or is expired.',
      ),
  },
  empty_200: {
    kind: 'reply',
    reply: (_x, options) => textReply(options.status ?? 200, '', 'application/json'),
  },
  malformed_json: {
    kind: 'reply',
    reply: (x) => textReply(200, `{"request_id":"${x.requestId}","data":[{"id":"`, 'application/json'),
  },
  huge_body: {
    kind: 'reply',
    reply: (x, options) => {
      const bytes = options.bytes ?? DEFAULT_HUGE;
      const head =
        x.version === 'v3' ? `{"request_id":"${x.requestId}","data":[],"padding":"` : '{"padding":"';
      const body = Buffer.alloc(Math.max(bytes, head.length + 2), 'x');
      body.write(head);
      body.write('"}', body.length - 2);
      return { status: 200, type: 'application/json', body, compress: false };
    },
  },
  early_hints: { kind: 'early_hints' },
  redirect: {
    kind: 'reply',
    reply: (x, options) => {
      const query = x.search === '' ? `?${HOP}` : `${x.search}&${HOP}`;
      return textReply(options.status ?? 307, '', 'text/plain', ['location', `${x.path}${query}`]);
    },
  },
  slow: { kind: 'delay', defaultMs: 1000 },
  stalled_headers: { kind: 'silence' },
  stalled_body: { kind: 'ending', how: 'stall' },
  reset_before_headers: { kind: 'reset' },
  reset_mid_body: { kind: 'ending', how: 'reset' },
  v2_200_with_failures: {
    kind: 'reply',
    reply: (_x, options) =>
      jsonReply(200, {
        type: 'api_error',
        message: options.message ?? 'Sending to at least one recipent failed',
        failures: {
          'nobody@example.com': [550, '5.1.1 The email account that you tried to reach does not exist'],
        },
      }),
  },
  v2_500_without_type: {
    kind: 'reply',
    reply: (_x, options) =>
      v2Error(
        500,
        undefined,
        options.message ??
          'An internal error occured. If this issue persists, please contact support@nylas.com and include this request_uid: B9EBAC8F:C29C_0A4D0050:01BB_5B2BD4A5_15030C81:2AF0',
      ),
  },
  v2_401_plain_text: { kind: 'reply', reply: () => v2Unauthorized() },
};

/** Query mark of a request that was redirected: it is not redirected again. */
export const HOP = 'sim_hop=1';
