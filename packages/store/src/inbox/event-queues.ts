import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { JobInsert, PgBoss } from 'pg-boss';
import type { Session } from '../engine/database.ts';
import { nextJobId } from '../jobs/job-id.ts';
import { bossDb, ensureQueue } from '../jobs/queue.ts';
import { columnText } from '../limits.ts';

/** What a job of an event holds. The event is text in JSON, so that every JSON survives (`jsonb` takes no `\u0000`). */
export interface EventJob {
  readonly event: string;
}

/** The two queues of an application's events. */
export interface EventQueues {
  /** Events about an account's state, in order for each account. */
  readonly state: string;
  /** All others, side by side. */
  readonly data: string;
}

export function eventQueues(application: string): EventQueues {
  return { state: `inbox/${application}/state`, data: `inbox/${application}/data` };
}

export async function ensureEventQueues(boss: PgBoss, queues: EventQueues): Promise<void> {
  await ensureQueue(boss, queues.state, 'key_strict_fifo');
  await ensureQueue(boss, queues.data, 'standard');
}

const STATE_EVENT = /^(grant|account)\./;

/** True for events that are handled in order for each account. */
function isStateEvent(event: ReceivedEvent): boolean {
  return event.accountId !== undefined && STATE_EVENT.test(event.trigger);
}

/** Queues events in the transaction of `session`, in their order. */
export async function enqueue(
  boss: PgBoss,
  session: Session,
  queues: EventQueues,
  events: readonly ReceivedEvent[],
): Promise<void> {
  const db = bossDb(session);
  const state: JobInsert[] = [];
  const data: JobInsert[] = [];
  for (const event of events) {
    const job: JobInsert = {
      id: nextJobId(),
      data: { event: JSON.stringify(event) } satisfies EventJob,
    };
    if (isStateEvent(event)) state.push({ ...job, singletonKey: columnText(event.accountId as string) });
    else data.push(job);
  }
  if (state.length > 0) await boss.insert(queues.state, state, { db });
  if (data.length > 0) await boss.insert(queues.data, data, { db });
}
