import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { bindLoggerProvider, instrumentHub } from '@nylas-otel/telemetry';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import { InMemoryLogRecordExporter, LoggerProvider, SimpleLogRecordProcessor } from '@opentelemetry/sdk-logs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Readout } from './readout.ts';
import { watchGrants, watching } from './watching.ts';

let simulator: Simulator;
afterEach(() => simulator?.close());

const readout = new Readout();
instrumentHub.bind({}, readout.provider);
const logs = new InMemoryLogRecordExporter();
bindLoggerProvider(
  {},
  new LoggerProvider({ processors: [new SimpleLogRecordProcessor({ exporter: logs })] }),
);

const warnings: string[] = [];
beforeEach(() => {
  warnings.length = 0;
  logs.reset();
  const note = (message: string): void => {
    warnings.push(message);
  };
  diag.setLogger(
    { error: note, warn: note, info() {}, debug() {}, verbose() {} },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  onTestFinished(() => diag.disable());
});

function errorEvents(): Record<string, unknown>[] {
  return logs
    .getFinishedLogRecords()
    .filter(({ eventName }) => eventName === 'nylas.client.error')
    .map(({ attributes, body }) => ({ ...attributes, body }));
}

async function polls(): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { value, attributes } of await readout.points('nylas.account.polls'))
    found[String(attributes['nylas.outcome'])] = value;
  return found;
}

/** What {@link polls} rose by. */
async function risen(before: Record<string, number>): Promise<Record<string, number>> {
  const now = await polls();
  const more = Object.entries(now).map(
    ([outcome, count]) => [outcome, count - (before[outcome] ?? 0)] as const,
  );
  return Object.fromEntries(more.filter(([, count]) => count > 0));
}

describe('a wrong key', () => {
  it('is said loudly once, with what to check, and is not counted as accounts failing', async () => {
    simulator = await startSimulator({ grants: 10 });
    const before = await polls();
    const { watch, runtime } = watchGrants(simulator, { apiKey: 'nyk_v0_wrong', baseUrl: simulator.url });
    expect(await watch.ready).toBe('invalid_credentials');
    await runtime.advance(3_600);
    expect(watch.snapshot()).toMatchObject({
      total: 0,
      problem: { kind: 'invalid_credentials', status: 401 },
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('Nylas refuses the credentials (401 on GET /v3/grants at 127.0.0.1)');
    expect(warnings[0]).toContain('Check that apiKey');
    expect(warnings[0]).not.toContain('nyk_v0_wrong');
    expect(errorEvents()).toMatchObject([
      {
        'nylas.outcome': 'invalid_credentials',
        'http.response.status_code': 401,
        'url.template': '/v3/grants',
        'server.address': '127.0.0.1',
        'nylas.request.id': expect.any(String),
        body: warnings[0],
      },
    ]);
    const more = await risen(before);
    expect(Object.keys(more)).toEqual(['invalid_credentials']);
    // Knocks at growing intervals: 1, 2, 4, 8, then every 15 minutes, halved at most by jitter.
    expect(more.invalid_credentials).toBeGreaterThanOrEqual(5);
    expect(more.invalid_credentials).toBeLessThanOrEqual(10);
    expect(simulator.requests.list().every(({ path }) => path === '/v3/grants')).toBe(true);
  });

  it('that comes later leaves the accounts at their last known state', async () => {
    simulator = await startSimulator({ grants: 10 });
    simulator.grants.setStatus(simulator.grants.list()[0]?.id ?? '', 'invalid');
    const { watch, runtime } = watchGrants(simulator);
    await watch.ready;
    const fault = simulator.faults.add({ fault: 'unauthorized' });
    await runtime.advance(7_200);
    expect(watch.snapshot()).toMatchObject({
      total: 10,
      byState: { running: 9, invalid: 1 },
      problem: { kind: 'invalid_credentials' },
    });
    expect(warnings).toHaveLength(1);
    simulator.faults.remove(fault);
    simulator.grants.setStatus(simulator.grants.list()[1]?.id ?? '', 'invalid');
    await runtime.advance(1_000);
    expect(watch.snapshot()).toMatchObject({ byState: { running: 8, invalid: 2 }, problem: undefined });
  });
});

it('a wrong region is told as one: the 401 of another region names the region to check', async () => {
  simulator = await startSimulator({ grants: 10, keyRegion: 'eu' });
  const { watch } = watching({
    apiKey: simulator.apiKey,
    fetch: (url: string, init: RequestInit) =>
      fetch(url.replace('https://api.us.nylas.com', simulator.url), init),
  });
  expect(await watch.ready).toBe('invalid_credentials');
  expect(watch.snapshot().problem?.message).toContain(
    "Check that apiKey are of this application and not revoked or expired, and that region 'us' is the application's region",
  );
});

describe('other lasting problems', () => {
  it('an application that is disabled is told from a wrong key', async () => {
    simulator = await startSimulator({ grants: 10 });
    simulator.faults.add({ fault: 'application_disabled' });
    const { watch } = watchGrants(simulator);
    await watch.ready;
    expect(watch.snapshot().problem?.kind).toBe('forbidden');
    expect(warnings).toHaveLength(1);
  });

  it('a base URL that leads elsewhere', async () => {
    simulator = await startSimulator({ grants: 10 });
    const { watch } = watchGrants(simulator, { baseUrl: `${simulator.url}/elsewhere` });
    await watch.ready;
    expect(watch.snapshot().problem?.kind).toBe('not_found');
    expect(warnings[0]).toContain('Check baseUrl');
  });
});

describe('passing problems', () => {
  it('429 waits as long as Nylas asks, and goes on', async () => {
    simulator = await startSimulator({ grants: 450, limits: false });
    simulator.faults.add({
      fault: 'rate_limit_provider',
      route: '/v3/grants',
      after: 1,
      times: 1,
      options: { retryAfter: 45 },
    });
    const { watch, runtime } = watchGrants(simulator);
    await runtime.idle();
    expect(simulator.requests.total).toBe(2);
    expect(runtime.sleepsFor).toBeGreaterThanOrEqual(45);
    expect(runtime.sleepsFor).toBeLessThan(50);
    await runtime.advance(44);
    expect(simulator.requests.total).toBe(2);
    await runtime.advance(6);
    expect(watch.snapshot().total).toBe(450);
    expect(warnings).toEqual([]);
  });

  it('a very long Retry-After is cut at an hour, and does not keep `ready` waiting', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    simulator.faults.add({ fault: 'rate_limit_nylas', times: 1, options: { retryAfter: 86_400 * 365 } });
    const { watch, runtime } = watchGrants(simulator);
    expect(await watch.ready).toBe('rate_limited');
    await runtime.idle();
    expect(runtime.sleepsFor).toBeLessThanOrEqual(3_960);
    await runtime.advance(4_000);
    expect(watch.snapshot()).toMatchObject({ total: 5, problem: undefined });
  });

  it.each([
    ['internal_error', 'server_error'],
    ['bad_gateway_html', 'server_error'],
    ['reset_before_headers', 'network_error'],
    ['reset_mid_body', 'network_error'],
    ['edge_520', 'server_error'],
  ] as const)(
    '%s is tried again with growing pauses, and said after the third time',
    async (fault, outcome) => {
      simulator = await startSimulator({ grants: 5, limits: false });
      const before = await polls();
      const id = simulator.faults.add({ fault, route: '/v3/grants' });
      const { watch, runtime } = watchGrants(simulator);
      const { ready } = watch;
      await runtime.advance(5);
      expect(await ready).toBe(outcome);
      expect(simulator.requests.total).toBe(3);
      expect(watch.snapshot().problem?.kind).toBe('unavailable');
      expect(warnings).toHaveLength(1);
      await runtime.advance(600);
      expect(simulator.requests.total).toBeLessThan(24);
      expect(warnings).toHaveLength(1);
      expect(Object.keys(await risen(before))).toEqual([outcome]);
      simulator.faults.remove(id);
      await runtime.advance(300);
      expect(watch.snapshot()).toMatchObject({ total: 5, problem: undefined });
    },
  );

  it('one page of the sweep that always fails keeps nobody from seeing invalid grants, and is said once', async () => {
    simulator = await startSimulator({ grants: 450, limits: false });
    const poisoned = async (url: string, init: RequestInit): Promise<Response> =>
      url.includes('offset=199') && !url.includes('grant_status')
        ? new Response('', { status: 500 })
        : fetch(url, init);
    const { watch, runtime } = watchGrants(simulator, { fetch: poisoned });
    await runtime.advance(300);
    expect(warnings).toHaveLength(1);
    const id = simulator.grants.list()[440]?.id ?? '';
    simulator.grants.setStatus(id, 'invalid');
    await runtime.advance(70);
    expect(watch.accounts({ state: 'invalid' }).map((account) => account.id)).toEqual([id]);
    await runtime.advance(7_200);
    expect(warnings).toHaveLength(1);
    expect(watch.snapshot()).toMatchObject({ lastSweep: undefined, problem: { kind: 'unavailable' } });
  });

  it('a stalled answer is given up after the time-out, body included', async () => {
    simulator = await startSimulator({ grants: 5, limits: false });
    for (const fault of ['stalled_headers', 'stalled_body'] as const)
      simulator.faults.add({ fault, route: '/v3/grants', times: 1 });
    const before = await polls();
    const { watch, runtime } = watchGrants(simulator, { timeout: 0.2 });
    await runtime.idle();
    await runtime.advance(10);
    expect(watch.snapshot().total).toBe(5);
    expect(await risen(before)).toEqual({ timeout: 2, success: 1 });
  });
});

describe('answers that make no sense', () => {
  it.each(['empty_200', 'malformed_json', 'huge_body'] as const)(
    '%s is said at once, and tried again',
    async (fault) => {
      simulator = await startSimulator({ grants: 5, limits: false });
      simulator.faults.add({ fault, route: '/v3/grants', times: 1, options: { bytes: 20 * 1024 * 1024 } });
      const { watch, runtime } = watchGrants(simulator);
      await runtime.idle();
      expect(watch.snapshot().problem?.kind).toBe('unreadable');
      expect(warnings[0]).toContain('no list of accounts');
      await runtime.advance(10);
      expect(watch.snapshot()).toMatchObject({ total: 5, problem: undefined });
    },
  );

  it('a list that repeats itself is no list', async () => {
    const page = JSON.stringify({
      data: Array.from({ length: 200 }, (_, index) => ({ id: `g${index}` })),
      limit: 200,
    });
    const { watch, runtime } = watching({ apiKey: 'key', fetch: async () => new Response(page) });
    const { ready } = watch;
    await runtime.advance(10);
    expect(await ready).toBe('server_error');
    expect(watch.snapshot()).toMatchObject({
      total: 200,
      lastSweep: undefined,
      problem: { kind: 'unreadable' },
    });
  });

  it('an item that is no grant is passed over', async () => {
    const page = {
      data: [{ id: 'a', grant_status: 'valid' }, null, 7, { id: 'b', grant_status: 'odd' }],
      limit: 200,
    };
    const { watch } = watching({ apiKey: 'key', fetch: async () => Response.json(page) });
    expect(await watch.ready).toBe('success');
    expect(watch.snapshot()).toMatchObject({ total: 2, byState: { running: 1, unknown: 1 } });
  });

  it('never throw into the host, whatever status, headers and body come', async () => {
    let answer: (response: ServerResponse) => void = (response) => response.end();
    const server = createServer((_, response) => answer(response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const uncaught: unknown[] = [];
    const note = (error: unknown): void => {
      uncaught.push(error);
    };
    process.on('unhandledRejection', note);
    onTestFinished(() => {
      process.off('unhandledRejection', note);
    });
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const grant = fc.record(
      {
        id: fc.oneof(fc.constantFrom('a', 'b', 'c'), fc.anything()),
        grant_status: fc.oneof(fc.constantFrom('valid', 'invalid'), fc.anything()),
        email: fc.oneof(fc.emailAddress(), fc.anything()),
        provider: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      fc.string(),
      fc.anything().map((value) => JSON.stringify(value) ?? ''),
      fc
        .record({
          data: fc.array(fc.oneof(grant, fc.anything())),
          limit: fc.oneof(fc.nat(300), fc.anything()),
        })
        .map((value) => JSON.stringify(value)),
    );
    const status = fc.oneof(
      fc.constantFrom(200, 204, 301, 400, 401, 403, 404, 429, 500, 503),
      fc.integer({ min: 200, max: 599 }),
    );
    const retryAfter = fc.oneof(
      fc.constant(undefined),
      fc.integer().map(String),
      fc.string({ unit: 'grapheme-ascii' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(status, retryAfter, body), { minLength: 1, maxLength: 6 }),
        async (answers) => {
          let index = 0;
          answer = (response) => {
            const [code, wait, text] = answers[index++ % answers.length] as (typeof answers)[number];
            const header = wait?.replaceAll(/[^\x20-\x7e]/g, '').trim();
            response.writeHead(code, header ? { 'retry-after': header, location: header } : {});
            response.end(text);
          };
          const { watch, runtime } = watching({ apiKey: 'key', baseUrl });
          await runtime.idle();
          watch.applySignal({ id: 'a', state: 'invalid', time: new Date(runtime.now()) });
          await runtime.advance(200);
          const { total, byState } = watch.snapshot();
          expect(Object.values(byState).reduce((a, b) => a + b, 0)).toBe(total);
          await watch.close();
        },
      ),
      { numRuns: 150 },
    );
    expect(uncaught).toEqual([]);
    const dropped = await readout.points('nylas.telemetry.errors');
    expect(dropped.filter(({ value }) => value > 0)).toEqual([]);
  });
});

describe('a given fetch', () => {
  it('that throws, hangs or cancels by itself is taken as a failing network, not as a loop without pause', async () => {
    let calls = 0;
    const { watch, runtime } = watching({
      apiKey: 'key',
      timeout: 0.1,
      fetch: () => {
        calls++;
        if (calls === 1) throw new TypeError('fetch failed');
        if (calls === 2) return new Promise(() => {});
        return Promise.reject('stopped');
      },
    });
    const { ready } = watch;
    await runtime.advance(60);
    expect(await ready).toBe('network_error');
    expect(calls).toBeLessThan(10);
  });
});
