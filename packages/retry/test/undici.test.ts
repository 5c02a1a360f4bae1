import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable, Writable } from 'node:stream';
import {
  type FaultName,
  type FaultOptions,
  type Grant,
  type Simulator,
  startSimulator,
} from '@nylas-otel/simulator';
import * as undici6 from 'undici6';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  NylasDeadlineError,
  NylasHeldBackError,
  NylasRetryState,
  nylasRetry,
  type RetryOptions,
} from '../src/index.ts';

// Three versions with one face where these tests use it; the types of their handlers differ.
type Undici = typeof undici8;
const VERSIONS: readonly (readonly [string, Undici])[] = [
  ['undici 6', undici6 as unknown as Undici],
  ['undici 7', undici7 as unknown as Undici],
  ['undici 8', undici8],
];

let simulator: Simulator;
let grant: Grant;
let open: { close(): unknown }[] = [];

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  grant = simulator.grants.list()[0] as Grant;
});
afterEach(async () => {
  for (const one of open) await one.close();
  open = [];
});

const fault = (name: FaultName, times = 1, options: FaultOptions = {}): void => {
  simulator.faults.add({ fault: name, times, options });
};
const messages = (): string => `${simulator.url}/v3/grants/${grant.id}/messages?limit=2`;
const headers = (): Record<string, string> => ({ authorization: `Bearer ${simulator.apiKey}` });
const arrived = (): number => simulator.requests.total;

function options(more: RetryOptions = {}): RetryOptions {
  const host = new URL(simulator.url).host;
  return { hosts: [host, '127.0.0.1'], state: new NylasRetryState({ random: () => 0 }), ...more };
}

/** A server of one function, for what the simulator does not do. */
async function serve(listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push({
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each(VERSIONS)('%s', (_name, undici) => {
  function agent(more?: RetryOptions): InstanceType<Undici['Agent']> {
    const made = new undici.Agent().compose(nylasRetry(options(more)));
    open.push({ close: () => made.destroy() });
    return made as unknown as InstanceType<Undici['Agent']>;
  }

  it.each<[FaultName]>([
    ['bad_gateway_html'],
    ['internal_error'],
    ['reset_before_headers'],
    ['edge_520'],
    ['provider_timeout'],
  ])('request() gets over two of %s', async (name) => {
    fault(name, 2);
    const { statusCode, body } = await undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
    });
    expect(statusCode).toBe(200);
    expect(((await body.json()) as { data: unknown[] }).data).toHaveLength(2);
    expect(arrived()).toBe(3);
  });

  it('fetch() over the agent does, too', async () => {
    fault('bad_gateway_html', 1);
    fault('reset_before_headers', 1);
    const response = await undici.fetch(messages(), { dispatcher: agent(), headers: headers() });
    expect(response.status).toBe(200);
    expect(((await response.json()) as { data: unknown[] }).data).toHaveLength(2);
  });

  it('stream() does, too', async () => {
    fault('internal_error', 1);
    const chunks: Buffer[] = [];
    await undici.stream(
      messages(),
      { dispatcher: agent(), headers: headers(), method: 'GET' },
      ({ statusCode }) => {
        expect(statusCode).toBe(200);
        return new Writable({
          write(chunk: Buffer, _encoding, done) {
            chunks.push(chunk);
            done();
          },
        });
      },
    );
    expect(JSON.parse(Buffer.concat(chunks).toString())).toHaveProperty('data');
  });

  it('waits as long as Retry-After says', async () => {
    fault('rate_limit_provider', 1, { retryAfter: 1 });
    const began = Date.now();
    const { statusCode, body } = await undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
    });
    await body.dump();
    expect(statusCode).toBe(200);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
  });

  it('gives the last answer on, head and body', async () => {
    fault('bad_gateway_html', 99);
    const answer = await undici.request(messages(), {
      dispatcher: agent({ attempts: 3 }),
      headers: headers(),
    });
    expect(answer.statusCode).toBe(502);
    expect(answer.headers['content-type']).toBe('text/html');
    expect(await answer.body.text()).toContain('502 Bad Gateway');
    expect(arrived()).toBe(3);
  });

  it('never retries 401', async () => {
    fault('unauthorized', 99);
    const { statusCode, body } = await undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
    });
    await body.dump();
    expect(statusCode).toBe(401);
    expect(arrived()).toBe(1);
  });

  it('leaves other hosts alone', async () => {
    fault('internal_error', 99);
    const dispatcher = agent({ hosts: ['other.example'] });
    const { statusCode, body } = await undici.request(messages(), { dispatcher, headers: headers() });
    await body.dump();
    expect(statusCode).toBe(500);
    expect(arrived()).toBe(1);
  });

  it('retries on a Client that is bound to Nylas', async () => {
    fault('internal_error', 1);
    const client = new undici.Client(simulator.url).compose(nylasRetry(options()));
    open.push({ close: () => client.destroy() });
    const { pathname, search } = new URL(messages());
    const { statusCode, body } = await client.request({
      path: pathname + search,
      method: 'GET',
      headers: headers(),
    });
    await body.dump();
    expect(statusCode).toBe(200);
  });

  it.each<[string, unknown]>([
    ['an object', { authorization: 'AUTH', 'content-type': 'application/json' }],
    ['a flat list', ['authorization', 'AUTH', 'content-type', 'application/json']],
    [
      'a map',
      new Map([
        ['authorization', 'AUTH'],
        ['content-type', 'application/json'],
      ]),
    ],
  ])('sends a message once, with headers given as %s', async (_form, given) => {
    fault('reset_before_headers', 1);
    const authorization = headers().authorization as string;
    const filled = Array.isArray(given)
      ? given.map((part) => (part === 'AUTH' ? authorization : (part as string)))
      : given instanceof Map
        ? new Map([...given, ['authorization', authorization]])
        : { ...(given as object), authorization };
    const { statusCode, body } = await undici.request(
      `${simulator.url}/v3/grants/${grant.id}/messages/send`,
      {
        dispatcher: agent(),
        method: 'POST',
        headers: filled as Record<string, string>,
        body: JSON.stringify({ to: [{ email: 'a@example.com' }], subject: 's' }),
      },
    );
    await body.dump();
    expect(statusCode).toBe(200);
    expect(simulator.sent).toHaveLength(1);
    const keys = simulator.requests.list().map((request) => request.headers['idempotency-key']);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
  });

  it('sends a body that is a stream once', async () => {
    fault('internal_error', 99);
    const url = `${simulator.url}/v3/grants/${grant.id}/folders/f`;
    const { statusCode, body } = await undici.request(url, {
      dispatcher: agent(),
      method: 'PUT',
      headers: headers(),
      body: Readable.from(['{}']),
    });
    await body.dump();
    expect(statusCode).toBe(500);
    expect(arrived()).toBe(1);
  });

  it('an abort during a wait rejects at once', async () => {
    fault('rate_limit_provider', 99, { retryAfter: 60 });
    const controller = new AbortController();
    const call = undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
      signal: controller.signal,
    });
    await simulator.requests.waitFor(({ status }) => status === 429);
    setTimeout(() => controller.abort(), 20);
    await expect(call).rejects.toThrow(/abort/i);
    expect(arrived()).toBe(1);
  });

  it('a deadline ends an attempt that hangs', async () => {
    fault('stalled_headers', 99);
    const call = undici.request(messages(), { dispatcher: agent({ deadlineMs: 200 }), headers: headers() });
    await expect(call).rejects.toBeInstanceOf(NylasDeadlineError);
  });

  it('a gate that stays closed refuses without sending', async () => {
    fault('rate_limit_provider', 99, { retryAfter: 600 });
    const dispatcher = agent();
    const first = await undici.request(messages(), { dispatcher, headers: headers() });
    await first.body.dump();
    expect(first.statusCode).toBe(429);
    const second = undici.request(messages(), { dispatcher, headers: headers() });
    await expect(second).rejects.toBeInstanceOf(NylasHeldBackError);
    expect(arrived()).toBe(1);
  });

  it('streams a large answer with backpressure, untouched', async () => {
    const size = 5 * 1024 * 1024;
    const url = await serve((_request, response) => {
      response.end(Buffer.alloc(size, 'y'));
    });
    const { body } = await undici.request(`${url}/v3/grants/g/messages`, { dispatcher: agent() });
    let bytes = 0;
    for await (const chunk of body) {
      bytes += (chunk as Buffer).byteLength;
      await new Promise(setImmediate);
    }
    expect(bytes).toBe(size);
  });

  it('gives a large error on in full, when it is the last', async () => {
    const size = 300_000;
    const url = await serve((_request, response) => {
      response.writeHead(502).end(Buffer.alloc(size, 'z'));
    });
    const { statusCode, body } = await undici.request(`${url}/v3/grants/g/messages`, {
      dispatcher: agent({ attempts: 2 }),
    });
    expect(statusCode).toBe(502);
    expect((await body.arrayBuffer()).byteLength).toBe(size);
  });

  it('starts a request once for the one who asked, and hands a large last answer on without being asked', async () => {
    const size = 300_000;
    const url = await serve((_request, response) => {
      response.writeHead(502).end(Buffer.alloc(size, 'z'));
    });
    const { origin } = new URL(url);
    const seen = { started: 0, status: 0, bytes: 0 };
    await new Promise<void>((resolve, reject) => {
      // A handler that pushes nothing back and never asks for more, in the words of both interfaces.
      const handler = {
        onRequestStart: () => void seen.started++,
        onResponseStart: (_controller: unknown, status: number) => {
          seen.status = status;
        },
        onResponseData: (_controller: unknown, chunk: Buffer) => {
          seen.bytes += chunk.byteLength;
        },
        onResponseEnd: () => resolve(),
        onResponseError: (_controller: unknown, error: unknown) => reject(error),
      };
      const legacy = {
        onConnect: () => void seen.started++,
        onHeaders: (status: number) => {
          seen.status = status;
          return true;
        },
        onData: (chunk: Buffer) => {
          seen.bytes += chunk.byteLength;
          return true;
        },
        onComplete: () => resolve(),
        onError: reject,
      };
      const options = { origin, path: '/v3/grants/g/messages', method: 'GET' as const };
      agent({ attempts: 3 }).dispatch(options, (undici === VERSIONS[0]?.[1] ? legacy : handler) as never);
    });
    expect(seen).toEqual({ started: 1, status: 502, bytes: size });
  });

  it('does not wait for an error body that never ends, and lets its connection go', async () => {
    let requests = 0;
    let closed: Promise<unknown> = Promise.resolve();
    const url = await serve((request, response) => {
      if (++requests === 1) {
        closed = once(request.socket, 'close');
        response.writeHead(503).write('<html>');
      } else response.end('{}');
    });
    const began = Date.now();
    const { statusCode, body } = await undici.request(`${url}/v3/grants/g/messages`, { dispatcher: agent() });
    await body.dump();
    expect(statusCode).toBe(200);
    await closed;
    expect(Date.now() - began).toBeLessThan(5_000);
  });

  it('an answer that breaks in its body is the caller’s: its headers were there', async () => {
    fault('reset_mid_body', 1);
    const { statusCode, body } = await undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
    });
    expect(statusCode).toBe(200);
    await expect(body.text()).rejects.toThrow();
    expect(arrived()).toBe(1);
  });

  it('passes 103 Early Hints over', async () => {
    fault('early_hints', 1);
    const { statusCode, body } = await undici.request(messages(), {
      dispatcher: agent(),
      headers: headers(),
    });
    await body.dump();
    expect(statusCode).toBe(200);
  });
});
