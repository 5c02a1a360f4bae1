import type { ApiVersion } from '@nylas-otel/nylas-api';
import { shortDigest } from './dedupe-key.ts';
import type { JsonObject, WebhookEvent } from './webhook-event.ts';

/** Which object an event is about. */
export interface ObjectName {
  /** The first word of its trigger: `message`. */
  readonly kind: string;
  /** The rest of its trigger: `created`. */
  readonly change: string;
  /** {@link objectPath} */
  readonly object: string;
}

const KINDS: ReadonlySet<string> = new Set([
  'message',
  'event',
  'contact',
  'folder',
  'calendar',
  'grant',
  'account',
]);

/** The object an event is about; undefined for kinds that recovery does not read. */
export function objectOf(event: WebhookEvent): ObjectName | undefined {
  const { accountId, version, trigger } = event;
  const dot = trigger.indexOf('.');
  const kind = trigger.slice(0, dot);
  const change = trigger.slice(dot + 1);
  if (accountId === undefined || !KINDS.has(kind)) return undefined;
  const isAccount = kind === 'grant' || kind === 'account';
  if (!isAccount && !CHANGES.has(change)) return undefined;
  const objectId = isAccount ? accountId : event.objectId;
  if (objectId === undefined) return undefined;
  return { kind, change, object: objectPath(version, accountId, kind, objectId) };
}

const CHANGES: ReadonlySet<string> = new Set(['created', 'created.cleaned', 'updated', 'deleted']);

/** Names an object as a part of keys; no part has a slash. */
export function objectPath(version: ApiVersion, accountId: string, kind: string, objectId: string): string {
  return `${version}/${part(accountId)}/${kind}/${part(objectId)}`;
}

// Provider ids have up to about 200 characters; an index entry of PostgreSQL has no room for what a hostile one may have.
const LONGEST_PART = 256;

/** An id as a part of a key: without slashes, and not too long. */
export function part(id: string): string {
  return id.length > LONGEST_PART ? `#${shortDigest(id)}` : id.replaceAll('%', '%25').replaceAll('/', '%2F');
}

/** Only events of v3 have a time of change that both a notification and a list show. */
export function updatedAtOf({ data }: WebhookEvent): number | undefined {
  const updatedAt = (data.object as JsonObject | null | undefined)?.updated_at;
  return typeof updatedAt === 'number' ? updatedAt : undefined;
}

// Counts change with every message, and a list may leave out what a notification has.
const VOLATILE: ReadonlySet<string> = new Set([
  'total_count',
  'unread_count',
  'child_count',
  'grant_id',
  'object',
]);

/**
 * A mark of an object's content that a notification and a list agree on; undefined where the object lacks the fields.
 * Messages: folders, read, starred: what may change of them. Events: only that they are there.
 */
export function contentMark(kind: string, object: JsonObject): string | undefined {
  if (kind === 'event') return 'there';
  if (kind === 'message') {
    const { folders, unread, starred } = object;
    if (!Array.isArray(folders)) return undefined;
    return shortDigest([[...folders].map(String).sort(), unread === true, starred === true]);
  }
  return shortDigest(Object.fromEntries(Object.entries(object).filter(([name]) => !VOLATILE.has(name))));
}
