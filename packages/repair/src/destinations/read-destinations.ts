import { type Connection, type Failure, type Reply, requestNylas } from '@nylas-otel/accounts/tracking';
import { type DestinationReading, destinationsPath, readDestinations } from './destination-list.ts';

// 200 a page; more destinations than that cannot be had.
const MOST_PAGES = 25;

/** Reads all destinations of the application. Never rejects. */
export async function listDestinations(
  connection: Connection,
  clientId: string | undefined,
  closing: AbortSignal,
): Promise<Reply<readonly DestinationReading[]>> {
  const { profile, base, authorization, timeoutMs, fetch } = connection;
  const all: DestinationReading[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MOST_PAGES; page++) {
    const reply = await requestNylas(
      { url: base + destinationsPath(profile.version, clientId, cursor), authorization },
      { version: profile.version, timeoutMs, fetch, closing },
      (body) => readDestinations(profile.version, body),
    );
    if (!reply.ok) return reply;
    all.push(...reply.value.destinations);
    cursor = reply.value.nextCursor;
    if (cursor === undefined) break;
  }
  return { ok: true, value: all };
}

/** Why a list could not be read, in one word. */
export function problemWord({ unreadable, status, errorType }: Failure): string {
  return unreadable ? 'unreadable' : status > 0 ? String(status) : (errorType ?? '_OTHER');
}
