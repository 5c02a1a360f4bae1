import { headerInteger, headerText } from '../redaction/header-values.ts';
import type { Attempt } from '../requests/attempt.ts';

type HeaderValue = Uint8Array | string;
type HeaderObject = { readonly [name: string]: string | string[] | undefined };

interface WantedHeader {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly take: (attempt: Attempt, value: HeaderValue) => void;
}

const wanted = (name: string, take: WantedHeader['take']): WantedHeader => ({
  name,
  bytes: Buffer.from(name),
  take,
});

const WANTED: readonly WantedHeader[] = [
  wanted('x-request-id', (attempt, value) => {
    attempt.rawRequestId = value;
  }),
  wanted('x-fastly-id', (attempt, value) => {
    attempt.rawFlowId = value;
  }),
  wanted('retry-after', (attempt, value) => {
    attempt.retryAfter = headerText(value);
  }),
  wanted('x-ratelimit-reset', (attempt, value) => {
    attempt.rateLimitReset = headerText(value);
  }),
  wanted('nylas-provider-request-count', (attempt, value) => {
    attempt.providerRequests = headerInteger(value);
  }),
  wanted('nylas-gmail-quota-usage', (attempt, value) => {
    attempt.gmailQuota = headerInteger(value);
  }),
];

// By length first: this runs for every header of every response.
const BY_LENGTH: Array<readonly WantedHeader[] | undefined> = [];
for (const header of WANTED) {
  BY_LENGTH[header.name.length] = [...(BY_LENGTH[header.name.length] ?? []), header];
}

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
    const candidates = BY_LENGTH[name.length];
    if (candidates === undefined) continue;
    for (const header of candidates) {
      if (isNamed(name, header)) header.take(attempt, headers[i + 1] as HeaderValue);
    }
  }
}

/** The same from a headers object, as node:http and HTTP/2 give it. */
export function readHeaderObject(attempt: Attempt, headers: HeaderObject): void {
  for (const { name, take } of WANTED) {
    const value = headers[name];
    if (value !== undefined) take(attempt, Array.isArray(value) ? (value[0] ?? '') : value);
  }
}

function isNamed(name: HeaderValue, { name: text, bytes }: WantedHeader): boolean {
  if (typeof name === 'string') return name.toLowerCase() === text;
  for (let i = 0; i < bytes.length; i++) {
    // Lower-cases letters, and leaves the hyphen as it is.
    if (((name[i] as number) | 0x20) !== bytes[i]) return false;
  }
  return true;
}
