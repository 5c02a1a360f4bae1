import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import {
  type FaultName,
  type FaultOptions,
  type Grant,
  type Simulator,
  startSimulator,
} from '@nylas-otel/simulator';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NylasRetryState, type RetryOptions, withRetry, withRetryLimits } from '../src/index.ts';
import { type NylasClass, rejection, V3_SDKS } from './sdks.ts';

let simulator: Simulator;
let grant: Grant;

beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
});
afterAll(() => simulator.close());
beforeEach(() => {
  simulator.reset();
  grant = simulator.grants.list()[0] as Grant;
});

function fault(name: FaultName, times = 1, options: FaultOptions = {}): void {
  simulator.faults.add({ fault: name, times, options });
}

/** A client of its own state, without jitter: waits are as short as the policy allows. */
function client(Nylas: NylasClass, options: RetryOptions = {}, timeout = 90): InstanceType<NylasClass> {
  const state = new NylasRetryState({ random: () => 0 });
  return withRetry(new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url, timeout }), {
    state,
    ...options,
  });
}

const statuses = (error: { attempts?: readonly { status: number }[] }): number[] =>
  (error.attempts ?? []).map(({ status }) => status);
const arrived = (): number => simulator.requests.total;
const message = { to: [{ email: 'someone@example.com' }], subject: 'hello', body: 'hi' };

describe.each(V3_SDKS)('%s', (name, Nylas) => {
  it.each<[FaultName, FaultOptions]>([
    ['bad_gateway_html', {}],
    ['edge_520', {}],
    ['internal_error', {}],
    ['reset_before_headers', {}],
    ['provider_timeout', {}],
    ['flat_error', { status: 503 }],
  ])('a list gets over two of %s', async (fault_, options) => {
    fault(fault_, 2, options);
    const list = await client(Nylas).messages.list({ identifier: grant.id, queryParams: { limit: 3 } });
    expect(list.data).toHaveLength(3);
    expect(arrived()).toBe(3);
  });

  it('waits as long as Retry-After says', async () => {
    fault('rate_limit_provider', 1, { retryAfter: 1 });
    const began = Date.now();
    const list = await client(Nylas).messages.list({ identifier: grant.id, queryParams: { limit: 1 } });
    expect(list.data).toHaveLength(1);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
  });

  it('also on an answer that the SDK cannot parse', async () => {
    const edge = await edgeOf(simulator.url, { 'retry-after': '1', 'content-type': 'text/html' });
    const began = Date.now();
    const state = new NylasRetryState({ random: () => 0 });
    const nylas = withRetry(new Nylas({ apiKey: simulator.apiKey, apiUri: edge.url }), { state });
    const list = await nylas.messages.list({ identifier: grant.id, queryParams: { limit: 1 } });
    expect(list.data).toHaveLength(1);
    expect(Date.now() - began).toBeGreaterThanOrEqual(1_000);
    edge.close();
  });

  it('fails at once when Retry-After is beyond the deadline, with retryAt on its own error', async () => {
    fault('rate_limit_provider', 9, { retryAfter: 3_600 });
    const began = Date.now();
    const error = await rejection(
      client(Nylas).messages.list({ identifier: grant.id, queryParams: { limit: 1 } }),
    );
    expect(error).toMatchObject({ statusCode: 429, type: 'rate_limit_error' });
    expect(error.retryAt?.getTime()).toBeGreaterThanOrEqual(began + 3_600_000);
    expect(Date.now() - began).toBeLessThan(3_000);
    expect(arrived()).toBe(1);
  });

  it('never retries 401', async () => {
    fault('grant_expired', 9);
    const error = await rejection(client(Nylas).messages.list({ identifier: grant.id }));
    expect(error).toMatchObject({ statusCode: 401 });
    expect(arrived()).toBe(1);
  });

  it("gives up with the SDK's own error, the attempts on it but not in its JSON", async () => {
    fault('internal_error', 99);
    const error = await rejection(client(Nylas, { attempts: 3 }).messages.list({ identifier: grant.id }));
    expect(error).toMatchObject({ statusCode: 500 });
    expect(error.constructor.name).toBe('NylasApiError');
    expect(statuses(error)).toEqual([500, 500, 500]);
    expect(JSON.parse(JSON.stringify(error))).not.toHaveProperty('attempts');
  });

  it('knows the status of answers that the SDK cannot parse', async () => {
    fault('bad_gateway_html', 99);
    const error = await rejection(client(Nylas, { attempts: 2 }).messages.list({ identifier: grant.id }));
    expect(error.statusCode).toBeUndefined();
    expect(statuses(error)).toEqual([502, 502]);
  });

  it("keeps the SDK's time-out for each attempt, and its error", async () => {
    fault('stalled_headers', 99);
    const error = await rejection(
      client(Nylas, { attempts: 2 }, 0.2).messages.list({ identifier: grant.id }),
    );
    expect(error.constructor.name).toBe('NylasSdkTimeoutError');
    expect(statuses(error)).toEqual([0, 0]);
    expect(arrived()).toBe(2);
  });

  it("ends with the SDK's time-out error at the deadline", async () => {
    fault('stalled_headers', 99);
    const began = Date.now();
    const error = await rejection(
      client(Nylas, { deadlineMs: 1_200 }).messages.list({ identifier: grant.id }),
    );
    expect(error.constructor.name).toBe('NylasSdkTimeoutError');
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it('takes the abort of a request handler', async () => {
    fault('stalled_headers', 99);
    const controller = new AbortController();
    const call = withRetryLimits({ signal: controller.signal }, () =>
      client(Nylas).messages.list({ identifier: grant.id }),
    );
    const failed = rejection(call as Promise<unknown>);
    await simulator.requests.waitFor(() => true);
    controller.abort(new Error('the client left'));
    expect(await failed).toMatchObject({ message: 'the client left' });
  });

  it('sends once, whatever happens on the way', async () => {
    // For sends only: an aborted call's request runs to its end, and may still arrive from the test before.
    const route = '/v3/grants/{grant_id}/messages/send';
    for (const name of ['reset_before_headers', 'concurrent_request', 'bad_gateway_html'] as const) {
      simulator.faults.add({ fault: name, route, times: 1 });
    }
    const nylas = client(Nylas);
    const sent = await nylas.messages.send({ identifier: grant.id, requestBody: message });
    expect(sent.data.subject).toBe('hello');
    expect(simulator.sent).toHaveLength(1);
    const keys = simulator.requests
      .list()
      .filter(({ path }) => path.includes('/messages/send'))
      .map(({ headers }) => headers['idempotency-key']);
    expect(keys).toHaveLength(4);
    expect(new Set(keys).size).toBe(1);
  });

  it('does not send again what the provider may have accepted', async () => {
    fault('sent_then_504', 99);
    const error = await rejection(
      client(Nylas).messages.send({ identifier: grant.id, requestBody: message }),
    );
    expect(error).toMatchObject({ statusCode: 504, type: 'provider_error' });
    expect(simulator.sent).toHaveLength(1);
  });

  it('sends again after a limit, with a new key', async () => {
    fault('rate_limit_ambiguous', 1);
    await client(Nylas).messages.send({ identifier: grant.id, requestBody: message });
    expect(simulator.sent).toHaveLength(1);
    const keys = simulator.requests.list().map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys).size).toBe(2);
  });

  it('sends no header of ours', async () => {
    fault('bad_gateway_html', 1);
    await client(Nylas).messages.list({ identifier: grant.id, queryParams: { limit: 1 } });
    const plain = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url });
    await plain.messages.list({ identifier: grant.id, queryParams: { limit: 1 } });
    const [first, second, bare] = simulator.requests.list().map(({ headers }) => Object.keys(headers).sort());
    expect(first).toEqual(bare);
    expect(second).toEqual(bare);
  });

  it('does not create twice', async () => {
    fault('internal_error', 9);
    const call = client(Nylas).folders.create({ identifier: grant.id, requestBody: { name: 'f' } });
    expect(await rejection(call)).toMatchObject({ statusCode: 500 });
    expect(arrived()).toBe(1);
  });

  it('wrapped twice retries once, with the later options', async () => {
    fault('internal_error', 99);
    const nylas = withRetry(client(Nylas, { attempts: 5 }), {
      attempts: 2,
      state: new NylasRetryState({ random: () => 0 }),
    });
    await rejection(nylas.messages.list({ identifier: grant.id }));
    expect(arrived()).toBe(2);
  });

  it(`leaves ${name} alone where it was not asked to`, async () => {
    client(Nylas);
    fault('internal_error', 99);
    const other = new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url });
    await rejection(other.messages.list({ identifier: grant.id }));
    expect(arrived()).toBe(1);
  });
});

/** An edge in front of Nylas that answers the first request with a page, and passes the others on. */
async function edgeOf(
  nylas: string,
  headers: Record<string, string>,
): Promise<{ readonly url: string; close(): void }> {
  let first = true;
  const server = createServer((request, response) => {
    if (first) {
      first = false;
      response.writeHead(503, headers).end('<html>busy</html>');
      return;
    }
    const { authorization = '' } = request.headers;
    void fetch(nylas + (request.url ?? ''), { headers: { authorization } }).then(async (answer) => {
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

describe('attachments over 3 MB', () => {
  const [, Nylas] = V3_SDKS[0] as (typeof V3_SDKS)[number];
  const big = Buffer.alloc(3 * 1024 * 1024, 'x');
  const attachment = { filename: 'a.bin', contentType: 'application/octet-stream', size: big.byteLength };

  it('in memory are sent again, the same bytes under the same key', async () => {
    fault('reset_before_headers', 2);
    const requestBody = { ...message, attachments: [{ ...attachment, content: big }] };
    await client(Nylas).messages.send({ identifier: grant.id, requestBody });
    expect(simulator.sent).toHaveLength(1);
    const types = simulator.requests.list().map(({ headers }) => headers['content-type']);
    expect(types).toHaveLength(3);
    expect(new Set(types).size).toBe(1);
  });

  it('that are streams are sent once', async () => {
    fault('bad_gateway_html', 9);
    const content = Readable.from([big]) as unknown as NodeJS.ReadableStream;
    const requestBody = { ...message, attachments: [{ ...attachment, content }] };
    const error = await rejection(client(Nylas).messages.send({ identifier: grant.id, requestBody }));
    expect(statuses(error)).toEqual([502]);
    expect(arrived()).toBe(1);
  });
});
