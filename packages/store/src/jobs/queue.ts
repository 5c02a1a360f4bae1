import type { Db, JobAttempt, PgBoss } from 'pg-boss';
import type { Session } from '../engine/database.ts';

/** One run of a job: fences what is done to it against whoever took it over. */
export interface Attempt {
  readonly id: string;
  readonly retryCount: number;
}

/** The run of a job that was claimed. */
export function attempt({ id, retryCount }: Attempt): { id: string; retryCount: number } {
  return { id, retryCount };
}

/** A job as it was claimed. */
export interface ClaimedJob<Data> extends JobAttempt {
  readonly data: Data;
}

/** How far pg-boss may be from a time, and how a lost process is noticed, in seconds. */
export const HEARTBEAT_SECONDS = 15;

/** Far more than a handler's own limit: whoever works decides when a job is given up. */
const MOST_RUNS = 1_000_000;
/** pg-boss deletes what waits longer, and what we acknowledged must not go. */
const FOREVER_SECONDS = 20 * 365 * 86_400;
/** pg-boss's most; how long a job may run is the worker's own matter, a lost one is found by its heartbeat. */
const LONGEST_RUN_SECONDS = 24 * 3_600 - 1;

/** Ways to hold jobs: in order for each key, side by side, at most one for each key. */
export type QueuePolicy = 'key_strict_fifo' | 'standard' | 'exclusive';

/** Makes a queue where there is none. */
export async function ensureQueue(boss: PgBoss, name: string, policy: QueuePolicy): Promise<void> {
  await boss.createQueue(name, {
    policy,
    retryLimit: MOST_RUNS,
    retryDelay: 0,
    expireInSeconds: LONGEST_RUN_SECONDS,
    retentionSeconds: FOREVER_SECONDS,
    deleteAfterSeconds: 7 * 86_400,
    heartbeatSeconds: HEARTBEAT_SECONDS,
  });
}

/** A session of ours, as pg-boss takes one: what it does is in our transaction. */
export function bossDb(session: Session): Db {
  return {
    executeSql: async (text: string, values?: unknown[]) => ({ rows: await session.query(text, values) }),
  };
}

/** Whether all these claims were still ours. */
export function allOurs(response: unknown, count: number): boolean {
  return (response as { readonly affected?: unknown }).affected === count;
}
