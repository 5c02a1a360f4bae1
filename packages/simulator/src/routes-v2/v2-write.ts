import type { JsonObject, Kind } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { type Reply, v2Error } from '../http/reply.ts';
import { jobNotice } from '../notices/object-notices.ts';

/**
 * Notes a write as v2 does: a job status that the answer points to, and the news that it went through.
 * @returns the id of the job status
 */
export function noteWrite(x: Exchange, action: string, object: JsonObject): string {
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
  world.notices.publish(jobNotice(holder, job, action));
  return id;
}

/** 404 in v2's words. */
export function v2Missing(kind: Kind, id: string): Reply {
  return v2Error(404, 'invalid_request_error', `Couldn't find ${kind.name.slice(3)} ${id.slice(0, 60)}`);
}
