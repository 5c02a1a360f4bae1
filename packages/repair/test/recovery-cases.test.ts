// Debian: apt install postgresql
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { bindTracerProvider } from '@nylas-otel/telemetry';
import { type EventVerdict, mockNotification, type ReceivedEvent, readEnvelope } from '@nylas-otel/webhooks';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDestinationWatch } from '../src/destinations/watch-destinations.ts';
import type { RecoveryReport } from '../src/index.ts';
import { gapsIn } from '../src/recovery/gap-ledger.ts';
import { recoverWith } from '../src/recovery/recover.ts';
import { startRecoveryWith } from '../src/recovery/start-recovery.ts';
import { Readout } from './readout.ts';
import {
  acceptAll,
  handledCounts,
  lateNotifications,
  lateStates,
  type RecoveryWorld,
  recoveryWorld,
} from './recovery-world.ts';

const HOUR = 3_600_000;
const readout = new Readout();
const spans = new InMemorySpanExporter();
bindTracerProvider(
  {},
  new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: spans })] }),
);

describe.skipIf(!hasPostgres())('recovery of grants', () => {
  let server: PostgresServer;
  let world: RecoveryWorld;
  const access = () => ({
    store: world.store,
    apiKey: world.simulator.apiKey,
    baseUrl: world.simulator.url,
  });
  /** What happens while nothing is sent. */
  const outage = async (during: () => void): Promise<{ since: Date; until: Date }> => {
    const { clock, webhooks } = world.simulator;
    await clock.advance(HOUR);
    const since = new Date(clock.now());
    webhooks.startOutage();
    await clock.advance(HOUR);
    during();
    await clock.advance(HOUR);
    webhooks.endOutage();
    return { since, until: new Date(clock.now()) };
  };
  const running = async <T>(work: () => Promise<T>): Promise<T> => {
    world.simulator.clock.setScale(1);
    try {
      return await work();
    } finally {
      world.simulator.clock.setScale(0);
      await world.drained();
    }
  };
  const id = (n: number): string => world.simulator.grants.list()[n]?.id ?? '';

  beforeAll(async () => {
    server = await startPostgres();
    world = await recoveryWorld({
      databaseUrl: await server.createDatabase(),
      grants: Array.from({ length: 5 }, () => ({ provider: 'imap' as const })),
      objects: { messages: 20, events: 10, contacts: 10 },
    });
    const { clock } = world.simulator;
    await running(async () => {
      await recoverWith(
        { ...access(), since: new Date(clock.now() - 1_000), resources: ['grants'] },
        world.runtime,
      );
      const recovery = startRecoveryWith({ ...access(), unfiltered: 'deliver' }, world.runtime);
      await recovery.keepNow();
      await recovery.close();
    });
  });
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it('delivers what no filter shows where that is wanted, and says what stays unseen where it is not', async () => {
    const { simulator, runtime, handled } = world;
    const { traffic } = simulator;
    const messages = (await listIds('messages')).slice(0, 2);
    const [event] = await listIds('events');
    const gap = await outage(() => {
      traffic.update(id(0), 'message', messages[0] ?? '', { starred: true });
      traffic.delete(id(0), 'message', messages[1] ?? '');
      traffic.delete(id(0), 'event', event ?? '');
    });
    const heard = handled.length;
    const off = await running(() =>
      recoverWith({ ...access(), ...gap, accounts: [id(0)], dryRun: true }, runtime),
    );
    expect(off.blind).toEqual(
      expect.arrayContaining(['message.updated', 'message.deleted', 'event.deleted']),
    );
    expect(off.recovered).toEqual({});
    expect(handled).toHaveLength(heard);
    const report = await running(() =>
      recoverWith({ ...access(), ...gap, accounts: [id(0)], unfiltered: 'deliver' }, runtime),
    );
    expect(report).toMatchObject({ recovered: { messages: 2, events: 1 }, unrecoverable: {} });
    expect(handled.slice(heard).map(({ trigger, objectId }) => [trigger, objectId])).toEqual(
      expect.arrayContaining([
        ['message.updated', messages[0]],
        ['message.deleted', messages[1]],
        ['event.deleted', event],
      ]),
    );
    expect(handled.slice(heard).find(({ trigger }) => trigger === 'message.updated')?.data).toMatchObject({
      object: { id: messages[0], starred: true, grant_id: id(0) },
    });
    const late = lateNotifications(simulator, simulator.webhooks.missed());
    expect(late.map(({ trigger }) => trigger)).toEqual([
      'event.deleted',
      'message.deleted',
      'message.updated',
    ]);
    expect(await acceptAll(world, late)).toEqual([]);
  });

  it('tries a dry run: counts, and hands nothing over', async () => {
    const { simulator, runtime, handled } = world;
    const gap = await outage(() => void simulator.traffic.arrive(id(1), {}));
    const heard = handled.length;
    const once = { ...access(), ...gap, accounts: [id(1)] };
    expect((await running(() => recoverWith({ ...once, dryRun: true }, runtime))).recovered).toEqual({
      messages: 1,
    });
    expect(handled).toHaveLength(heard);
    expect((await running(() => recoverWith(once, runtime))).recovered).toEqual({ messages: 1 });
    expect(handled).toHaveLength(heard + 1);
    const again = await running(() => recoverWith(once, runtime));
    expect(again).toMatchObject({ recovered: {}, known: { messages: 1 } });
    expect(handled).toHaveLength(heard + 1);
  });

  it('takes a notification that comes late for what it is: known', async () => {
    const { simulator, store, runtime, handled } = world;
    const gap = await outage(() => void simulator.traffic.arrive(id(1), {}));
    await running(() => recoverWith({ ...access(), ...gap, accounts: [id(1)] }, runtime));
    const recovered = handled.at(-1);
    expect(recovered).toMatchObject({ trigger: 'message.created', source: '/nylas-otel/recovery' });
    const { source: _, extensions: __, ...event } = recovered ?? ({} as never);
    const late = { ...event, key: 'v3:late', id: 'late' };
    const verdicts = await store.inbox.accept([late], { signal: new AbortController().signal });
    expect(verdicts).toEqual(['duplicate']);
  });

  it('takes the late news of a grant for what it is: known, each state once', async () => {
    const { simulator, runtime, handled } = world;
    const grants = { ...access(), accounts: [] as string[], resources: ['grants'] as const };
    const expired = await outage(() => void simulator.grants.expire(id(3), { noticedAfterMs: 0 }));
    const heard = handled.length;
    await running(() => recoverWith({ ...grants, ...expired }, runtime));
    const back = await outage(() => void simulator.grants.reauthenticate(id(3)));
    await running(() => recoverWith({ ...grants, ...back }, runtime));
    const triggers = ['grant.expired', 'grant.updated'];
    expect(handled.slice(heard).map(({ trigger }) => trigger)).toEqual(triggers);
    const late = lateStates(simulator, id(3), expired.since);
    expect(late.map(({ trigger }) => trigger).sort()).toEqual(triggers);
    expect(await acceptAll(world, late)).toEqual([]);
  });

  it('hands each change over once, where Nylas sends what was missed while it is read again', async () => {
    const { simulator, store, runtime, handled } = world;
    const ids: string[] = [];
    const gap = await outage(() => {
      for (let n = 0; n < 200; n++) ids.push(String(simulator.traffic.arrive(id(1), {})?.id));
    });
    const heard = handled.length;
    const late = ids.map((objectId) => {
      const notification = mockNotification('message.created', {
        accountId: id(1),
        object: { id: objectId },
      });
      return { ...(readEnvelope(notification).events[0] as ReceivedEvent), receivedAt: runtime.now() };
    });
    let accepted = 0;
    const report = await running(async () => {
      const [recovered, verdicts] = await Promise.all([
        recoverWith({ ...access(), ...gap, accounts: [id(1)], resources: ['messages'] }, runtime),
        sendSlowly(late, (events) => store.inbox.accept(events, { signal: new AbortController().signal })),
      ]);
      accepted = verdicts.filter((verdict) => verdict === 'accepted').length;
      return recovered;
    });
    const counts = handledCounts(handled.slice(heard));
    expect(ids.map((objectId) => counts.get(`${id(1)}/message/${objectId}`))).toEqual(ids.map(() => 1));
    expect(handled).toHaveLength(heard + ids.length);
    expect((report.recovered.messages ?? 0) + accepted).toBe(ids.length);
    expect((report.recovered.messages ?? 0) + (report.known.messages ?? 0)).toBe(ids.length);
  });

  it('postpones a grant that must be re-authenticated, and goes on with it when it is back', async () => {
    const { simulator, runtime, store } = world;
    const gap = await outage(() => void simulator.traffic.arrive(id(2), {}));
    simulator.grants.setStatus(id(2), 'invalid');
    const once = { ...access(), ...gap, accounts: [id(2)], resources: ['messages'] as const };
    const report = await running(() => recoverWith(once, runtime));
    expect(report).toMatchObject({ complete: true, postponed: [id(2)], recovered: {} });
    const recovery = startRecoveryWith({ ...access(), silence: false }, runtime);
    expect(await running(() => recovery.recoverNow())).toBeUndefined();
    simulator.grants.setStatus(id(2), 'valid');
    const [account] = await store.accounts.list({ limit: 1 });
    await store.accounts.apply([
      {
        reading: {
          id: id(2),
          email: undefined,
          provider: account?.provider ?? 'imap',
          state: 'running',
          raw: 'valid',
        },
        time: runtime.now(),
        signal: 'poll',
      },
    ]);
    expect(await running(() => recovery.recoverNow())).toMatchObject({
      postponed: [],
      recovered: { messages: 1 },
    });
    await recovery.close();
  });

  it('waits as long as a 429 says, and tries again after an error', async () => {
    const { simulator, runtime } = world;
    const gap = await outage(() => void simulator.traffic.arrive(id(3), {}));
    const route = '/v3/grants/{grant_id}/messages';
    simulator.faults.add({ fault: 'rate_limit_provider', route, times: 1, options: { retryAfter: 2 } });
    simulator.faults.add({ fault: 'bad_gateway_html', route, times: 1 });
    simulator.requests.clear();
    spans.reset();
    const once = { ...access(), ...gap, accounts: [id(3)], resources: ['messages'] as const };
    const report = await running(() => recoverWith(once, runtime));
    expect(report).toMatchObject({ complete: true, recovered: { messages: 1 } });
    const [limited, ...others] = simulator.requests.list().filter(({ template }) => template === route);
    expect(limited?.status).toBe(429);
    expect((others[0]?.time ?? 0) - (limited?.time ?? 0)).toBeGreaterThanOrEqual(2_000);
    expect(
      spans.getFinishedSpans().map(({ name, attributes }) => [name, attributes['nylas.request.count']]),
    ).toContainEqual(['nylas webhooks.recover', report.requests]);
  });

  it('makes up for the time in which a destination had failed, when it is back and Nylas has had its tries', async () => {
    const { simulator, store, runtime, handled } = world;
    const { clock, webhooks, traffic } = simulator;
    const destination = webhooks.destinations()[0]?.id ?? '';
    const watch = startDestinationWatch({ ...access(), interval: 10 }, runtime);
    await watch.ready;
    const seen = (): Promise<void> =>
      expect
        .poll(() => watch.destinations()[0]?.status, { timeout: 60_000, interval: 200 })
        .toBe(webhooks.destinations()[0]?.status);
    const recovery = startRecoveryWith({ ...access(), silence: false, settle: 1_200 }, runtime);
    webhooks.setStatus(destination, 'failed');
    await seen();
    traffic.arrive(id(4), { subject: 'while it had failed' });
    await clock.advance(HOUR);
    expect(await gapsIn(store, 'open')).toHaveLength(1);
    webhooks.setStatus(destination, 'active');
    await seen();
    expect(await gapsIn(store, 'waiting')).toHaveLength(1);
    expect(await running(() => recovery.recoverNow())).toBeUndefined();
    const [age] = await readout.values('nylas.webhook.gap.age', { 'nylas.api.version': 'v3' });
    expect(age?.value).toBeGreaterThan(3_600);
    await clock.advance(1_300_000);
    const heard = handled.length;
    const report = (await running(() => recovery.recoverNow())) as RecoveryReport;
    expect(report.recovered.messages).toBe(1);
    expect(handled.slice(heard).map(({ accountId }) => accountId)).toEqual([id(4)]);
    expect(await gapsIn(store, 'done')).toHaveLength(1);
    const [after] = await readout.values('nylas.webhook.gap.age', { 'nylas.api.version': 'v3' });
    expect(after?.value).toBe(0);
    const journal = await store.journal.read({ kind: 'destination' });
    expect(journal.map(({ data }) => [data.from, data.to])).toEqual([
      ['failed', 'active'],
      ['active', 'failed'],
    ]);
    await recovery.close();
    await watch.close();
  }, 120_000);

  async function listIds(resource: string): Promise<string[]> {
    const { url, apiKey } = world.simulator;
    const headers = { authorization: `Bearer ${apiKey}` };
    const ask = async (path: string): Promise<{ data: { id: string }[] }> =>
      (await (await fetch(`${url}/v3/grants/${id(0)}/${path}`, { headers })).json()) as {
        data: { id: string }[];
      };
    if (resource !== 'events') return (await ask(resource)).data.map((one) => one.id);
    const [calendar] = (await ask('calendars')).data;
    return (await ask(`events?calendar_id=${calendar?.id}`)).data.map((one) => one.id);
  }
});

/** A few events at a time, each when the ones before are stored, the last ones first. */
async function sendSlowly(
  events: readonly ReceivedEvent[],
  accept: (events: readonly ReceivedEvent[]) => Promise<readonly EventVerdict[]> | readonly EventVerdict[],
): Promise<readonly EventVerdict[]> {
  const left = [...events];
  const verdicts: EventVerdict[] = [];
  while (left.length > 0) verdicts.push(...(await accept(left.splice(-3))));
  return verdicts;
}
