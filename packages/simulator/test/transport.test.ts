import { connect } from 'node:http2';
import { request } from 'node:https';
import { Agent, fetch as undiciFetch } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { rejection } from './sdks.ts';

let simulator: Simulator;
let grant: Grant;
let agent: Agent;
beforeAll(async () => {
  simulator = await startSimulator({ tls: true, http2: true, limits: false, attachmentBytes: 2_000_000 });
  agent = new Agent({ allowH2: true, connect: { ca: simulator.ca as string } });
});
afterAll(async () => {
  await agent.destroy();
  await simulator.close();
});
beforeEach(() => {
  simulator.reset();
  grant = simulator.grants.list()[0] as Grant;
});

const get = (base: string | undefined, path: string) =>
  undiciFetch(`${base}${path}`, {
    dispatcher: agent,
    headers: { authorization: `Bearer ${simulator.apiKey}` },
  });

describe('TLS', () => {
  it('is trusted with the authority of the simulator, by address and by name', async () => {
    expect(simulator.ca).toContain('BEGIN CERTIFICATE');
    const port = new URL(simulator.tlsUrl as string).port;
    for (const host of ['127.0.0.1', 'localhost']) {
      const status = await new Promise((resolve, reject) => {
        const outgoing = request(
          {
            host,
            port,
            path: '/v3/grants',
            ca: simulator.ca,
            headers: { authorization: `Bearer ${simulator.apiKey}` },
          },
          (response) => {
            response.resume();
            resolve(response.statusCode);
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      });
      expect(status).toBe(200);
    }
    const untrusted = await rejection(fetch(`${simulator.tlsUrl}/v3/grants`));
    expect((untrusted.cause as { code: string }).code).toMatch(/SELF_SIGNED|UNABLE_TO/);
  });

  it('can be cut, also before the headers', async () => {
    simulator.faults.add({ fault: 'reset_before_headers' });
    expect((await rejection(get(simulator.tlsUrl, '/v3/grants'))).message).toBe('fetch failed');
    simulator.reset();
    simulator.faults.add({ fault: 'reset_mid_body' });
    const response = await get(simulator.tlsUrl, `/v3/grants/${grant.id}/messages`);
    expect((await rejection(response.text())).message).toBe('terminated');
  });
});

describe('HTTP/2', () => {
  it('answers as HTTP/1.1 does, with bodies, compression and streams', async () => {
    const response = await get(simulator.http2Url, `/v3/grants/${grant.id}/messages?limit=5`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('x-request-id')).toBeTypeOf('string');
    expect(simulator.requests.list().at(-1)?.httpVersion).toBe('2.0');
    const { data } = (await response.json()) as { data: { id: string; attachments: { id: string }[] }[] };
    const message = data.find((one) => one.attachments.length > 0);
    const path = `/v3/grants/${grant.id}/attachments/${message?.attachments[0]?.id}/download?message_id=${message?.id}`;
    const file = await get(simulator.http2Url, path);
    expect((await file.arrayBuffer()).byteLength).toBe(2_000_000);
    const sent = await undiciFetch(`${simulator.http2Url}/v3/grants/${grant.id}/messages/send`, {
      dispatcher: agent,
      method: 'POST',
      headers: { authorization: `Bearer ${simulator.apiKey}` },
      body: '{"to":[{"email":"a@example.com"}],"subject":"two"}',
    });
    expect(sent.status).toBe(200);
    expect(simulator.sent[0]?.subject).toBe('two');
    expect(simulator.defects).toEqual([]);
  });

  it('carries the faults, resets as RST_STREAM', async () => {
    simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    expect(
      (await get(simulator.http2Url, `/v3/grants/${grant.id}/messages`)).headers.get('retry-after'),
    ).toBe('2');
    const session = connect(simulator.http2Url as string, { ca: simulator.ca as string });
    const ask = (): Promise<{ statuses: number[]; code: number }> =>
      new Promise((resolve) => {
        const statuses: number[] = [];
        const stream = session.request({
          ':path': '/v3/grants',
          authorization: `Bearer ${simulator.apiKey}`,
        });
        stream.on('headers', (headers) => statuses.push(headers[':status'] as number));
        stream.on('response', (headers) => statuses.push(headers[':status'] as number));
        stream.on('error', () => undefined);
        stream.on('close', () => resolve({ statuses, code: stream.rstCode }));
        stream.resume();
      });
    try {
      simulator.reset();
      simulator.faults.add({ fault: 'early_hints', times: 1 });
      expect(await ask()).toEqual({ statuses: [103, 200], code: 0 });
      simulator.faults.add({ fault: 'reset_before_headers', times: 1 });
      expect(await ask()).toEqual({ statuses: [], code: 2 });
      simulator.faults.add({ fault: 'reset_mid_body', times: 1 });
      expect(await ask()).toEqual({ statuses: [200], code: 2 });
      expect(await ask()).toEqual({ statuses: [200], code: 0 });
    } finally {
      session.destroy();
    }
    expect(simulator.defects).toEqual([]);
  });

  it('still speaks HTTP/1.1 to clients without it', async () => {
    const plain = new Agent({ allowH2: false, connect: { ca: simulator.ca as string } });
    const response = await undiciFetch(`${simulator.http2Url}/v3/grants`, {
      dispatcher: plain,
      headers: { authorization: `Bearer ${simulator.apiKey}` },
    });
    expect(response.status).toBe(200);
    expect(simulator.requests.list().at(-1)?.httpVersion).toBe('1.1');
    await plain.destroy();
  });
});

describe('the plain listener', () => {
  it('is there alone unless more is asked for', async () => {
    const alone = await startSimulator();
    expect([alone.tlsUrl, alone.http2Url, alone.ca]).toEqual([undefined, undefined, undefined]);
    await alone.close();
  });

  it('compresses above 200 bytes for those who accept it, and only for them', async () => {
    const encodingOf = async (path: string, accept: string): Promise<string | null> => {
      const headers = { authorization: `Bearer ${simulator.apiKey}`, 'accept-encoding': accept };
      const response = await fetch(`${simulator.url}${path}`, { headers });
      await response.text();
      return response.headers.get('content-encoding');
    };
    expect(await encodingOf('/v3/grants', 'gzip, deflate')).toBe('gzip');
    expect(await encodingOf('/v3/grants', 'identity')).toBeNull();
    expect(await encodingOf('/v3/webhooks', 'gzip')).toBeNull();
  });

  it('closes with requests unanswered, and can be closed twice', async () => {
    const closing = await startSimulator({ latency: 600_000 });
    const pending = rejection(fetch(`${closing.url}/v3/grants`));
    const waiting = rejection(closing.requests.waitFor(() => false));
    await closing.requests.waitFor((one) => one.path === '/v3/grants');
    await Promise.all([closing.close(), closing.close()]);
    expect((await pending).message).toBe('fetch failed');
    expect((await waiting).message).toContain('the simulator was closed');
  });

  it('says which port is taken', async () => {
    const port = Number(new URL(simulator.url).port);
    expect((await rejection(startSimulator({ port }))).message).toContain('EADDRINUSE');
  });
});
