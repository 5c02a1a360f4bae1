import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { JobInsert, PgBoss } from 'pg-boss';
import type { Session } from '../engine/database.ts';
import { nextJobId } from '../jobs/job-id.ts';
import { type Attempt, allOurs, attempt, bossDb, ensureQueue } from '../jobs/queue.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { dropContents, type EventContent, writeContents } from './event-contents.ts';

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
  tables: Tables,
  queues: EventQueues,
  events: readonly ReceivedEvent[],
): Promise<void> {
  const db = bossDb(session);
  const state: JobInsert[] = [];
  const data: JobInsert[] = [];
  const contents: EventContent[] = [];
  for (const event of events) {
    const id = nextJobId();
    contents.push({ id, json: JSON.stringify(event) });
    if (isStateEvent(event)) state.push({ id, singletonKey: columnText(event.accountId as string) });
    else data.push({ id });
  }
  await writeContents(session, tables, contents);
  if (state.length > 0) await boss.insert(queues.state, state, { db });
  if (data.length > 0) await boss.insert(queues.data, data, { db });
}

/**
 * Takes events out that are done with, in the transaction of `session`.
 *
 * @returns false when another process has taken over one of them
 */
export async function takeOut(
  boss: PgBoss,
  session: Session,
  tables: Tables,
  queue: string,
  attempts: readonly Attempt[],
): Promise<boolean> {
  const deleted = await boss.deleteJob(queue, attempts.map(attempt), { db: bossDb(session) });
  await dropContents(
    session,
    tables,
    queue,
    attempts.map(({ id }) => id),
  );
  return allOurs(deleted, attempts.length);
}
