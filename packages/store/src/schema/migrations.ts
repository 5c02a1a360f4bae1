import type { Tables } from './tables.ts';

/** The states in which an account needs time or help, as the partial indexes have them. */
export const UNHEALTHY_SQL = `state IN ('partial', 'stopped', 'invalid', 'sync_error', 'exception')`;

/**
 * What brings the tables from each version to the next. Never edited once released: a change is a new entry. Times are
 * Unix milliseconds; JSON is kept as text, so that what PostgreSQL's own types refuse (`\u0000`) survives.
 */
export const MIGRATIONS: readonly ((tables: Tables) => string)[] = [
  ({
    eventKey,
    eventContent,
    eventWaiting,
    eventFeed,
    deadLetter,
    quarantine,
    account,
    accountCount,
    transition,
    journal,
    record,
    uptime,
    downtimeCounted,
  }) => `
    CREATE TABLE ${eventKey} (
      application text NOT NULL,
      key text COLLATE "C" NOT NULL,
      stored_at bigint NOT NULL,
      PRIMARY KEY (application, key)
    );
    -- Rows come in the order of time, so a few bytes a thousand rows find the old ones.
    CREATE INDEX event_key_age ON ${eventKey} USING brin (stored_at);

    -- Of stored events, by the id of their job. Rows are written and deleted once, in the order of ids: as they come, and
    -- not compressed, which would cost more than all the rest.
    CREATE TABLE ${eventContent} (
      id uuid PRIMARY KEY,
      content text NOT NULL
    ) WITH (toast_tuple_target = 8160);
    ALTER TABLE ${eventContent} ALTER COLUMN content SET STORAGE EXTERNAL;

    -- Stored events that have no job yet, as they came. An account: its events go in order.
    CREATE TABLE ${eventWaiting} (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      application text NOT NULL,
      id uuid NOT NULL,
      account text
    );

    -- When jobs were last made of them. Whoever makes jobs holds the row.
    CREATE TABLE ${eventFeed} (
      application text PRIMARY KEY,
      fed_at timestamptz NOT NULL
    ) WITH (fillfactor = 25);

    CREATE TABLE ${deadLetter} (
      application text NOT NULL,
      key text COLLATE "C" NOT NULL,
      event text NOT NULL,
      trigger text NOT NULL,
      account_id text,
      error text NOT NULL,
      runs integer NOT NULL,
      died_at bigint NOT NULL,
      PRIMARY KEY (application, key)
    );
    CREATE INDEX dead_letter_age ON ${deadLetter} (died_at);

    CREATE TABLE ${quarantine} (
      application text NOT NULL,
      key text COLLATE "C" NOT NULL,
      fault text NOT NULL,
      body bytea NOT NULL,
      received_at bigint NOT NULL,
      PRIMARY KEY (application, key)
    );
    CREATE INDEX quarantine_age ON ${quarantine} (received_at);

    -- Room on each page for the next version of a row: most updates touch no index.
    CREATE TABLE ${account} (
      application text NOT NULL,
      id text COLLATE "C" NOT NULL,
      email text,
      provider text NOT NULL,
      state text NOT NULL,
      raw text NOT NULL,
      since bigint NOT NULL,
      time bigint NOT NULL,
      broken_since bigint,
      broken_state text,
      PRIMARY KEY (application, id)
    ) WITH (fillfactor = 75);
    CREATE INDEX account_email ON ${account} (application, email) WHERE email IS NOT NULL;
    CREATE INDEX account_oldest ON ${account} (application, provider, state, since, id) WHERE ${UNHEALTHY_SQL};

    -- One count in several slots, so that processes that change it at one time do not wait for each other.
    CREATE TABLE ${accountCount} (
      application text NOT NULL,
      provider text NOT NULL,
      state text NOT NULL,
      slot smallint NOT NULL,
      count bigint NOT NULL,
      PRIMARY KEY (application, provider, state, slot)
    ) WITH (fillfactor = 25, autovacuum_vacuum_threshold = 200, autovacuum_vacuum_scale_factor = 0);

    CREATE TABLE ${transition} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      application text NOT NULL,
      account_id text NOT NULL,
      provider text NOT NULL,
      from_state text NOT NULL,
      to_state text NOT NULL,
      raw text NOT NULL,
      signal text NOT NULL,
      time bigint NOT NULL,
      recovery_state text,
      recovery_seconds double precision
    );
    CREATE INDEX transition_account ON ${transition} (application, account_id, time, id);
    CREATE INDEX transition_time ON ${transition} (application, time, id);

    CREATE TABLE ${journal} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      application text NOT NULL,
      time bigint NOT NULL,
      kind text NOT NULL,
      account_id text,
      data text NOT NULL
    );
    CREATE INDEX journal_account ON ${journal} (application, account_id, id) WHERE account_id IS NOT NULL;
    CREATE INDEX journal_kind ON ${journal} (application, kind, id);
    CREATE INDEX journal_age ON ${journal} (application, time);

    CREATE TABLE ${record} (
      application text NOT NULL,
      collection text NOT NULL,
      key text COLLATE "C" NOT NULL,
      value text NOT NULL,
      version integer NOT NULL,
      tag text,
      due bigint,
      PRIMARY KEY (application, collection, key)
    );
    CREATE INDEX record_due ON ${record} (application, collection, due, key) WHERE due IS NOT NULL;
    CREATE INDEX record_tag ON ${record} (application, collection, tag) WHERE tag IS NOT NULL;

    CREATE TABLE ${uptime} (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      application text NOT NULL,
      able boolean NOT NULL,
      first_beat bigint NOT NULL,
      last_beat bigint NOT NULL,
      ending text
    );
    CREATE INDEX uptime_last ON ${uptime} (application, last_beat);

    -- Up to when downtime is on the counter of some process.
    CREATE TABLE ${downtimeCounted} (
      application text PRIMARY KEY,
      until bigint NOT NULL
    );
  `,
  // When what a key stands for happened, and what it comes to: of few keys, and no byte more for all others.
  ({ eventKey }) => `
    ALTER TABLE ${eventKey} ADD COLUMN second bigint;
    ALTER TABLE ${eventKey} ADD COLUMN state text;
  `,
];
