import http from 'node:http';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import axios from 'axios';
import got from 'got';
import nodeFetch from 'node-fetch';
import { describe, expect, it, vi } from 'vitest';
import { NylasInstrumentation } from '../src/index.ts';
import { startInstrumentedServer } from './instrumented-server.ts';
import { parentOf } from './recording.ts';
import { startScriptedServer } from './scripted-server.ts';

const TEMPLATE = '/v3/grants/{grant_id}/messages/{message_id}';
const REQUESTS = 'nylas.client.requests';

const { recording, server } = await startInstrumentedServer();

interface Client {
  readonly name: string;
  get(url: string, signal?: AbortSignal): Promise<unknown>;
}

const CLIENTS: Client[] = [
  {
    name: 'axios',
    get: (url, signal) => axios.get(url, { signal: signal!, validateStatus: () => true, proxy: false }),
  },
  {
    name: 'got',
    get: (url, signal) =>
      got(url, {
        retry: { limit: 0 },
        throwHttpErrors: false,
        ...(signal === undefined ? {} : { signal }),
      }).text(),
  },
  {
    name: 'node-fetch',
    get: async (url, signal) => (await nodeFetch(url, { signal: signal ?? null } as never)).text(),
  },
  {
    name: 'http.get',
    get: (url, signal) =>
      new Promise((resolve, reject) => {
        const options = signal === undefined ? {} : { signal };
        http
          .get(url, options, (response) => response.resume().on('end', resolve).on('error', reject))
          .on('error', reject);
      }),
  },
];

const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => {},
    () => {},
  );

/** Spans and count of what `work` did. */
async function observed(work: () => Promise<unknown>) {
  const before = await recording.sum(REQUESTS);
  recording.reset();
  await work();
  return { spans: recording.spans(), counted: (await recording.sum(REQUESTS)) - before };
}

describe.each(CLIENTS)('$name', ({ name, get }) => {
  it('records one span and one count a request, with its ids and quotas', async () => {
    const { spans, counted } = await observed(() => get(server.url('ok')));
    expect(counted).toBe(1);
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({
      name: `GET ${TEMPLATE}`,
      kind: SpanKind.CLIENT,
      attributes: {
        'http.response.status_code': 200,
        'url.full': `${server.origin}${TEMPLATE}`,
        'server.address': '127.0.0.1',
        'nylas.request.id': 'req-1',
        'nylas.flow.id': 'flow-1',
        'nylas.provider.request_count': 3,
      },
    });
  });

  it("is a child of the caller's span", async () => {
    const { span } = await recording.inSpan('job', () => get(server.url('ok')));
    const client = recording.spans().find(({ kind }) => kind === SpanKind.CLIENT);
    expect(parentOf(client!)).toBe(span.spanContext().spanId);
  });

  it('records each hop of a redirect', async () => {
    if (name === 'http.get') return;
    const { spans, counted } = await observed(() => get(server.url('redirect')));
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([302, 200]);
    expect(counted).toBe(2);
  });

  it('skips 103 Early Hints', async () => {
    const { spans } = await observed(() => get(server.url('early-hints')));
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200]);
  });

  it('records an error status', async () => {
    const { spans } = await observed(() => get(server.url('rate-limited')));
    expect(spans[0]?.attributes).toMatchObject({
      'error.type': '429',
      'nylas.rate_limit.source': 'provider',
    });
    expect(spans[0]?.status.code).toBe(SpanStatusCode.ERROR);
  });

  it('records a server that closes without a response', async () => {
    const { spans, counted } = await observed(() => settled(get(server.url('close'))));
    expect(counted).toBe(1);
    expect(spans[0]?.attributes['error.type']).toBe('ECONNRESET');
  });

  it('records a reset in the middle of the body by its headers, once', async () => {
    const { spans, counted } = await observed(() => settled(get(server.url('close-mid-body'))));
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200]);
    expect(counted).toBe(1);
  });

  it('records a refused connection', async () => {
    const gone = await startScriptedServer();
    const refused = new NylasInstrumentation({ hosts: [{ host: gone.host }] });
    await gone.close();
    const { spans, counted } = await observed(() => settled(get(gone.url('ok'))));
    expect(spans.map((span) => span.attributes['error.type'])).toEqual(['ECONNREFUSED']);
    expect(counted).toBe(1);
    refused.disable();
  });

  it('records a response whose body never ends by its headers', async () => {
    const { spans, counted } = await observed(async () => {
      const abort = new AbortController();
      const pending = settled(get(server.url('hang-body'), abort.signal));
      await vi.waitFor(() => expect(recording.spans()).toHaveLength(1));
      abort.abort();
      await pending;
    });
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200]);
    expect(counted).toBe(1);
  });

  it('records an abort before the headers once', async () => {
    const { counted } = await observed(async () => {
      await settled(get(server.url('hang'), AbortSignal.timeout(50)));
      // Some clients reject before node:http tells of the abort.
      await vi.waitFor(async () => expect(await recording.sum('nylas.client.requests.active')).toBe(0));
    });
    expect(counted).toBe(1);
  });

  it('leaves no request active', async () => {
    expect(await recording.sum('nylas.client.requests.active')).toBe(0);
  });
});

it("records axios's fetch adapter once, through undici", async () => {
  const { spans, counted } = await observed(() => axios.get(server.url('ok'), { adapter: 'fetch' }));
  expect(spans.map(({ name }) => name)).toEqual([`GET ${TEMPLATE}`]);
  expect(counted).toBe(1);
});

it('records each retry of got under one parent as a resend, inferred', async () => {
  const before = await recording.sum('nylas.client.retries', { 'nylas.retry.detection': 'inferred' });
  await recording.inSpan('job', () =>
    got(server.url('unavailable-twice', 'got'), {
      retry: {
        limit: 3,
        backoffLimit: 5,
        calculateDelay: ({ computedValue }) => (computedValue === 0 ? 0 : 5),
      },
    }).text(),
  );
  const spans = recording.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([503, 503, 200]);
  expect(spans.map((span) => span.attributes['http.request.resend_count'])).toEqual([undefined, 1, 2]);
  expect(await recording.sum('nylas.client.retries', { 'nylas.retry.detection': 'inferred' })).toBe(
    before + 2,
  );
});

it('keeps calls that wait for a socket in their own traces', async () => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const jobs = ['a', 'b', 'c', 'd', 'e', 'f'];
  await Promise.all(
    jobs.map((job) =>
      recording.inSpan(`job ${job}`, () =>
        axios.get(server.url('slow', job), { httpAgent: agent, proxy: false }),
      ),
    ),
  );
  agent.destroy();
  const parents = recording
    .spans()
    .filter(({ kind }) => kind === SpanKind.CLIENT)
    .map((span) => recording.spans().find((one) => one.spanContext().spanId === parentOf(span))?.name);
  expect(parents.sort()).toEqual(jobs.map((job) => `job ${job}`));
});

it('records a request whose end() comes after the answer', async () => {
  const { counted } = await observed(
    () =>
      new Promise<void>((resolve, reject) => {
        const request = http.request(server.url('ok'), { method: 'POST' }, (response) => {
          response.resume().on('end', () => {
            request.end();
            resolve();
          });
        });
        request.on('error', reject);
        request.write('{');
      }),
  );
  expect(counted).toBe(1);
});
