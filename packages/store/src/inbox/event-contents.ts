import type { ReceivedEvent } from '@nylas-otel/webhooks';
import type { Row, Session } from '../engine/database.ts';
import type { Tables } from '../schema/tables.ts';

/** An event in JSON, under the id of its job. */
export interface EventContent {
  readonly id: string;
  readonly json: string;
}

/**
 * Keeps what queued events hold, apart from their jobs. Within a job an event of 4 kB is escaped twice, read as JSON,
 * turned into `jsonb` and compressed, which takes PostgreSQL two to three times as long as this and its job together.
 * All of a commit are one text, so that nothing is escaped at all, cut into bytes by the server. Not a parameter of bytes:
 * PGlite turns each byte of it into two digits by itself, which took ten times as long as all the rest.
 */
export async function writeContents(
  session: Session,
  { eventContent }: Tables,
  contents: readonly EventContent[],
): Promise<void> {
  const starts: number[] = [];
  const lengths: number[] = [];
  let end = 0;
  for (const { json } of contents) {
    const length = Buffer.byteLength(json);
    starts.push(end + 1);
    lengths.push(length);
    end += length;
  }
  await session.query(
    `INSERT INTO ${eventContent} (id, content)
     SELECT n.id, substring(c.all_of_them FROM n.start FOR n.length)
     FROM (SELECT convert_to($4::text, 'UTF8') AS all_of_them OFFSET 0) AS c,
       unnest($1::uuid[], $2::integer[], $3::integer[]) AS n(id, start, length)`,
    [contents.map(({ id }) => id), starts, lengths, contents.map(({ json }) => json).join('')],
  );
}

/** What these jobs' events hold, by the ids of the jobs. */
export async function readContents(
  session: Session,
  { eventContent }: Tables,
  ids: readonly string[],
): Promise<ReadonlyMap<string, ReceivedEvent>> {
  interface ContentRow extends Row {
    readonly id: string;
    readonly json: string;
  }
  const rows = await session.query<ContentRow>(
    `SELECT id, convert_from(content, 'UTF8') AS json FROM ${eventContent} WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  return new Map(rows.map(({ id, json }) => [id, JSON.parse(json) as ReceivedEvent]));
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
