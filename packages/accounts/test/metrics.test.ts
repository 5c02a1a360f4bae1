import { type GrantProvider, type Simulator, startSimulator } from '@nylas-otel/simulator';
import { instrumentHub } from '@nylas-otel/telemetry';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import { describe, expect, it, onTestFinished } from 'vitest';
import { accountSeriesProducer, readAccountSeries } from '../src/account-series-producer.ts';
import { Readout } from './readout.ts';
import { type Watching, watchGrants, watchV2 } from './watching.ts';

const readout = new Readout();
instrumentHub.bind({}, readout.provider);

const PROVIDERS: readonly GrantProvider[] = ['google', 'microsoft', 'imap', 'icloud', 'ews'];

async function simulate(options: Parameters<typeof startSimulator>[0]): Promise<Simulator> {
  const simulator = await startSimulator({ limits: false, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

/** Grants of five providers, every seventh invalid. */
function seeds(count: number): { provider: GrantProvider; status: 'valid' | 'invalid' }[] {
  return Array.from({ length: count }, (_, index) => ({
    provider: PROVIDERS[index % PROVIDERS.length] ?? 'google',
    status: index % 7 === 0 ? 'invalid' : 'valid',
  }));
}

/** A gauge's values of one application by its other labels. */
async function gauge(name: string, application: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { value, attributes } of await readout.points(name)) {
    const { 'nylas.application': of, ...rest } = attributes;
    if (of === application) found[Object.values(rest).join(' ')] = value;
  }
  return found;
}

async function counter(name: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { value, attributes } of await readout.points(name)) {
    found[Object.values(attributes).join(' ')] = value;
  }
  return found;
}

function rise(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const more = Object.entries(after).map(([key, value]) => [key, value - (before[key] ?? 0)] as const);
  return Object.fromEntries(more.filter(([, value]) => value !== 0));
}

function application({ watch }: Watching): string {
  return watch.snapshot().application;
}

/** The account part of `/metrics` of one application. */
async function metricsText(of: string): Promise<string[]> {
  return (await readout.text('nylas.account'))
    .split('\n')
    .filter((line) => line.includes(`nylas_application="${of}"`));
}

describe('the account gauges', () => {
  it('are exact with 10 and with 100,000 grants, and /metrics is no larger', async () => {
    const texts: string[][] = [];
    for (const count of [10, 100_000]) {
      const simulator = await simulate({ grants: seeds(count) });
      const watching = watchGrants(simulator);
      expect(await watching.watch.ready).toBe('success');
      await watching.runtime.idle();
      const values = await gauge('nylas.accounts', application(watching));
      expect(Object.keys(values)).toHaveLength(PROVIDERS.length * 9);
      for (const [provider, { valid, invalid }] of Object.entries(simulator.grants.counts().byProvider)) {
        expect(values[`running ${provider} v3`]).toBe(valid);
        expect(values[`invalid ${provider} v3`]).toBe(invalid);
        expect(values[`stopped ${provider} v3`]).toBe(0);
      }
      expect(Object.values(values).reduce((a, b) => a + b, 0)).toBe(count);
      texts.push(await metricsText(application(watching)));
      await watching.watch.close();
      await simulator.close();
    }
    const [small, large] = texts as [string[], string[]];
    expect(small.length).toBeGreaterThan(PROVIDERS.length * 9);
    expect(large.length).toBe(small.length);
    // The same series; only the digits of their values differ.
    const names = (lines: string[]): string[] =>
      lines.map((line) => line.replace(/nylas_application="[^"]*"|} .*/g, ''));
    expect(names(large)).toEqual(names(small));
  }, 120_000);

  it('are exact with thousands of v2 accounts in all their states', async () => {
    const simulator = await simulate({ accounts: 2_500 });
    const states = ['running', 'partial', 'stopped', 'invalid', 'sync_error', 'exception'] as const;
    simulator.accounts.list().forEach(({ id }, index) => {
      simulator.accounts.setState(id, states[index % states.length] ?? 'running');
    });
    const watching = watchV2(simulator);
    await watching.watch.ready;
    const values = await gauge('nylas.accounts', application(watching));
    const sums: Record<string, number> = {};
    for (const [key, value] of Object.entries(values)) {
      const state = key.split(' ')[0] ?? '';
      sums[state] = (sums[state] ?? 0) + value;
    }
    expect(sums).toEqual({
      ...simulator.accounts.counts().byState,
      initializing: 0,
      deleted: 0,
      unknown: 0,
    });
  });

  it('say how long the oldest account is in a state, and 0 when nobody is left in it', async () => {
    const simulator = await simulate({ grants: seeds(5).map(({ provider }) => ({ provider })) });
    const watching = watchGrants(simulator);
    const { watch, runtime } = watching;
    await watch.ready;
    await runtime.advance(1);
    const [google] = simulator.grants.list();
    simulator.grants.setStatus(google?.id ?? '', 'invalid');
    watch.applySignal({ id: google?.id ?? '', state: 'invalid', time: new Date(runtime.now()) });
    await runtime.advance(900);
    const [invalid] = watch.accounts({ state: 'invalid' });
    const age = (runtime.now() - (invalid?.since.getTime() ?? 0)) / 1_000;
    expect(age).toBeGreaterThanOrEqual(900);
    expect(await gauge('nylas.account.unhealthy.age', application(watching))).toMatchObject({
      'invalid google': age,
      'invalid imap': 0,
      'stopped google': 0,
    });
    simulator.grants.setStatus(google?.id ?? '', 'valid');
    await runtime.advance(70);
    expect(await gauge('nylas.account.unhealthy.age', application(watching))).toMatchObject({
      'invalid google': 0,
    });
  });

  it('say when the last complete sweep ended', async () => {
    const simulator = await simulate({ grants: 3 });
    const watching = watchGrants(simulator);
    await watching.watch.ready;
    const time = await gauge('nylas.account.poll.last_success.time', application(watching));
    expect(Object.values(time)).toEqual([(watching.watch.snapshot().lastSweep?.getTime() ?? 0) / 1_000]);
  });

  it('keep two applications apart, and add up two watches of one', async () => {
    const one = await simulate({ grants: seeds(10) });
    const two = await simulate({ grants: seeds(20), seed: 2 });
    const three = await simulate({ accounts: 7 });
    const watches = [
      watchGrants(one, { application: 'one' }),
      watchGrants(two, { application: 'two' }),
      watchV2(three, { application: 'two' }),
    ];
    await Promise.all(watches.map(({ watch }) => watch.ready));
    const total = async (of: string): Promise<number> =>
      Object.values(await gauge('nylas.accounts', of)).reduce((a, b) => a + b, 0);
    expect(await total('one')).toBe(10);
    expect(await total('two')).toBe(27);
    const again = watchGrants(one, { application: 'one' });
    await again.watch.ready;
    expect(await total('one')).toBe(20);
    await again.watch.close();
    expect(await total('one')).toBe(10);
  });

  it('can be scraped', async () => {
    const simulator = await simulate({ grants: 3 });
    const watching = watchGrants(simulator, { application: 'scraped' });
    await watching.watch.ready;
    const lines = await metricsText('scraped');
    expect(lines.find((line) => line.startsWith('nylas_accounts{'))).toMatch(/nylas_account_state="running"/);
  });
});

describe('transitions', () => {
  it('are born at 0, count none at first sight, and say what made us see them', async () => {
    const simulator = await simulate({ grants: 10, accounts: 1 });
    simulator.grants.setStatus(simulator.grants.list()[9]?.id ?? '', 'invalid');
    const { watch, runtime } = watchGrants(simulator);
    const before = await counter('nylas.account.transitions');
    expect(before).toMatchObject({
      'running invalid poll': expect.any(Number),
      'invalid running webhook': expect.any(Number),
    });
    await watch.ready;
    await runtime.idle();
    expect(rise(before, await counter('nylas.account.transitions'))).toEqual({});
    const [a, b] = simulator.grants.list().map(({ id }) => id) as [string, string];
    simulator.grants.setStatus(a, 'invalid');
    simulator.grants.setStatus(b, 'invalid');
    await runtime.advance(1);
    watch.applySignal({ id: a, state: 'invalid', time: new Date(runtime.now()) });
    await runtime.advance(70);
    expect(rise(before, await counter('nylas.account.transitions'))).toEqual({
      'running invalid webhook': 1,
      'running invalid poll': 1,
    });
  });

  it('back to running are measured', async () => {
    const simulator = await simulate({ grants: [{ provider: 'zoom' }] });
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    await runtime.advance(1);
    const id = simulator.grants.list()[0]?.id ?? '';
    watch.applySignal({ id, state: 'invalid', time: new Date(runtime.now()) });
    await runtime.advance(10);
    watch.applySignal({ id, state: 'valid', time: new Date(runtime.now()) });
    const [point] = (await readout.points('nylas.account.recovery.duration')).filter(
      ({ attributes }) => attributes['nylas.provider'] === 'zoom',
    );
    expect(point?.attributes).toEqual({ 'nylas.account.state': 'invalid', 'nylas.provider': 'zoom' });
    expect(point?.value).toMatchObject({ count: 1, sum: 10 });
  });
});

describe('series per account', () => {
  const statusOf = (points: readonly { value: number; attributes: Record<string, unknown> }[]): string[] =>
    points.map(
      ({ value, attributes }) =>
        `${attributes['nylas.account.id']} ${attributes['nylas.account.state']} ${value}`,
    );

  it('are none unless asked for', async () => {
    const simulator = await simulate({ grants: seeds(10) });
    await watchGrants(simulator).watch.ready;
    expect(readAccountSeries()).toEqual([]);
    expect(await gauge('nylas.account.series.dropped', 'anything')).toEqual({});
  });

  it('are those of the accounts longest unhealthy, then of the allowed ones, and say how many are left out', async () => {
    const simulator = await simulate({ grants: 10 });
    const ids = simulator.grants.list().map(({ id }) => id);
    const [a, b, c, d] = ids as [string, string, string, string];
    const watching = watchGrants(simulator, { accountSeries: { max: 2, allow: [ids[9]] } });
    const { watch, runtime } = watching;
    await watch.ready;
    for (const id of [c, a, b, d]) {
      await runtime.advance(1);
      watch.applySignal({ id, state: 'invalid', time: new Date(runtime.now()) });
    }
    expect(statusOf(readAccountSeries())).toEqual([
      `${ids[9]} running 1`,
      `${c} invalid 1`,
      `${c} running 0`,
      `${a} invalid 1`,
      `${a} running 0`,
    ]);
    expect(Object.values(await gauge('nylas.account.series.dropped', application(watching)))).toEqual([2]);
  });

  it('are gone at the next scrape when the account is, with a reader of OpenTelemetry', async () => {
    const simulator = await simulate({ grants: 3 });
    const id = simulator.grants.list()[0]?.id ?? '';
    const { watch, runtime } = watchGrants(simulator, {
      accountSeries: { allow: [id] },
      captureAccountId: 'hash',
    });
    await watch.ready;
    const producer = accountSeriesProducer(
      (await readout.collect()).resourceMetrics.resource,
    ) satisfies MetricProducer;
    const scraped = new Readout([producer]);
    const shown = await scraped.points('nylas.account.status');
    expect(shown).toHaveLength(1);
    expect(String(shown[0]?.attributes['nylas.account.id'])).toMatch(/^[0-9a-f]{32}$/);
    expect(await scraped.text('nylas.account.status')).toMatch(/^nylas_account_status\{.*\} 1$/m);
    await runtime.advance(1);
    watch.applySignal({ id, state: 'deleted', time: new Date(runtime.now()) });
    expect(await scraped.points('nylas.account.status')).toEqual([]);
  });

  it('stay under 2,000 however many watches ask for 500 accounts', async () => {
    const simulator = await simulate({
      grants: seeds(6_000).map(({ provider }) => ({ provider, status: 'invalid' as const })),
    });
    const watches = [1, 2, 3].map((n) =>
      watchGrants(simulator, { application: `many-${n}`, accountSeries: { max: 500 } }),
    );
    await Promise.all(watches.map(({ watch }) => watch.ready));
    const points = readAccountSeries();
    expect(points.length).toBeGreaterThan(1_900);
    expect(points.length).toBeLessThan(2_000);
    const dropped = await Promise.all(
      watches.map(
        async (watching) =>
          Object.values(await gauge('nylas.account.series.dropped', application(watching)))[0],
      ),
    );
    expect(dropped.reduce((a = 0, b = 0) => a + b, 0)).toBe(3 * 6_000 - points.length / 2);
  });
});
