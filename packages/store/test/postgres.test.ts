// Debian: apt install postgresql
import {
  METRIC_NYLAS_WEBHOOK_BACKLOG,
  METRIC_NYLAS_WEBHOOK_DOWNTIME,
} from '@nylas-otel/semantic-conventions';
import { instrumentHub } from '@nylas-otel/telemetry';
import type { ReceivedEvent } from '@nylas-otel/webhooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import type { PgBoss } from 'pg-boss';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../src/engine/postgres.ts';
import { EventFeeder } from '../src/inbox/event-feeder.ts';
import { eventQueues } from '../src/inbox/event-queues.ts';
import { type NylasStore, openStore } from '../src/index.ts';
import { deleteOld } from '../src/retention/retention.ts';
import { tablesOf } from '../src/schema/tables.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../src/testing.ts';
import { deferred, eventually } from './contract/harness.ts';
import { CALL, received, unique } from './contract/harness-events.ts';
import { UNNAMED } from './contract/harness-recovery.ts';

describe.runIf(hasPostgres())('stores on one PostgreSQL server', () => {
  let server: PostgresServer;
  const open: NylasStore[] = [];

  beforeAll(async () => {
    server = await startPostgres();
  });
  // A test that stopped it and failed must not have the others fail too.
  beforeEach(() => server.start());
  afterAll(async () => {
    await Promise.all(open.map((store) => store.close({ graceMs: 0 })));
    await server.stop();
  });
  async function opened(databaseUrl: string, more: object = {}): Promise<NylasStore> {
    const store = await openStore({ databaseUrl, poolSize: 3, ...more });
    open.push(store);
    return store;
  }

  it('are made by ten that start at one time', async () => {
    const url = await server.createDatabase();
    const stores = await Promise.all(Array.from({ length: 10 }, () => opened(url)));
    const event = received();
    const verdicts = await Promise.all(stores.map((store) => store.inbox.accept([event], CALL)));
    expect(verdicts.flat().filter((verdict) => verdict === 'accepted')).toHaveLength(1);
    expect(await stores[0]?.health()).toMatchObject({
      engine: 'postgresql',
      durable: true,
      schemaVersion: 2,
    });
    await Promise.all(open.splice(0).map((store) => store.close()));
  });

  it('keep applications and schemas apart', async () => {
    const url = await server.createDatabase();
    const one = await opened(url);
    const two = await opened(url, { application: 'second' });
    const three = await opened(url, { schema: 'other' });
    const event = received();
    for (const store of [one, two, three])
      expect(await store.inbox.accept([event], CALL)).toEqual(['accepted']);
    await one.records('c').add('k', 1);
    expect(await two.records('c').get('k')).toBeUndefined();
    expect(await three.records('c').get('k')).toBeUndefined();
    expect(await two.inbox.counts()).toEqual({ queued: 1, active: 0, dead: 0 });
  });

  it('tell each change of an account once, and wake each other', async () => {
    const url = await server.createDatabase();
    const [one, two] = [await opened(url), await opened(url)];
    const id = unique('grant');
    const news = (state: 'running' | 'invalid', time: number) =>
      ({
        reading: { id, email: undefined, provider: 'google', state, raw: state },
        time,
        signal: 'webhook',
      }) as const;
    await one.accounts.apply([news('running', 1)]);
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (n % 2 === 0 ? one : two).accounts.apply([news('invalid', 600_000)]),
      ),
    );
    expect(
      results
        .flat()
        .map(({ verdict }) => verdict)
        .toSorted(),
    ).toEqual(['changed', ...Array(9).fill('same')]);
    const handled = deferred<string>();
    await two.inbox.work({ onEvent: ({ key }) => handled.resolve(key) });
    const event = received();
    await one.inbox.accept([event], CALL);
    expect(await handled.promise).toBe(event.key);
  });

  it('do repeated work in one process, and in another when that one goes', async () => {
    const url = await server.createDatabase();
    const [one, two] = [await opened(url), await opened(url)];
    const by: string[] = [];
    let now = 0;
    let most = 0;
    const run = (name: string) => async (): Promise<void> => {
      most = Math.max(most, ++now);
      by.push(name);
      await new Promise((resolve) => setTimeout(resolve, 20));
      now--;
    };
    await one.jobs.every('poll', 0.05, run('one'));
    await two.jobs.every('poll', 0.05, run('two'));
    await eventually(() => expect(by.length).toBeGreaterThan(2));
    await one.close();
    const before = by.length;
    await eventually(() => expect(by.length).toBeGreaterThan(before + 1));
    expect(by.slice(before + 1)).not.toContain('one');
    expect(most).toBe(1);
  });

  it('go on after a restart of the server', async () => {
    const store = await opened(await server.createDatabase());
    const handled: string[] = [];
    await store.inbox.work({ onEvent: ({ key }) => handled.push(key) });
    const before = received();
    await store.inbox.accept([before], CALL);
    await server.kill();
    await expect(store.inbox.check()).rejects.toThrow();
    await expect(store.inbox.accept([received()], CALL)).rejects.toThrow();
    await server.start();
    const after = received();
    await eventually(async () => expect(await store.inbox.accept([after], CALL)).toHaveLength(1));
    await eventually(() => expect(new Set(handled)).toEqual(new Set([before.key, after.key])));
    // A crashed server looks through all its files first.
  }, 120_000);

  it('end what is in hand when they are closed, and take nothing more', async () => {
    const url = await server.createDatabase();
    const store = await openStore({ databaseUrl: url });
    const started = deferred<void>();
    let ended = false;
    await store.inbox.work({
      onEvent: async () => {
        started.resolve();
        await new Promise((resolve) => setTimeout(resolve, 100));
        ended = true;
      },
    });
    await store.inbox.accept([received()], CALL);
    await started.promise;
    const accepted = store.inbox.accept([received({ trigger: 'grant.expired' })], CALL);
    const closed = store.close();
    await expect(store.inbox.accept([received()], CALL)).rejects.toMatchObject({
      code: 'NYLAS_WEBHOOK_INBOX_CLOSED',
    });
    await closed;
    expect(ended).toBe(true);
    expect(await accepted).toEqual(['accepted']);
    await store.close();
    const next = await opened(url);
    expect(await next.inbox.counts()).toMatchObject({ active: 0, dead: 0 });
  });

  it('hand back at once what does not end in time', async () => {
    const url = await server.createDatabase();
    const store = await openStore({ databaseUrl: url });
    const started = deferred<void>();
    const aborted = deferred<void>();
    await store.inbox.work({
      onEvent: async (_event, { signal }) => {
        started.resolve();
        signal.addEventListener('abort', () => aborted.resolve());
        await new Promise(() => {});
      },
    });
    await store.inbox.accept([received()], CALL);
    await started.promise;
    await store.close({ graceMs: 10 });
    await aborted.promise;
    const next = await opened(url);
    const run = deferred<number>();
    await next.inbox.work({ onEvent: (_event, call) => run.resolve(call.run) });
    expect(await run.promise).toBe(2);
  });

  it('let one process have an event, when another one seemed lost with it', async () => {
    const store = await opened(await server.createDatabase());
    const event = received();
    const [running, end] = [deferred<void>(), deferred<void>()];
    const outcome = deferred<unknown>();
    await store.inbox.work({
      maxRuns: 1,
      onEvent: async (_event, call) => {
        running.resolve();
        await end.promise;
        const late = call.transaction((tx) =>
          tx.journal.append([{ kind: 'effect', accountId: undefined, data: {} }]),
        );
        outcome.resolve(await late.catch((error: unknown) => error));
      },
    });
    await store.inbox.accept([event], CALL);
    await running.promise;
    // As the monitor does when heartbeats are missed.
    await store.query(
      `UPDATE nylas_otel_jobs.job SET state = 'retry', heartbeat_on = NULL WHERE state = 'active'`,
    );
    await eventually(async () => {
      expect(await store.inbox.deadLetters()).toMatchObject([
        { key: event.key, error: 'LostWithItsProcess', runs: 1 },
      ]);
    });
    end.resolve();
    expect(await outcome.promise).toMatchObject({ code: 'NYLAS_STORE_EVENT_TAKEN_OVER' });
    expect(await store.journal.read({ kind: 'effect' })).toEqual([]);
  });

  it('delete what is older than its time, and nothing that waits', async () => {
    const url = await server.createDatabase();
    const store = await opened(url, { retention: { events: 259_200, journal: 60 } });
    const [old, fresh] = [received(), received()];
    await store.inbox.accept([old, fresh], CALL);
    const { tell, read } = UNNAMED.contact();
    await store.inbox.accept([read('a', { at: 1_000 }), tell('b', 900)], CALL);
    const ago = (seconds: number): number => Date.now() - seconds * 1_000;
    await store.query('UPDATE nylas_otel.event_key SET stored_at = $1 WHERE key = $2', [
      ago(259_300),
      old.key,
    ]);
    const told = "key LIKE 'history:%' OR key LIKE 'state:v3/grant%'";
    const aged = await store.query(
      `UPDATE nylas_otel.event_key SET stored_at = $1 WHERE ${told} RETURNING key`,
      [ago(259_300)],
    );
    expect(aged.length).toBe(3);
    await store.journal.append([
      { kind: 'old', accountId: undefined, time: ago(70), data: {} },
      { kind: 'fresh', accountId: undefined, data: {} },
    ]);
    const database = new PostgresDatabase(url, 2);
    await deleteOld(database, tablesOf('nylas_otel'), {
      events: 259_200,
      journal: 60,
      deadLetters: 60,
      quarantine: 60,
    });
    await database.close();
    expect(await store.inbox.known([old.key, fresh.key])).toEqual(new Set([fresh.key]));
    expect(await store.inbox.knownFrom('history:')).toEqual([]);
    expect(await store.inbox.statesFrom('state:v3/grant')).toEqual([]);
    expect((await store.journal.read()).map(({ kind }) => kind)).toEqual(['fresh']);
    expect(await store.inbox.counts()).toMatchObject({ queued: 4 });
  });

  it('show backlog and downtime on the gauges, without asking the database at a scrape', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 });
    const provider = new MeterProvider({ readers: [reader] });
    const owner = {};
    instrumentHub.bind(owner, provider);
    const url = await server.createDatabase();
    const before = await openStore({ databaseUrl: url, application: 'gauged' });
    await before.inbox.accept([received(), received()], CALL);
    // A minute in which nobody was there, some time ago.
    const now = Date.now();
    await before.query(
      `INSERT INTO nylas_otel.uptime (application, able, first_beat, last_beat, ending)
       VALUES ('gauged', true, $1, $2, 'stopped'), ('gauged', true, $3, $4, 'moved')`,
      [now - 600_000, now - 300_000, now - 240_000, now],
    );
    await before.query(`INSERT INTO nylas_otel.downtime_counted VALUES ('gauged', $1)`, [now - 600_000]);
    const [store, other] = await Promise.all([
      opened(url, { application: 'gauged' }),
      opened(url, { application: 'gauged' }),
    ]);
    await before.close();
    await Promise.all([store.uptime.beat(true), other.uptime.beat(true)]);
    await other.close();
    // Counted in the background: a scrape right after does not see these yet, because it asks nobody.
    await store.inbox.accept([received(), received()], CALL);
    try {
      await reader.forceFlush();
      const metrics = exporter
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap(({ metrics }) => metrics);
      const backlog = metrics.find(({ descriptor }) => descriptor.name === METRIC_NYLAS_WEBHOOK_BACKLOG);
      const points = backlog?.dataPoints.filter(
        ({ attributes }) => attributes['nylas.application'] === 'gauged',
      );
      expect(
        points?.map(({ attributes, value }) => [attributes['nylas.webhook.backlog.state'], value]),
      ).toEqual([
        ['queued', 2],
        ['active', 0],
        ['dead', 0],
      ]);
      const downtime = metrics.find(({ descriptor }) => descriptor.name === METRIC_NYLAS_WEBHOOK_DOWNTIME);
      expect(downtime?.dataPoints.map(({ value }) => value)).toEqual([60]);
    } finally {
      instrumentHub.unbind(owner);
    }
  });

  it('keep what is acknowledged until somebody makes jobs of it, who may be killed with the server meanwhile', async () => {
    const url = await server.createDatabase();
    const receiver = await opened(url);
    const accountId = unique('grant');
    const events = Array.from({ length: 700 }, (_, n) =>
      received(n % 7 === 0 ? { accountId, trigger: 'grant.updated' } : {}),
    );
    await receiver.inbox.accept(events, CALL);
    const jobs = async (): Promise<unknown> =>
      (await receiver.query(`SELECT count(*) AS jobs FROM nylas_otel_jobs.job WHERE name LIKE 'inbox/%'`))[0];
    expect(await jobs()).toEqual({ jobs: 0 });
    expect(await receiver.inbox.counts()).toEqual({ queued: 700, active: 0, dead: 0 });
    const feeder = new EventFeeder({
      boss: {
        insert: async () => {
          await server.kill();
          throw new Error('killed before the commit');
        },
      } as unknown as PgBoss,
      database: new PostgresDatabase(url, 2),
      tables: tablesOf('nylas_otel'),
      application: 'default',
      queues: eventQueues('default'),
    });
    await expect(feeder.feed()).rejects.toThrow();
    await server.start();
    await eventually(async () => {
      expect(await receiver.inbox.counts()).toEqual({ queued: 700, active: 0, dead: 0 });
    });
    // Two processes make jobs and handle them.
    const handled: string[] = [];
    const inTurn: string[] = [];
    const onEvent = (event: ReceivedEvent): void => {
      handled.push(event.key);
      if (event.accountId === accountId) inTurn.push(event.key);
    };
    const other = await opened(url);
    await Promise.all([receiver.inbox.work({ onEvent }), other.inbox.work({ onEvent })]);
    await eventually(async () => {
      expect(await receiver.inbox.counts()).toEqual({ queued: 0, active: 0, dead: 0 });
    });
    expect(handled.toSorted()).toEqual(events.map(({ key }) => key).toSorted());
    expect(inTurn).toEqual(events.filter((event) => event.accountId === accountId).map(({ key }) => key));
  }, 120_000);

  it('say what to do where they cannot be opened', async () => {
    const { port } = server;
    await expect(
      openStore({ databaseUrl: `postgresql://u:secret@127.0.0.1:${port}/nowhere` }),
    ).rejects.toMatchObject({
      code: 'NYLAS_STORE_REFUSED',
      message: expect.not.stringContaining('secret'),
    });
    await expect(openStore({ databaseUrl: 'postgresql://u:secret@127.0.0.1:9/x' })).rejects.toMatchObject({
      code: 'NYLAS_STORE_UNREACHABLE',
      message: expect.stringContaining('127.0.0.1:9/x'),
    });
    const url = await server.createDatabase();
    const store = await opened(url);
    await store.query('INSERT INTO nylas_otel.migration (version) VALUES (999)');
    await expect(openStore({ databaseUrl: url })).rejects.toMatchObject({
      code: 'NYLAS_STORE_NEWER_SCHEMA',
      message: expect.stringContaining('999'),
    });
    await store.query('DELETE FROM nylas_otel.migration WHERE version = 999');
    await store.query('ALTER DATABASE postgres SET synchronous_commit = off');
    const unsafe = await opened(server.url);
    expect(await unsafe.health()).toMatchObject({
      durable: false,
      why: expect.stringContaining('synchronous_commit'),
    });
  });

  it('refuse to accept where the server takes no writes', async () => {
    const store = await opened(await server.createDatabase());
    await store.query(`SELECT set_config('default_transaction_read_only', 'on', false)`);
    await store.query('ALTER SYSTEM SET default_transaction_read_only = on');
    await store.query('SELECT pg_reload_conf()');
    await eventually(async () => {
      await expect(store.inbox.check()).rejects.toMatchObject({ code: 'NYLAS_STORE_READ_ONLY' });
    });
  });
});
