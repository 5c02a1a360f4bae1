import type { ApiVersion } from '@nylas-otel/nylas-api';
import {
  type JsonObject,
  type ObjectChange,
  objectKey,
  RECOVERED,
  type ReceivedEvent,
  type RecoveryRead,
  TOLD,
} from '@nylas-otel/webhooks';

/** A change that was found by reading again. */
export interface RecoveredChange {
  /** A value of `nylas.resource`: `messages`. */
  readonly resource: string;
  /** The first word of its triggers: `message`. */
  readonly kind: string;
  readonly change: 'created' | 'updated' | 'deleted';
  readonly objectId: string;
  /** The trigger that would have told of it: `message.created`. */
  readonly trigger: string;
  /** When it happened, Unix milliseconds, as far as Nylas says it. */
  readonly time: number | undefined;
  /** What tells this change from others of the object: one that notifications name too, or a mark of ours. */
  readonly mark: ObjectChange;
  /** v3: the object; of a deleted one only its ids. v2: the attributes. */
  readonly object: JsonObject;
  /** As of when it was read, and since when a notification tells the same. */
  readonly read: RecoveryRead;
}

/** @param readAt, @param since Unix milliseconds, as far as they are known */
export function readOf(readAt: number | undefined, since?: number): RecoveryRead {
  return {
    ...(readAt === undefined ? {} : { at: Math.floor(readAt / 1_000) }),
    ...(since === undefined ? {} : { since: Math.floor(since / 1_000) }),
  };
}

/** Whose change it is. */
export interface ChangeOwner {
  /** The run that reads it. */
  readonly run: string;
  readonly version: ApiVersion;
  readonly accountId: string;
  readonly provider: string;
  /** v3: id of the Nylas application, where it is known. */
  readonly applicationId: string | undefined;
}

/** How a recovered event says that nobody sent it. */
const RECOVERED_SOURCE = '/nylas-otel/recovery';

/** Key of a change as notifications leave it in the inbox; undefined for marks that no notification shows. */
export function toldKey(owner: ChangeOwner, { kind, objectId, mark }: RecoveredChange): string | undefined {
  return mark.startsWith('#')
    ? undefined
    : TOLD + objectKey(owner.version, owner.accountId, kind, objectId, mark);
}

/** The event that the missed notification would have been, for the same inbox and the same handlers. */
export function recoveredEvent(owner: ChangeOwner, change: RecoveredChange, now: number): ReceivedEvent {
  const { run, version, accountId, provider, applicationId } = owner;
  const { kind, objectId, trigger, time, mark, read } = change;
  return {
    key: RECOVERED + objectKey(version, accountId, kind, objectId, mark),
    version,
    type: trigger,
    trigger,
    ...(time === undefined ? {} : { time }),
    accountId,
    ...(applicationId === undefined ? {} : { applicationId }),
    provider,
    source: RECOVERED_SOURCE,
    objectId,
    truncated: false,
    transformed: false,
    data: version === 'v3' ? dataV3(change, applicationId) : dataV2(owner, change),
    extensions: { recovery_run: run, recovery_read: read },
    receivedAt: now,
  };
}

function dataV3({ object }: RecoveredChange, applicationId: string | undefined): JsonObject {
  return { ...(applicationId === undefined ? {} : { application_id: applicationId }), object };
}

// The shape of a delta of a v2 webhook; its attributes are those of the object, which hold the documented few.
function dataV2({ accountId }: ChangeOwner, { kind, objectId, change, object }: RecoveredChange): JsonObject {
  const attributes =
    change === 'deleted' ? null : kind === 'message' ? { ...object, received_date: object.date } : object;
  return {
    namespace_id: accountId,
    account_id: accountId,
    object: kind,
    id: objectId,
    attributes,
    metadata: null,
  };
}
