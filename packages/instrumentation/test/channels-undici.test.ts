import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import getPort from 'get-port';
import * as undici6 from 'undici6';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { describe, expect, it } from 'vitest';
import { NylasInstrumentation } from '../src/index.ts';
import { startInstrumentedServer } from './instrumented-server.ts';
import { parentOf } from './recording.ts';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

type Fetch = (url: string, init?: object) => Promise<Response>;
const FETCHES: Array<[string, Fetch]> = [
  ['global fetch', (url, init) => fetch(url, init)],
  ['undici 6', undici6.fetch as unknown as Fetch],
  ['undici 7', undici7.fetch as unknown as Fetch],
  ['undici 8', undici8.fetch as unknown as Fetch],
];
const TEMPLATE = '/v3/grants/{grant_id}/messages/{message_id}';
const REQUESTS = 'nylas.client.requests';

const { recording, server } = await startInstrumentedServer({ mode: 'own' });

/** Requests counted while `work` ran, with their spans. */
async function observed(work: () => Promise<unknown>) {
  const before = await recording.sum(REQUESTS);
  const timed = await recording.count('nylas.client.request.duration');
  recording.reset();
  await work();
  return {
    spans: recording.spans(),
    counted: (await recording.sum(REQUESTS)) - before,
    timed: (await recording.count('nylas.client.request.duration')) - timed,
  };
}

const settled = (promise: Promise<unknown>) =>
  promise.then(
    () => {},
    () => {},
  );

describe.each(FETCHES)('%s', (_name, fetchOf) => {
  it('records one span and one count for a consumed body', async () => {
    const { spans, counted, timed } = await observed(async () => (await fetchOf(server.url('ok'))).text());
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ name: `GET ${TEMPLATE}`, kind: SpanKind.CLIENT });
    expect(spans[0]?.attributes).toMatchObject({
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'server.address': '127.0.0.1',
      'url.full': `${server.origin}${TEMPLATE}`,
      'url.template': TEMPLATE,
      'nylas.api.version': 'v3',
      'nylas.resource': 'messages',
      'nylas.operation': 'find',
      'nylas.proxied': true,
      'nylas.request.id': 'req-1',
      'nylas.flow.id': 'flow-1',
      'nylas.provider.request_count': 3,
      'nylas.gmail.quota_usage': 15,
    });
    expect(spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
    expect({ counted, timed }).toEqual({ counted: 1, timed: 1 });
  });

  it('records a POST with a body, and one with a stream', async () => {
    const { spans, counted } = await observed(async () => {
      await (await fetchOf(server.url('ok'), { method: 'POST', body: '{}' })).text();
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(new TextEncoder().encode('{}'));
          controller.close();
        },
      });
      await (await fetchOf(server.url('ok'), { method: 'POST', body, duplex: 'half' })).text();
    });
    expect(spans.map(({ name }) => name)).toEqual([`POST ${TEMPLATE}`, `POST ${TEMPLATE}`]);
    expect(counted).toBe(2);
  });

  it('records a response whose body nobody reads, small or big', async () => {
    const kept: Response[] = [];
    const { spans, counted, timed } = await observed(async () => {
      kept.push(await fetchOf(server.url('ok')), await fetchOf(server.url('big')));
    });
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200, 200]);
    expect({ counted, timed }).toEqual({ counted: 2, timed: 2 });
    await Promise.all(kept.map((response) => response.body?.cancel()));
  });

  it('records once when the body is cancelled after the headers', async () => {
    const { spans, counted } = await observed(async () => {
      const failed = failureEvent();
      await (await fetchOf(server.url('big'))).body?.cancel();
      await failed;
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
    expect(counted).toBe(1);
  });

  it('records 204 and HEAD', async () => {
    const { spans, counted } = await observed(async () => {
      await fetchOf(server.url('no-content'));
      await fetchOf(server.url('ok'), { method: 'HEAD' });
    });
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([204, 200]);
    expect(counted).toBe(2);
  });

  it('counts a time-out before the headers as an error of type timeout', async () => {
    const { spans, counted } = await observed(() =>
      settled(fetchOf(server.url('hang'), { signal: AbortSignal.timeout(50) })),
    );
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes['error.type']).toBe('timeout');
    expect(spans[0]?.status.code).toBe(SpanStatusCode.ERROR);
    expect(counted).toBe(1);
  });

  it("counts the caller's own abort, which is no error", async () => {
    const { spans, counted } = await observed(async () => {
      const controller = new AbortController();
      const arrived = arrival(server);
      const pending = settled(fetchOf(server.url('hang'), { signal: controller.signal }));
      await arrived;
      controller.abort();
      await pending;
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
    expect(spans[0]?.status.code).toBe(SpanStatusCode.UNSET);
    expect(counted).toBe(1);
  });

  it('records an abort right after the call at most once', async () => {
    const { spans, counted } = await observed(async () => {
      const controller = new AbortController();
      const pending = settled(fetchOf(server.url('ok'), { signal: controller.signal }));
      controller.abort();
      await pending;
      // undici creates the aborted request after the caller was told; the next one's answer comes later still.
      await (await fetchOf(server.url('ok'))).text();
    });
    expect(spans.length).toBe(counted);
    expect(counted).toBeLessThanOrEqual(2);
  });

  it('sees nothing of a call whose signal was aborted before: there was no request', async () => {
    const { spans, counted } = await observed(() =>
      settled(fetchOf(server.url('ok'), { signal: AbortSignal.abort() })),
    );
    expect({ spans: spans.length, counted }).toEqual({ spans: 0, counted: 0 });
  });

  it('records an abort during the body once, by its headers', async () => {
    const { spans, counted } = await observed(async () => {
      const response = await fetchOf(server.url('hang-body'), { signal: AbortSignal.timeout(100) });
      await settled(response.text());
    });
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes['http.response.status_code']).toBe(200);
    expect(counted).toBe(1);
  });

  it('records a server that closes without a response', async () => {
    const { spans, counted } = await observed(() => settled(fetchOf(server.url('close'))));
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes['error.type']).toBe('UND_ERR_SOCKET');
    expect(counted).toBe(1);
  });

  it('records a reset in the middle of the body once, by its headers', async () => {
    const { spans, counted } = await observed(async () =>
      settled((await fetchOf(server.url('close-mid-body'))).text()),
    );
    expect(spans).toHaveLength(1);
    expect(spans[0]?.attributes['http.response.status_code']).toBe(200);
    expect(counted).toBe(1);
  });

  it('records each hop of a redirect, the second as a resend that is no retry', async () => {
    const retries = await recording.sum('nylas.client.retries');
    const { spans, counted } = await observed(async () => (await fetchOf(server.url('redirect'))).text());
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([302, 200]);
    expect(counted).toBe(2);
    expect(await recording.sum('nylas.client.retries')).toBe(retries);
  });

  it('records a redirect that is not followed, handed out or refused', async () => {
    const { spans, counted } = await observed(async () => {
      await (await fetchOf(server.url('redirect'), { redirect: 'manual' })).text();
      await expect(fetchOf(server.url('redirect'), { redirect: 'error' })).rejects.toThrow(TypeError);
    });
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([302, 302]);
    expect(spans.map((span) => span.status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.UNSET]);
    expect(counted).toBe(2);
  });

  it('sees nothing of a call to a port that fetch refuses: there was no request', async () => {
    const refused = new NylasInstrumentation({ hosts: [{ host: '127.0.0.1:22' }], mode: 'own' });
    const { spans, counted } = await observed(() => settled(fetchOf('http://127.0.0.1:22/v3/grants')));
    expect({ spans: spans.length, counted }).toEqual({ spans: 0, counted: 0 });
    refused.disable();
  });

  it('records once a response that was dropped unread and collected', async () => {
    const { spans, counted } = await observed(async () => {
      const failed = failureEvent();
      await dropped(fetchOf(server.url('big')));
      // The channel then tells of an error that is a string.
      expect(await Promise.race([failed, garbageCollected(failed)])).toBeTypeOf('string');
    });
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200]);
    expect(spans[0]?.attributes).not.toHaveProperty('error.type');
    expect(counted).toBe(1);
  });

  it('skips 103 Early Hints', async () => {
    const { spans, counted } = await observed(async () => (await fetchOf(server.url('early-hints'))).text());
    expect(spans.map((span) => span.attributes['http.response.status_code'])).toEqual([200]);
    expect(counted).toBe(1);
  });

  it('classifies by status what it cannot read: 429 with Retry-After is the provider', async () => {
    const before = await recording.sum('nylas.client.rate_limits', { 'nylas.rate_limit.source': 'provider' });
    const { spans } = await observed(async () => (await fetchOf(server.url('rate-limited'))).text());
    expect(spans[0]?.attributes).toMatchObject({
      'error.type': '429',
      'nylas.rate_limit.source': 'provider',
    });
    expect(await recording.sum('nylas.client.rate_limits', { 'nylas.rate_limit.source': 'provider' })).toBe(
      before + 1,
    );
  });

  it('leaves no request active', async () => {
    await settled(fetchOf(server.url('close')));
    await (await fetchOf(server.url('ok'))).text();
    expect(await recording.sum('nylas.client.requests.active')).toBe(0);
  });

  it("is a child of the caller's span", async () => {
    const { span } = await recording.inSpan('job', async () => (await fetchOf(server.url('ok'))).text());
    const http = recording.spans().find(({ kind }) => kind === SpanKind.CLIENT);
    expect(parentOf(http!)).toBe(span.spanContext().spanId);
  });
});

it('records a refused connection', async () => {
  const port = await getPort();
  const other = new NylasInstrumentation({ hosts: [{ host: `127.0.0.1:${port}` }], mode: 'own' });
  const { spans, counted } = await observed(() => settled(fetch(`http://127.0.0.1:${port}/v3/grants`)));
  expect(spans).toHaveLength(1);
  expect(spans[0]).toMatchObject({ name: 'GET /v3/grants', attributes: { 'error.type': 'ECONNREFUSED' } });
  expect(counted).toBe(1);
  other.disable();
});

it('makes nothing of requests to other hosts', async () => {
  const other = await startScriptedServer();
  const { spans, counted } = await observed(async () => (await fetch(other.url('ok'))).text());
  expect({ spans: spans.length, counted }).toEqual({ spans: 0, counted: 0 });
  await other.close();
});

/** The error of the next request that fails, as the channel gives it. */
function failureEvent(): Promise<unknown> {
  return new Promise((resolve) => {
    const listener = (message: unknown) => {
      unsubscribe('undici:request:error', listener);
      resolve((message as { error: unknown }).error);
    };
    subscribe('undici:request:error', listener);
  });
}

/** Waits for a promise and keeps nothing of its value. */
async function dropped(promise: Promise<unknown>): Promise<void> {
  await promise;
}

/** Collects garbage, turn by turn, until something has happened. */
async function garbageCollected(until: Promise<unknown>): Promise<never> {
  let over = false;
  void until.then(() => {
    over = true;
  });
  setFlagsFromString('--expose_gc');
  const collect = runInNewContext('gc') as () => void;
  while (!over) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return new Promise(() => {});
}

async function arrival({ requests }: ScriptedServer): Promise<void> {
  const before = requests.length;
  while (requests.length === before) await new Promise(setImmediate);
}
