import { dropError } from '@nylas-otel/telemetry';
import { StoredAccounts } from './accounts/stored-accounts.ts';
import { type Session, within } from './engine/database.ts';
import { Doorbell } from './engine/doorbell.ts';
import type { Engine } from './engine/open-engine.ts';
import { openEngine } from './engine/open-engine.ts';
import { connectFailure } from './engine/postgres.ts';
import { isConflict } from './errors.ts';
import { BacklogGauge } from './inbox/backlog-gauge.ts';
import { ensureEventQueues, eventQueues } from './inbox/event-queues.ts';
import { StoredInbox } from './inbox/stored-inbox.ts';
import { QueueMissing, StoredJobs } from './jobs/stored-jobs.ts';
import { StoredJournal } from './journal/stored-journal.ts';
import { type OpenStoreOptions, readOptions, type StoreSettings } from './options.ts';
import { StoredRecords } from './records/stored-records.ts';
import { keepDeleting } from './retention/retention.ts';
import { migrate, SCHEMA_VERSION } from './schema/migrate.ts';
import { type Tables, tablesOf } from './schema/tables.ts';
import type { NylasStore, StoreHealth, StoreTransaction } from './store.ts';
import { StoredUptime } from './uptime/stored-uptime.ts';

/**
 * Opens the durable state of one Nylas application: on a PostgreSQL server (`databaseUrl`) that any number of processes
 * share, or embedded in this process (`folder`, `memory`). Makes and migrates its tables first.
 *
 * @throws {NylasStoreError} `NYLAS_STORE_INVALID_OPTION`, `NYLAS_STORE_UNREACHABLE`, `NYLAS_STORE_REFUSED`,
 *   `NYLAS_STORE_FOLDER_IN_USE`, `NYLAS_STORE_FOLDER_UNUSABLE`, `NYLAS_STORE_NEWER_SCHEMA`
 */
export async function openStore(options: OpenStoreOptions): Promise<NylasStore> {
  const settings = readOptions(options);
  const engine = await openEngine(settings);
  const { database, boss } = engine;
  boss.on('error', (error) => dropError('store', error));
  const tables = tablesOf(settings.schema);
  try {
    await migrate(database, settings.schema, tables);
    await boss.start();
    const queues = eventQueues(settings.application);
    await ensureEventQueues(boss, queues);
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    await database.close().catch(() => {});
    throw settings.place.engine === 'postgresql' ? connectFailure(error, settings.place.url) : error;
  }
  const store = new Store(settings, engine, tables);
  await store.showBacklog();
  return store;
}

const CONFLICT_RUNS = 5;
const GRACE_MS = 30_000;

class Store implements NylasStore {
  readonly engine: NylasStore['engine'];
  readonly application: string;
  readonly accounts: StoredAccounts;
  readonly journal: StoredJournal;
  readonly inbox: StoredInbox;
  readonly jobs: StoredJobs;
  readonly uptime: StoredUptime;
  readonly #engine: Engine;
  readonly #tables: Tables;
  readonly #settings: StoreSettings;
  readonly #doorbell: Doorbell | undefined;
  readonly #stopDeleting: () => Promise<void>;
  #backlog: BacklogGauge | undefined;
  #closing: Promise<void> | undefined;

  constructor(settings: StoreSettings, engine: Engine, tables: Tables) {
    const { application, place } = settings;
    const { database, boss } = engine;
    this.#settings = settings;
    this.#engine = engine;
    this.#tables = tables;
    this.engine = place.engine;
    this.application = application;
    this.accounts = new StoredAccounts(database, tables, application);
    this.journal = new StoredJournal(database, tables, application);
    this.uptime = new StoredUptime(database, tables, application);
    if (place.engine === 'postgresql') {
      this.#doorbell = new Doorbell(place.url, database, `${settings.schema}/${application}`, () => {
        this.inbox.kick();
        this.jobs.kick();
      });
    }
    const ring = this.#doorbell === undefined ? undefined : () => this.#doorbell?.ring();
    this.inbox = new StoredInbox(
      {
        boss,
        database,
        tables,
        application,
        queues: eventQueues(application),
        keepErrorMessages: settings.keepErrorMessages,
        transaction: (work) => this.#transaction(work),
      },
      ring,
    );
    this.jobs = new StoredJobs(
      {
        boss,
        database,
        application,
        journal: (session, entries) =>
          new StoredJournal(within(session), tables, application).append(entries),
      },
      ring,
    );
    this.#stopDeleting = keepDeleting(database, tables, settings.retention);
  }

  async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.#engine.database.query(text, values)) as unknown as readonly Row[];
  }

  records<Value>(collection: string): StoredRecords<Value> {
    return new StoredRecords<Value>(this.#engine.database, this.#tables, this.application, collection);
  }

  async transaction<Result>(work: (tx: StoreTransaction) => Promise<Result>): Promise<Result> {
    return await this.#transaction((tx) => work(tx));
  }

  async #transaction<Result>(
    work: (tx: StoreTransaction, session: Session) => Promise<Result>,
  ): Promise<Result> {
    for (let run = 1; ; run++) {
      const afterwards: (() => void)[] = [];
      try {
        const result = await this.#engine.database.transaction((session) =>
          work(
            this.#parts(session, (then) => afterwards.push(then)),
            session,
          ),
        );
        for (const then of afterwards) then();
        return result;
      } catch (error) {
        if (error instanceof QueueMissing) await this.jobs.ensure(error.queue);
        else if (run === CONFLICT_RUNS || !isConflict(error)) throw error;
      }
    }
  }

  #parts(session: Session, after: (then: () => void) => void): StoreTransaction {
    const runner = within(session);
    return {
      query: async <Row extends object>(text: string, values?: readonly unknown[]) =>
        (await session.query(text, values)) as unknown as readonly Row[],
      accounts: new StoredAccounts(runner, this.#tables, this.application),
      journal: new StoredJournal(runner, this.#tables, this.application),
      jobs: this.jobs.within(session, after),
      records: <Value>(collection: string) =>
        new StoredRecords<Value>(runner, this.#tables, this.application, collection),
    };
  }

  /** From now on the gauge tells the backlog. */
  async showBacklog(): Promise<void> {
    const counts = await this.inbox.counts();
    this.#backlog = new BacklogGauge(this.application, counts, () => this.inbox.counts());
  }

  async health(): Promise<StoreHealth> {
    const { database } = this.#engine;
    const started = performance.now();
    await database.query('SELECT 1');
    const roundTrip = (performance.now() - started) / 1_000;
    const why = await this.#whyNotDurable();
    return {
      engine: this.engine,
      durable: why === undefined,
      ...(why === undefined ? {} : { why }),
      roundTrip,
      schemaVersion: SCHEMA_VERSION,
    };
  }

  async #whyNotDurable(): Promise<string | undefined> {
    const { place } = this.#settings;
    if (place.engine === 'pglite' && place.folder === undefined)
      return 'The store is in memory: open it with `folder` or `databaseUrl`.';
    const rows = await this.#engine.database.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit')`,
    );
    const off = rows.filter(({ setting }) => setting === 'off').map(({ name }) => name);
    if (off.length === 0) return undefined;
    return `A crash of the server may lose what it has committed: set ${off.join(' and ')} to \`on\`.`;
  }

  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.graceMs ?? GRACE_MS);
    await this.#closing;
  }

  async #close(graceMs: number): Promise<void> {
    const { boss, database } = this.#engine;
    await Promise.all([this.inbox.close(graceMs), this.jobs.close(graceMs)]);
    await this.uptime.stop().catch((error: unknown) => dropError('store', error));
    await this.#backlog?.close();
    await this.#stopDeleting();
    await this.#doorbell?.close();
    await boss.stop({ graceful: false });
    await database.close();
  }
}
