import type { JsonObject, Owner } from '../data/mailbox.ts';
import type { Change } from '../traffic/change-log.ts';
import type { NoticeDraft } from './notice.ts';

/** The notification of a change in a mailbox. */
export function objectNotice(change: Change, trigger: string, owner: Owner, object: JsonObject): NoticeDraft {
  return {
    version: change.version,
    trigger,
    accountId: owner.id,
    provider: owner.provider,
    subject: 'object',
    object: change.version === 'v3' ? v3Object(change, owner, object) : v2Object(change, owner, object),
    change: change.serial,
  };
}

/** The object itself; of a deleted one only the ids. */
function v3Object(change: Change, owner: Owner, object: JsonObject): JsonObject {
  if (change.change !== 'deleted') return object;
  const { calendar_id } = object;
  const ids = { object: change.object, id: object.id, grant_id: owner.id };
  return calendar_id === undefined ? ids : { ...ids, calendar_id };
}

/** v2 says where to look, not what is there. */
function v2Object(change: Change, owner: Owner, object: JsonObject): JsonObject {
  const attributes =
    change.object === 'message'
      ? { thread_id: object.thread_id, received_date: object.date }
      : change.object === 'event'
        ? { calendar_id: object.calendar_id, created_before_account_connection: false }
        : null;
  return {
    namespace_id: owner.id,
    account_id: owner.id,
    object: change.object,
    id: object.id,
    attributes,
    metadata: null,
  };
}

/** The v2 delta of an asynchronous write that went through. */
export function jobNotice(account: Owner, job: JsonObject, action: string): NoticeDraft {
  return {
    version: 'v2',
    trigger: 'job.successful',
    accountId: account.id,
    provider: account.provider,
    subject: 'object',
    object: {
      namespace_id: account.id,
      account_id: account.id,
      object: 'job',
      id: job.id,
      attributes: { action, job_status_id: job.id, extras: null },
      metadata: null,
    },
  };
}
