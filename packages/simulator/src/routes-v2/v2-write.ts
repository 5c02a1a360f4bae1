import type { JsonObject, Kind } from '../data/mailbox.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { type Reply, v2Error } from '../http/reply.ts';

/** What a v2 write did, as its job is named. */
export type WriteEvent = 'create' | 'modify' | 'delete';

/**
 * Notes a write as v2 does: a job status that the answer points to, and a delta.
 * @returns the id of the job status
 */
export function noteWrite(x: Exchange, action: string, event: WriteEvent, object: JsonObject): string {
  const { world, holder } = x;
  const time = world.seconds();
  const job = world.mailboxes.insert(world.v2.jobStatus, holder, {
    account_id: holder.id,
    action,
    created_at: time,
    status: 'successful',
    object: object.object,
    metadata: {},
    original_data: {},
  });
  const id = String(job.id);
  world.mailboxes.update(world.v2.jobStatus, holder, id, { job_status_id: id });
  const attributes = event === 'delete' ? {} : { attributes: object };
  world.deltas.add(holder.id, {
    object: textOf(object.object),
    id: String(object.id),
    event,
    time,
    ...attributes,
  });
  return id;
}

/** 404 in v2's words. */
export function v2Missing(kind: Kind, id: string): Reply {
  return v2Error(404, 'invalid_request_error', `Couldn't find ${kind.name.slice(3)} ${id.slice(0, 60)}`);
}
