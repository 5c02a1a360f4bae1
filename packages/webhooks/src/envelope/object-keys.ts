import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { JsonObject, WebhookEvent } from './webhook-event.ts';

/** What happened to an object, as far as it can be told again: `created`, `deleted`, `@` and the time it was updated. */
export type ObjectChange = 'created' | 'deleted' | `@${number}`;

/** Names one change of one object, however it was learned of: from a notification, or by reading the object again. */
export function objectKey(
  version: ApiVersion,
  accountId: string,
  kind: string,
  objectId: string,
  change: ObjectChange,
): string {
  return `${version}/${accountId}/${kind}/${objectId}/${change}`;
}

/**
 * The changes an event tells of. Reading an object again has no notification id to be recognised by: these keys are what
 * an inbox keeps beside `event.key`, so that what is recovered after an outage is not handled twice.
 *
 * Only changes that happen once are named. Of an update that carries no time of its own (messages, contacts, folders of
 * v3) there is nothing to know it by later; v2's is known by the date of its delta.
 */
export function objectKeys(event: WebhookEvent): readonly string[] {
  const { accountId, version, trigger } = event;
  const dot = trigger.indexOf('.');
  if (accountId === undefined || dot < 1) return NONE;
  const kind = trigger.slice(0, dot);
  const object = event.data.object as JsonObject | null | undefined;
  const objectId = kind === 'grant' ? accountId : event.objectId;
  if (objectId === undefined || !KINDS.has(kind)) return NONE;
  const key = (change: ObjectChange): string => objectKey(version, accountId, kind, objectId, change);
  switch (trigger.slice(dot + 1)) {
    case 'created':
    case 'created.cleaned':
      return [key('created'), ...updatedKeys(object?.updated_at, kind, key)];
    case 'deleted':
      return [key('deleted')];
    case 'updated':
      if (version === 'v2')
        return event.time === undefined ? NONE : [key(`@${Math.floor(event.time / 1_000)}`)];
      return updatedKeys(object?.updated_at, kind, key);
    default:
      return NONE;
  }
}

const NONE: readonly string[] = [];
const KINDS: ReadonlySet<string> = new Set(['message', 'event', 'contact', 'folder', 'calendar', 'grant']);

// Only events have a time of change that both a notification and a list show.
function updatedKeys(
  updatedAt: unknown,
  kind: string,
  key: (change: ObjectChange) => string,
): readonly string[] {
  return kind === 'event' && typeof updatedAt === 'number' ? [key(`@${updatedAt}`)] : NONE;
}
