import { headerInteger, headerText } from '../redaction/header-values.ts';
import type { Attempt } from '../requests/attempt.ts';

type HeaderValue = Uint8Array | string;
type HeaderObject = { readonly [name: string]: string | string[] | undefined };

const REQUEST_ID = 'x-request-id';
const FLOW_ID = 'x-fastly-id';
const RETRY_AFTER = 'retry-after';
const RATE_LIMIT_RESET = 'x-ratelimit-reset';
const PROVIDER_REQUESTS = 'nylas-provider-request-count';
const GMAIL_QUOTA = 'nylas-gmail-quota-usage';
const WANTED = [REQUEST_ID, FLOW_ID, RETRY_AFTER, RATE_LIMIT_RESET, PROVIDER_REQUESTS, GMAIL_QUOTA];

/**
 * Takes the few headers that telemetry needs from a response: undici gives a flat array of bytes on HTTP/1.1 and may give
 * an object on HTTP/2.
 */
export function readResponseHeaders(attempt: Attempt, headers: readonly HeaderValue[] | HeaderObject): void {
  if (!Array.isArray(headers)) {
    readHeaderObject(attempt, headers as HeaderObject);
    return;
  }
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i] as HeaderValue;
    const wanted = typeof name === 'string' ? wantedText(name) : wantedBytes(name);
    if (wanted !== undefined) take(attempt, wanted, headers[i + 1] as HeaderValue);
  }
}

/** The same from a headers object, as node:http and HTTP/2 give it. */
export function readHeaderObject(attempt: Attempt, headers: HeaderObject): void {
  for (const name of WANTED) {
    const value = headers[name];
    if (value !== undefined) take(attempt, name, Array.isArray(value) ? (value[0] ?? '') : value);
  }
}

function take(attempt: Attempt, name: string, value: HeaderValue): void {
  switch (name) {
    case REQUEST_ID:
      attempt.rawRequestId = value;
      break;
    case FLOW_ID:
      attempt.rawFlowId = value;
      break;
    case RETRY_AFTER:
      attempt.retryAfter = headerText(value);
      break;
    case RATE_LIMIT_RESET:
      attempt.rateLimitReset = headerText(value);
      break;
    case PROVIDER_REQUESTS:
      attempt.providerRequests = headerInteger(value);
      break;
    case GMAIL_QUOTA:
      attempt.gmailQuota = headerInteger(value);
      break;
  }
}

function wantedText(name: string): string | undefined {
  const lower = name.toLowerCase();
  return WANTED.find((wanted) => wanted === lower);
}

// This runs for every header of every response: by length, then by a letter, then in full.
function wantedBytes(name: Uint8Array): string | undefined {
  switch (name.length) {
    case REQUEST_ID.length:
      return isNamed(name, REQUEST_ID);
    case FLOW_ID.length:
      // As long as `retry-after`.
      return isNamed(name, FLOW_ID) ?? isNamed(name, RETRY_AFTER);
    case RATE_LIMIT_RESET.length:
      return isNamed(name, RATE_LIMIT_RESET);
    case PROVIDER_REQUESTS.length:
      return isNamed(name, PROVIDER_REQUESTS);
    case GMAIL_QUOTA.length:
      return isNamed(name, GMAIL_QUOTA);
    default:
      return undefined;
  }
}

function isNamed(name: Uint8Array, wanted: string): string | undefined {
  for (let i = 0; i < wanted.length; i++) {
    // Lower-cases letters, and leaves the hyphen as it is.
    if (((name[i] as number) | 0x20) !== wanted.charCodeAt(i)) return undefined;
  }
  return wanted;
}
