import { asObject } from '@nylas-otel/accounts/tracking';
import type { JsonObject } from '@nylas-otel/webhooks';
import { type RecoveredChange, readOf } from './recovered-change.ts';
import { ReadError, type RecoveryAccount, type RecoveryApi } from './recovery-api.ts';
import type { TimeWindow } from './windows.ts';

/** An object as a list shows it. */
export type ListedObject = JsonObject & { readonly id: string };

// Messages come with their bodies: 50 of them may have several MiB.
const MESSAGE_PAGE = 50;

/** Objects of a list, and as of when they were read (`RecoveryApi.read`). */
interface ListedPage {
  readonly objects: readonly ListedObject[];
  readonly readAt: number | undefined;
}

/** All objects of a list, page by page. */
async function* listPages(
  api: RecoveryApi,
  account: RecoveryAccount,
  resource: string,
  query: Readonly<Record<string, string | number>>,
  most: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<ListedPage> {
  let cursor: string | undefined;
  do {
    const params = new URLSearchParams({ limit: String(Math.min(most, api.pageSize(account))) });
    for (const [name, value] of Object.entries(query)) params.set(name, String(value));
    if (cursor !== undefined) params.set('page_token', cursor);
    const url = `/v3/grants/${encodeURIComponent(account.id)}/${resource}?${params}`;
    const page = await api.read(account, { url }, readPage);
    yield page;
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function readPage(
  body: unknown,
  readAt: number | undefined,
): (ListedPage & { readonly cursor: string | undefined }) | undefined {
  const envelope = asObject(body);
  if (!Array.isArray(envelope?.data)) return undefined;
  const cursor = envelope.next_cursor;
  return {
    objects: envelope.data.filter(isListed),
    readAt,
    cursor: typeof cursor === 'string' && cursor !== '' ? cursor : undefined,
  };
}

function isListed(item: unknown): item is ListedObject {
  const id = asObject(item)?.id;
  return typeof id === 'string' && id !== '';
}

/** A whole list, as of its first page. */
export async function listAll(
  api: RecoveryApi,
  account: RecoveryAccount,
  resource: string,
  query: Readonly<Record<string, string | number>> = {},
): Promise<ListedPage> {
  const objects: ListedObject[] = [];
  let first: ListedPage | undefined;
  for await (const page of listPages(api, account, resource, query)) {
    first ??= page;
    objects.push(...page.objects);
  }
  return { objects, readAt: first?.readAt };
}

/** True when an object is gone: Nylas answers 404 to its id. */
export async function isGone(
  api: RecoveryApi,
  account: RecoveryAccount,
  resource: string,
  id: string,
  query: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  return (await findObject(api, account, resource, id, query)) === undefined;
}

/** One object, and as of when; undefined when it is gone. */
export async function findObject(
  api: RecoveryApi,
  account: RecoveryAccount,
  resource: string,
  id: string,
  query: Readonly<Record<string, string>> = {},
): Promise<{ readonly object: ListedObject; readonly readAt: number | undefined } | undefined> {
  const params = new URLSearchParams(query).toString();
  const url = `/v3/grants/${encodeURIComponent(account.id)}/${resource}/${encodeURIComponent(id)}${params && `?${params}`}`;
  try {
    return await api.read(account, { url }, (body, readAt) => {
      const object = asObject(body)?.data;
      return isListed(object) ? { object, readAt } : undefined;
    });
  } catch (error) {
    if (error instanceof ReadError && error.problem === 'missing') return undefined;
    throw error;
  }
}

/** The messages that arrived in a window, page by page: what `message.created` would have told. */
export async function* messagesIn(
  api: RecoveryApi,
  account: RecoveryAccount,
  { from, to }: TimeWindow,
): AsyncGenerator<readonly RecoveredChange[]> {
  const query = { received_after: before(from), received_before: after(to) };
  for await (const page of listPages(api, account, 'messages', query, MESSAGE_PAGE)) {
    yield page.objects.map((object) => ({
      resource: 'messages',
      kind: 'message',
      change: 'created',
      objectId: object.id,
      trigger: 'message.created',
      time: milliseconds(object.date),
      mark: 'created',
      object,
      read: readOf(page.readAt),
    }));
  }
}

/**
 * The threads that got a message in a window: what `thread.replied` would have told, had every thread been tracked. Nylas
 * sends it for tracked threads only, and has no filter for these.
 */
export async function* threadsIn(
  api: RecoveryApi,
  account: RecoveryAccount,
  { from, to }: TimeWindow,
): AsyncGenerator<readonly RecoveredChange[]> {
  const query = { latest_message_after: before(from), latest_message_before: after(to) };
  for await (const page of listPages(api, account, 'threads', query)) {
    yield page.objects
      .filter((object) => Array.isArray(object.message_ids) && object.message_ids.length > 1)
      .map((object) => ({
        resource: 'threads',
        kind: 'thread',
        change: 'updated',
        objectId: object.id,
        trigger: 'thread.replied',
        time: milliseconds(object.latest_message_received_date),
        mark: `#${String(object.latest_message_received_date)}`,
        object,
        read: readOf(page.readAt),
      }));
  }
}

/**
 * The events of one calendar that were updated in a window, cancelled ones included: what `event.created` and
 * `event.updated` would have told. A cancelled event is an updated one with that status.
 */
export async function* eventsIn(
  api: RecoveryApi,
  account: RecoveryAccount,
  calendarId: string,
  { from, to }: TimeWindow,
): AsyncGenerator<readonly RecoveredChange[]> {
  const query = {
    calendar_id: calendarId,
    updated_after: before(from),
    updated_before: after(to),
    show_cancelled: 'true',
  };
  for await (const page of listPages(api, account, 'events', query)) {
    yield page.objects.map((object) => {
      const createdAt = milliseconds(object.created_at);
      const created = createdAt !== undefined && createdAt >= from && object.status !== 'cancelled';
      return {
        resource: 'events',
        kind: 'event',
        change: created ? 'created' : 'updated',
        objectId: object.id,
        trigger: created ? 'event.created' : 'event.updated',
        time: milliseconds(object.updated_at),
        mark:
          typeof object.updated_at === 'number' ? `@${object.updated_at}` : `#${String(object.updated_at)}`,
        object,
        read: readOf(page.readAt),
      };
    });
  }
}

// Whether the edges of a filter belong to it is said nowhere.
function before(time: number): number {
  return Math.floor(time / 1_000) - 1;
}

function after(time: number): number {
  return Math.ceil(time / 1_000) + 1;
}

function milliseconds(seconds: unknown): number | undefined {
  return typeof seconds === 'number' ? seconds * 1_000 : undefined;
}
