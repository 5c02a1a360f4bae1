import { asObject } from '@nylas-otel/accounts/tracking';
import type { ApiVersion } from '@nylas-otel/nylas-api';
import { WEBHOOK_STATUSES, type WebhookStatus } from '@nylas-otel/semantic-conventions';

/** One webhook destination as Nylas lists it. */
export interface DestinationReading {
  readonly id: string;
  /** Undefined for a word nobody documented. */
  readonly status: WebhookStatus | undefined;
  /** Unix milliseconds, where Nylas says it (v3). */
  readonly createdAt: number | undefined;
  /** Unix milliseconds since when it has its status, where Nylas says it (v3). */
  readonly statusSince: number | undefined;
  /** Where notifications go: for the caller's own choice, never for telemetry. */
  readonly url: string | undefined;
}

/** One page of the list. */
export interface DestinationPage {
  readonly destinations: readonly DestinationReading[];
  /** Where the next page begins. */
  readonly nextCursor: string | undefined;
}

/** Path of the list of destinations. */
export function destinationsPath(
  version: ApiVersion,
  clientId: string | undefined,
  cursor: string | undefined,
): string {
  if (version === 'v2') return `/a/${encodeURIComponent(clientId ?? '')}/webhooks`;
  return `/v3/webhooks?limit=200${cursor === undefined ? '' : `&page_token=${encodeURIComponent(cursor)}`}`;
}

/** Reads a list of destinations; undefined when the body is none. v2 answers a bare array. */
export function readDestinations(version: ApiVersion, body: unknown): DestinationPage | undefined {
  const items = version === 'v2' ? body : asObject(body)?.data;
  if (!Array.isArray(items)) return undefined;
  const next = version === 'v2' ? undefined : asObject(body)?.next_cursor;
  return {
    destinations: items.map(readDestination).filter((one) => one !== undefined),
    nextCursor: typeof next === 'string' && next !== '' ? next : undefined,
  };
}

function readDestination(item: unknown): DestinationReading | undefined {
  const destination = asObject(item);
  const id = destination?.id;
  if (destination === undefined || typeof id !== 'string' || id === '' || id.length > 256) return undefined;
  const url = destination.webhook_url ?? destination.callback_url;
  return {
    id,
    status: statusOf(destination.status ?? destination.state),
    createdAt: timeOf(destination.created_at),
    statusSince: timeOf(destination.status_updated_at),
    url: typeof url === 'string' ? url : undefined,
  };
}

// `inactive` is v2's word for a destination that was switched off, and what v3's prose calls `pause`.
function statusOf(word: unknown): WebhookStatus | undefined {
  return word === 'inactive' || word === 'paused'
    ? 'pause'
    : WEBHOOK_STATUSES.find((known) => known === word);
}

function timeOf(seconds: unknown): number | undefined {
  return typeof seconds === 'number' && seconds > 0 && seconds < 1e11 ? seconds * 1_000 : undefined;
}
