import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { JobInsert, PgBoss } from 'pg-boss';
import type { Session } from '../engine/database.ts';
import { type Attempt, allOurs, attempt, bossDb, ensureQueue } from '../jobs/queue.ts';
import { columnText } from '../limits.ts';
import type { Tables } from '../schema/tables.ts';
import { dropContents } from './event-contents.ts';

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

/** The account whose events this one goes in order with; null for an event that goes side by side with all others. */
export function stateAccount(event: ReceivedEvent): string | null {
  if (event.accountId === undefined || !STATE_EVENT.test(event.trigger)) return null;
  return columnText(event.accountId);
}

/** A stored event that waits for its job. */
export interface WaitingEvent {
  readonly id: string;
  /** {@link stateAccount} */
  readonly account: string | null;
}

/** Makes jobs of stored events in the transaction of `session`. */
export async function enqueue(
  boss: PgBoss,
  session: Session,
  queues: EventQueues,
  events: readonly WaitingEvent[],
): Promise<void> {
  const db = bossDb(session);
  const state: JobInsert[] = [];
  const data: JobInsert[] = [];
  for (const { id, account } of events) {
    if (account === null) data.push({ id });
    else state.push({ id, singletonKey: account });
  }
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
