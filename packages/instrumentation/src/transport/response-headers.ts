import { headerInteger, shownId } from '../redaction/header-values.ts';
import type { Attempt } from '../requests/attempt.ts';

type RawHeaders =
  | ReadonlyArray<Uint8Array | string>
  | { readonly [name: string]: string | string[] | undefined };

/**
 * Takes the few headers that telemetry needs from a response: undici gives a flat array of bytes on HTTP/1.1 and may give
 * an object on HTTP/2. Names are compared by length first: this runs for every response.
 */
export function readResponseHeaders(attempt: Attempt, headers: RawHeaders): void {
  if (!Array.isArray(headers)) {
    readHeaderObject(attempt, headers as { readonly [name: string]: string | string[] | undefined });
    return;
  }
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name = headers[i];
    switch (name.length) {
      case 11: // x-fastly-id, retry-after
      case 12: // x-request-id
      case 17: // x-ratelimit-reset
      case 23: // nylas-gmail-quota-usage
      case 28: // nylas-provider-request-count
        take(attempt, text(name).toLowerCase(), headers[i + 1]);
    }
  }
}

/** The same from a headers object, as node:http and HTTP/2 give it. */
export function readHeaderObject(
  attempt: Attempt,
  headers: { readonly [name: string]: string | string[] | undefined },
): void {
  for (const name of NAMES) {
    const value = headers[name];
    if (value !== undefined) take(attempt, name, value);
  }
}

const NAMES = [
  'x-request-id',
  'x-fastly-id',
  'retry-after',
  'x-ratelimit-reset',
  'nylas-provider-request-count',
  'nylas-gmail-quota-usage',
] as const;

function take(attempt: Attempt, name: string, raw: unknown): void {
  const value = text(Array.isArray(raw) ? raw[0] : raw);
  switch (name) {
    case 'x-request-id':
      attempt.requestId = shownId(value);
      return;
    case 'x-fastly-id':
      attempt.flowId = shownId(value);
      return;
    case 'retry-after':
      attempt.retryAfter = value;
      return;
    case 'x-ratelimit-reset':
      attempt.rateLimitReset = value;
      return;
    case 'nylas-provider-request-count':
      attempt.providerRequests = headerInteger(value);
      return;
    case 'nylas-gmail-quota-usage':
      attempt.gmailQuota = headerInteger(value);
      return;
  }
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
    : '';
}
