import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import type { Tables } from '../schema/tables.ts';

/** What these jobs' events hold, by the ids of the jobs. */
export async function readContents(
  session: Session,
  { eventContent }: Tables,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReceivedEvent>> {
  interface ContentRow extends Row {
    readonly id: string;
    readonly content: string;
  }
  const rows = await session.query<ContentRow>(
    `SELECT id, content FROM ${eventContent} WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, content }) => [id, JSON.parse(content) as ReceivedEvent]));
}

/** Deletes what jobs held that are gone; what another process has taken over stays. */
export async function dropContents(
  session: Session,
  { eventContent, job }: Tables,
  queue: string,
  ids: readonly string[],
): Promise<void> {
  await session.query(
    `DELETE FROM ${eventContent} AS c WHERE c.id = ANY($1::uuid[])
       AND (SELECT true FROM ${job} AS j WHERE j.name = $2 AND j.id = c.id) IS NULL`,
    [ids, queue],
  );
}
