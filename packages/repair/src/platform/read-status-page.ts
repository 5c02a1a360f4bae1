import { requestNylas } from '@nylas-otel/accounts/tracking';
import { type PlatformPage, readSummary } from './platform-reading.ts';

/** What is known of the platform; survives JSON. */
export interface PlatformReading {
  /** Undefined until the page was read for the first time. */
  readonly page: PlatformPage | undefined;
  /** Unix milliseconds of the last reading that worked. */
  readonly readAt: number | undefined;
  /** Readings in a row that did not. */
  readonly failures: number;
  /** Why the last one did not: an HTTP status, an error type, `unreadable`. */
  readonly problem: string | undefined;
  readonly etag: string | undefined;
}

/** How the page is reached. */
export interface StatusPageAccess {
  /** Without a slash at the end. */
  readonly page: string;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch | undefined;
}

/** Reads the page, or finds that it is unchanged. Never rejects: a failure is part of what is known. */
export async function readStatusPage(
  access: StatusPageAccess,
  previous: PlatformReading | undefined,
  now: number,
  closing: AbortSignal,
): Promise<PlatformReading> {
  const { page, timeoutMs, fetch } = access;
  const etag = previous?.page === undefined ? undefined : previous.etag;
  const reply = await requestNylas(
    {
      url: `${page}/api/v2/summary.json`,
      redirect: 'follow',
      headers: etag === undefined ? {} : { 'if-none-match': etag },
    },
    { version: 'v3', timeoutMs, fetch, closing },
    (body, header) => {
      const read = readSummary(body);
      return read === undefined ? undefined : { read, etag: header('etag') };
    },
  );
  if (reply.ok) {
    const { read, etag: mark } = reply.value;
    return { page: read, readAt: now, failures: 0, problem: undefined, etag: readEtag(mark) };
  }
  const { status, unreadable, errorType } = reply.failure;
  if (status === 304 && previous?.page !== undefined)
    return { ...previous, readAt: now, failures: 0, problem: undefined };
  return {
    page: previous?.page,
    readAt: previous?.readAt,
    failures: (previous?.failures ?? 0) + 1,
    problem: unreadable ? 'unreadable' : status > 0 ? String(status) : (errorType ?? '_OTHER'),
    etag: previous?.etag,
  };
}

function readEtag(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= 200 ? value : undefined;
}
