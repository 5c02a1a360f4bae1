import { instrumentNylas, NylasInstrumentation } from '@nylas-otel/instrumentation';
import { type Account, type Grant, type Simulator, startSimulator } from '@nylas-otel/simulator';
import { instrumentHub } from '@nylas-otel/telemetry';
import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import Nylas6 from 'nylas6';
import * as undici6 from 'undici6';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  NylasRetryState,
  nylasRetry,
  type RetryOptions,
  type RetryStateOptions,
  retryingFetch,
  withRetry,
} from '../src/index.ts';
import { type Recording, startRecording } from './recording.ts';
import { V3_SDKS } from './sdks.ts';

const RETRIES = 'nylas.client.retries';

let simulator: Simulator;
let recording: Recording;
let grant: Grant;
let account: Account;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
  recording = startRecording();
  instrumentHub.refresh();
});
afterAll(async () => {
  await recording.shutdown();
  await simulator.close();
});
beforeEach(() => {
  simulator.reset();
  recording.reset();
  grant = simulator.grants.list()[0] as Grant;
  account = simulator.accounts.list()[0] as Account;
});

const host = (): string => new URL(simulator.url).host;
const quick = (options: RetryOptions = {}, state: RetryStateOptions = {}): RetryOptions => ({
  hosts: [host()],
  state: new NylasRetryState({ random: () => 0, ...state }),
  ...options,
});
const messages = (): string => `${simulator.url}/v3/grants/${grant.id}/messages?limit=1`;
const headers = (): Record<string, string> => ({ authorization: `Bearer ${simulator.apiKey}` });
const fail = (times: number): void => {
  simulator.faults.add({ fault: 'bad_gateway_html', times });
};

let instrumented = false;

/** Each way to make one list of messages that retries. */
const FACES: readonly (readonly [name: string, list: (options?: RetryOptions) => Promise<unknown>])[] = [
  [
    'retryingFetch',
    async (options) =>
      (await retryingFetch(fetch, quick(options))(messages(), { headers: headers() })).text(),
  ],
  ...([undici6, undici7, undici8] as unknown as (typeof undici8)[]).map(
    (undici, index) =>
      [
        `nylasRetry on undici ${6 + index}`,
        async (options?: RetryOptions) => {
          const dispatcher = new undici.Agent().compose(nylasRetry(quick(options)));
          await (await undici.request(messages(), { dispatcher, headers: headers() })).body.text();
          await dispatcher.close();
        },
      ] as const,
  ),
  ...V3_SDKS.map(
    ([name, Nylas]) =>
      [
        `withRetry on ${name}`,
        async (options?: RetryOptions) => {
          const nylas = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url });
          if (instrumented) instrumentNylas(nylas);
          await withRetry(nylas, quick(options)).messages.list({
            identifier: grant.id,
            queryParams: { limit: 1 },
          });
        },
      ] as const,
  ),
  [
    'withRetry on a connection of SDK 6',
    async (options) => {
      Nylas6.config({ clientId: 'c', clientSecret: 's', apiServer: simulator.url });
      if (instrumented) instrumentNylas(Nylas6);
      await withRetry(Nylas6.with(account.accessToken), quick(options)).messages.list({ limit: 1 });
    },
  ],
];

describe('with the request instrumentation', () => {
  let instrumentation: NylasInstrumentation;
  beforeEach(() => {
    instrumented = true;
    instrumentation = new NylasInstrumentation({ hosts: [{ host: host() }] });
  });
  afterEach(() => {
    instrumented = false;
    instrumentation.disable();
  });

  const operations = (): ReadableSpan[] => recording.spans().filter(({ kind }) => kind === SpanKind.INTERNAL);
  const attempts = (): ReadableSpan[] => recording.spans().filter(({ kind }) => kind === SpanKind.CLIENT);

  it.each(FACES)('%s: one operation around all attempts, each retry counted once', async (_name, list) => {
    const before = {
      explicit: await recording.sum(RETRIES, { 'nylas.retry.detection': 'explicit' }),
      inferred: await recording.sum(RETRIES, { 'nylas.retry.detection': 'inferred' }),
      delays: await recording.count('nylas.client.retry.delay'),
    };
    fail(2);
    await list();
    expect(operations().map(({ name }) => name)).toEqual(['nylas messages.list']);
    const [operation] = operations() as [ReadableSpan];
    expect(operation.attributes).toMatchObject({ 'nylas.request.count': 3, 'nylas.retry.count': 2 });
    expect(attempts()).toHaveLength(3);
    expect(attempts().map(({ attributes }) => attributes['http.request.resend_count'])).toEqual([
      undefined,
      1,
      2,
    ]);
    for (const { parentSpanContext } of attempts())
      expect(parentSpanContext?.spanId).toBe(operation.spanContext().spanId);
    expect(await recording.sum(RETRIES, { 'nylas.retry.detection': 'explicit' })).toBe(before.explicit + 2);
    expect(await recording.sum(RETRIES, { 'nylas.retry.detection': 'inferred' })).toBe(before.inferred);
    expect(await recording.count('nylas.client.retry.delay')).toBe(before.delays + 2);
  });

  it.each(FACES)('%s: an operation that fails has the error, and is exhausted once', async (_name, list) => {
    const before = await recording.sum('nylas.client.retries.exhausted', {
      'nylas.retry.reason': 'server_error',
    });
    fail(99);
    await list({ attempts: 2 }).catch(() => undefined);
    expect(operations()).toHaveLength(1);
    expect(operations()[0]?.attributes['error.type']).toBe('502');
    expect(attempts()).toHaveLength(2);
    const after = await recording.sum('nylas.client.retries.exhausted', {
      'nylas.retry.reason': 'server_error',
    });
    expect(after).toBe(before + 1);
  });
});

describe('without it', () => {
  it.each(FACES)('%s: works, makes no span, and still counts', async (_name, list) => {
    const before = await recording.sum(RETRIES, { 'nylas.retry.detection': 'explicit' });
    fail(1);
    await list();
    expect(recording.spans()).toEqual([]);
    expect(await recording.sum(RETRIES, { 'nylas.retry.detection': 'explicit' })).toBe(before + 1);
  });
});

describe('the metrics', () => {
  it('name method, template and reason, and nothing else', async () => {
    simulator.faults.add({ fault: 'rate_limit_ambiguous', times: 1 });
    await (await retryingFetch(fetch, quick())(messages(), { headers: headers() })).text();
    const counted = (await recording.points(RETRIES)).filter(({ value }) => value !== 0);
    for (const { attributes } of counted) {
      expect(Object.keys(attributes).sort()).toEqual([
        'http.request.method',
        'nylas.retry.detection',
        'nylas.retry.reason',
        'url.template',
      ]);
    }
    const reasons = counted.map(({ attributes }) => attributes['nylas.retry.reason']);
    expect(reasons).toContain('rate_limited');
  });

  it('show the share of the budget that is left, and the closed gates by who set the limit', async () => {
    const state = new NylasRetryState({ random: () => 0, budget: { ratio: 0, floorPerSecond: 0.4 } });
    simulator.faults.add({ fault: 'rate_limit_provider', times: 1, options: { retryAfter: 600 } });
    const retrying = retryingFetch(fetch, quick({ state }));
    await (await retrying(messages(), { headers: headers() })).text();
    expect(await recording.sum('nylas.client.gates.closed', { 'nylas.rate_limit.source': 'provider' })).toBe(
      1,
    );
    expect((await recording.points('nylas.client.gates.closed')).length).toBe(3);
    const other = simulator.grants.list()[1] as Grant;
    simulator.faults.add({ fault: 'bad_gateway_html', times: 1 });
    const url = `${simulator.url}/v3/grants/${other.id}/messages?limit=1`;
    await (await retrying(url, { headers: headers() })).text();
    expect(await recording.sum('nylas.client.retry.budget')).toBeCloseTo(0.75, 1);
    // Kept alive to here: a state that nobody holds is not reported.
    expect(state.gates.size).toBe(1);
  });
});
