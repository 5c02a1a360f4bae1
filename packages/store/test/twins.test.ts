// Debian: apt install postgresql
import {
  type EventVerdict,
  mockDelta,
  mockNotification,
  type ObjectChange,
  objectKey,
  RECOVERED,
  type ReceivedEvent,
  readEnvelope,
} from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresDatabase } from '../src/engine/postgres.ts';
import { storeEvents } from '../src/inbox/store-events.ts';
import { type NylasStore, openStore } from '../src/index.ts';
import { columnText } from '../src/limits.ts';
import { tablesOf } from '../src/schema/tables.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../src/testing.ts';
import { deferred, drain, eventually } from './contract/harness.ts';
import { CALL, received, unique } from './contract/harness-events.ts';
import { DELTAS, type Subject, UNNAMED } from './contract/harness-recovery.ts';

/** A notification, and what recovery makes of the same change when it reads the object again. */
interface Twins {
  readonly told: ReceivedEvent;
  readonly readAgain: ReceivedEvent;
}

function readAgain(told: ReceivedEvent, change: ObjectChange): ReceivedEvent {
  const { version, accountId = '', objectId = '', trigger } = told;
  const kind = trigger.slice(0, trigger.indexOf('.'));
  return {
    ...told,
    key: RECOVERED + objectKey(version, accountId, kind, objectId, change),
    source: '/nylas-otel/recovery',
    extensions: { recovery_run: 'run' },
  };
}

function v3(trigger: string, change: ObjectChange, object: object = {}): Twins {
  const accountId = unique('grant');
  const [event] = readEnvelope(
    mockNotification(trigger, { accountId, object: { id: unique('object'), ...object } }),
  ).events;
  const told = { ...(event as ReceivedEvent), receivedAt: 0 };
  return { told, readAgain: readAgain(told, change) };
}

function v2(trigger: string, change: ObjectChange): Twins {
  const [event] = readEnvelope({ deltas: [mockDelta(trigger, { accountId: unique('account') })] }).events;
  const told = { ...(event as ReceivedEvent), receivedAt: 0 };
  return { told, readAgain: readAgain(told, change) };
}

function grantDeleted(): Twins {
  const { told } = v3('grant.deleted', 'deleted');
  return { told, readAgain: readAgain({ ...told, objectId: told.accountId ?? '' }, 'deleted') };
}

/** What has no name is one by what it says of its object, and by when. */
function unnamed({ tell, read }: Subject): Twins {
  const isV2 = tell('a', 1).version === 'v2' && !tell('a', 1).trigger.startsWith('account.');
  const readAgain = read('a', { at: 1_000, since: 500, ...(isV2 ? { updates: 1 } : {}) });
  return { told: tell('a', 900), readAgain };
}

const KINDS = {
  message: () => v3('message.created', 'created'),
  event: () => v3('event.updated', '@7', { updated_at: 7 }),
  folder: () => v3('folder.deleted', 'deleted'),
  grant: grantDeleted,
  messageV2: () => v2('message.created', 'created'),
  eventV2: () => v2('event.deleted', 'deleted'),
  messageState: () => unnamed(UNNAMED.message()),
  contactState: () => unnamed(UNNAMED.contact()),
  folderState: () => unnamed(UNNAMED.folder()),
  calendarState: () => unnamed(UNNAMED.calendar()),
  grantState: () => unnamed(UNNAMED.grant()),
  accountState: () => unnamed(UNNAMED.account()),
  messageUpdateV2: () => unnamed(DELTAS.message()),
  eventUpdateV2: () => unnamed(DELTAS.event()),
  contactUpdateV2: () => unnamed(DELTAS.contact()),
  calendarUpdateV2: () => unnamed(DELTAS.calendar()),
} satisfies { readonly [kind: string]: () => Twins };

const TABLES = tablesOf('nylas_otel');

describe.runIf(hasPostgres())('a notification and what was read again, stored at one time', () => {
  let server: PostgresServer;
  let url: string;
  let store: NylasStore;
  let database: PostgresDatabase;

  beforeAll(async () => {
    server = await startPostgres();
    url = await server.createDatabase();
    store = await openStore({ databaseUrl: url });
    database = new PostgresDatabase(url, 4);
  });
  afterAll(async () => {
    await database?.close();
    await store?.close();
    await server?.stop();
  });

  /** Stores events and leaves the transaction open until it is told how to end. */
  async function heldOpen(
    events: readonly ReceivedEvent[],
  ): Promise<(end: 'commit' | 'roll back') => Promise<void>> {
    const stored = deferred<void>();
    const ended = deferred<'commit' | 'roll back'>();
    const byKey = new Map(events.map((event) => [columnText(event.key), event]));
    const transaction = database
      .transaction(async (session) => {
        await storeEvents(session, TABLES, 'default', byKey);
        stored.resolve();
        if ((await ended.promise) === 'roll back') throw new RolledBack();
      })
      .catch((error: unknown) => {
        if (!(error instanceof RolledBack)) throw error;
      });
    await Promise.race([stored.promise, transaction]);
    return async (end) => {
      ended.resolve(end);
      await transaction;
    };
  }

  /** Resolves when a session waits for the transaction of another one. */
  async function someoneWaits(): Promise<void> {
    await eventually(async () => {
      const waits = await store.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted",
      );
      expect(waits).toHaveLength(1);
    });
  }

  async function handledBy(worker: NylasStore): Promise<readonly string[]> {
    const handled: string[] = [];
    await drain(worker, { onEvent: ({ key }) => handled.push(key) });
    return handled.sort();
  }

  it.each([
    ['told', 'readAgain'],
    ['readAgain', 'told'],
  ] as const)('are one, where %s is on its way and %s comes', async (first, second) => {
    const handled: string[] = [];
    for (const make of Object.values(KINDS)) {
      const twins = make();
      const end = await heldOpen([twins[first]]);
      const verdicts = store.inbox.accept([twins[second]], CALL);
      await someoneWaits();
      await end('commit');
      expect(await verdicts, twins.told.type).toEqual(['duplicate']);
      handled.push(twins[first].key);
    }
    expect(await handledBy(store)).toEqual(handled.sort());
  });

  it.each([
    ['told', 'readAgain'],
    ['readAgain', 'told'],
  ] as const)('are the other one, where %s is on its way and fails, and %s comes', async (first, second) => {
    const handled: string[] = [];
    for (const make of Object.values(KINDS)) {
      const twins = make();
      const end = await heldOpen([twins[first]]);
      const verdicts = store.inbox.accept([twins[second]], CALL);
      await someoneWaits();
      await end('roll back');
      expect(await verdicts, twins.told.type).toEqual(['accepted']);
      expect(await store.inbox.accept([twins[first]], CALL)).toEqual(['duplicate']);
      handled.push(twins[second].key);
    }
    expect(await handledBy(store)).toEqual(handled.sort());
  });

  it('take nothing else of their deliveries with them', async () => {
    const [told, readAgain] = [
      Array.from({ length: 3 }, KINDS.message),
      Array.from({ length: 3 }, KINDS.event),
    ];
    const end = await heldOpen([
      ...told.map((twins) => twins.told),
      ...readAgain.map((twins) => twins.readAgain),
    ]);
    const twins = [...told.map((one) => one.readAgain), ...readAgain.map((one) => one.told)];
    const others = [received(), received({ trigger: 'grant.expired' }), received()];
    const verdicts = store.inbox.accept([...others, ...twins], CALL);
    await someoneWaits();
    await end('commit');
    expect(await verdicts).toEqual([...others.map(() => 'accepted'), ...twins.map(() => 'duplicate')]);
    expect(await handledBy(store)).toEqual(
      [...told.map((one) => one.told), ...readAgain.map((one) => one.readAgain), ...others]
        .map(({ key }) => key)
        .sort(),
    );
  });

  it('keep no second notification of the change from its handler, where the first one was in time', async () => {
    const twins = KINDS.message();
    const cleaned: ReceivedEvent = {
      ...twins.told,
      key: `${twins.told.key}-cleaned`,
      trigger: 'message.created.cleaned',
    };
    const end = await heldOpen([twins.told]);
    const verdicts = store.inbox.accept([twins.readAgain], CALL);
    await someoneWaits();
    await end('commit');
    expect(await verdicts).toEqual(['duplicate']);
    expect(await store.inbox.accept([cleaned], CALL)).toEqual(['accepted']);
    expect(await handledBy(store)).toEqual([twins.told.key, cleaned.key].sort());
  });

  it('have no other deliveries wait for them', async () => {
    const [told, readAgain] = [KINDS.message(), KINDS.event()];
    const end = await heldOpen([told.told, readAgain.readAgain]);
    // Other objects of the same accounts, and other changes of the same objects.
    const about = (twins: Twins, more: object) => received({ accountId: twins.told.accountId, ...more });
    const others = [
      about(told, { objectId: unique('object') }),
      about(told, { objectId: told.told.objectId, trigger: 'message.deleted' }),
      about(readAgain, { objectId: unique('object') }),
      about(readAgain, { objectId: readAgain.told.objectId, trigger: 'event.deleted' }),
      KINDS.message().readAgain,
    ];
    expect(await store.inbox.accept(others, CALL)).toEqual(others.map(() => 'accepted'));
    await end('commit');
    expect(await handledBy(store)).toEqual(
      [told.told, readAgain.readAgain, ...others].map(({ key }) => key).sort(),
    );
  });

  it('leave no other states of the object waiting, and are judged with them in the order of their commits', async () => {
    const { tell, read } = UNNAMED.contact();
    const end = await heldOpen([read('a', { at: 1_000, since: 500 })]);
    expect(await store.inbox.accept([tell('b', 900)], CALL)).toEqual(['accepted']);
    await end('commit');
    // Recovery has had the last word.
    expect(await store.inbox.accept([tell('a', 900)], CALL)).toEqual(['duplicate']);
    await handledBy(store);
  });

  it.each(['read committed', 'serializable'])(
    'are one each, however many come at one time to however many processes (default of the database: %s)',
    async (isolation) => {
      const shared = await server.createDatabase();
      await store.query(
        `ALTER DATABASE ${new URL(shared).pathname.slice(1)} SET default_transaction_isolation = '${isolation}'`,
      );
      const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ databaseUrl: shared })));
      try {
        const makers = Object.values(KINDS);
        const pairs = Array.from({ length: 600 }, (_, n) => (makers[n % makers.length] as () => Twins)());
        // Each notification is sent twice, and two runs of recovery read each object.
        const all = shuffled(pairs.flatMap(({ told, readAgain }) => [told, told, readAgain, readAgain]));
        const accepted: (Promise<readonly EventVerdict[]> | readonly EventVerdict[])[] = [];
        while (all.length > 0) {
          const some = all.splice(0, 1 + Math.floor(Math.random() * 10));
          accepted.push((stores[accepted.length % stores.length] as NylasStore).inbox.accept(some, CALL));
        }
        const verdicts = (await Promise.all(accepted)).flat();
        expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(pairs.length);
        const handled = new Set(await handledBy(stores[0] as NylasStore));
        const times = pairs.map(
          ({ told, readAgain }) => Number(handled.has(told.key)) + Number(handled.has(readAgain.key)),
        );
        expect(times).toEqual(pairs.map(() => 1));
        expect(handled.size).toBe(pairs.length);
      } finally {
        await Promise.all(stores.map((one) => one.close()));
      }
    },
  );

  it('are stored where two deliveries of thousands hold each other up', async () => {
    const other = await openStore({ databaseUrl: url });
    try {
      const events = Array.from({ length: 2_000 }, () => received());
      const verdicts = await Promise.all([
        store.inbox.accept(events, CALL),
        other.inbox.accept(events.toReversed(), CALL),
      ]);
      expect(verdicts.flat().filter((verdict) => verdict === 'accepted')).toHaveLength(events.length);
      expect(await store.inbox.counts()).toMatchObject({ queued: events.length });
    } finally {
      await other.close();
    }
  });
});

class RolledBack extends Error {}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
