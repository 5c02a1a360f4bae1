import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Simulator, startSimulator } from '../src/index.ts';
import { compileRoutes } from '../src/routes.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ limits: false });
});
afterAll(() => simulator.close());
beforeEach(() => simulator.reset());

const JSON_VALUE = fc.jsonValue({ maxDepth: 4 });
const segment = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map(encodeURIComponentSafely),
  fc.constantFrom(
    '%',
    '%zz',
    '..',
    '%00',
    '%2e%2e',
    '__proto__',
    'constructor',
    '',
    'a'.repeat(9000),
    '%2F%2F',
  ),
);
function encodeURIComponentSafely(text: string): string {
  return text
    .split('')
    .map((one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0').slice(-2)}`)
    .join('');
}

/** Sends bytes as they are and resolves with what came back until the connection ended or fell silent. */
function exchange(bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(simulator.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let received = '';
    socket.setTimeout(300, () => socket.destroy());
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('close', () => resolve(received));
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNREFUSED' ? reject(error) : undefined,
    );
    socket.write(bytes);
  });
}

async function isAlive(): Promise<void> {
  const headers = { authorization: `Bearer ${simulator.apiKey}` };
  expect((await fetch(`${simulator.url}/v3/grants`, { headers })).status).toBe(200);
  expect(simulator.defects).toEqual([]);
}

describe('hostile input', () => {
  it('any path and query gets an answer', async () => {
    const path = fc.array(segment, { maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
    const prefix = fc.constantFrom(
      '',
      '/v3',
      '/v3/grants',
      `/v3/grants/${simulator.grants.list()[0]?.id}`,
      '/a',
      '/__sim',
    );
    await fc.assert(
      fc.asyncProperty(prefix, path, segment, async (start, rest, query) => {
        const response = await fetch(`${simulator.url}${start}${rest}?limit=${query}&page_token=${query}`, {
          headers: { authorization: `Bearer ${simulator.apiKey}` },
        });
        await response.arrayBuffer();
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 400 },
    );
    await isAlive();
  });

  it('any JSON to any route gets an answer below 500', async () => {
    const grant = simulator.grants.list()[0]?.id as string;
    const account = simulator.accounts.list()[0];
    const writes = compileRoutes().filter(
      // Those that end the very credentials the test goes on with.
      ({ method, template }) =>
        method !== 'GET' && !/revoke|downgrade|^\/v3\/grants\/\{grant_id\}$|account_id/.test(template),
    );
    const body = fc.oneof(
      JSON_VALUE.map((value) => JSON.stringify(value)),
      fc
        .dictionary(
          fc.constantFrom(
            'to',
            'cc',
            'name',
            'when',
            'emails',
            'settings',
            'items',
            'start_time',
            'end_time',
            'participants',
            'message_id',
            'send_at',
            'attachments',
            'metadata',
            '__proto__',
            'triggers',
            'trigger_types',
            'webhook_url',
            'scope',
            'id',
            'url',
          ),
          JSON_VALUE,
        )
        .map((value) => JSON.stringify(value)),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), body, fc.boolean(), async (route, text, multipart) => {
        const path = route.template
          .replace('{grant_id}', grant)
          .replace('{client_id}', simulator.clientId)
          .replace(/\{\w+\}/g, 'x1');
        const token =
          route.credential === 'secret'
            ? simulator.clientSecret
            : path.startsWith('/v3/')
              ? simulator.apiKey
              : (account?.accessToken as string);
        const response = await fetch(`${simulator.url}${path}?calendar_id=primary`, {
          method: route.method,
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': multipart ? 'multipart/form-data; boundary=x' : 'application/json',
          },
          body: text,
        });
        await response.arrayBuffer();
        expect([path, response.status < 500]).toEqual([path, true]);
      }),
      { numRuns: 1500 },
    );
    await isAlive();
  });

  it('what was written is read back without harm', async () => {
    const grant = simulator.grants.list()[0]?.id as string;
    const headers = { authorization: `Bearer ${simulator.apiKey}` };
    const hostile =
      '{"name":"x","__proto__":{"polluted":true},"attachments":7,"folders":{},"participants":[null,1]}';
    for (const resource of ['folders', 'contacts', 'calendars', 'drafts']) {
      await fetch(`${simulator.url}/v3/grants/${grant}/${resource}`, {
        method: 'POST',
        headers,
        body: hostile,
      });
      const query = 'email=a&any_email=a&has_attachment=true&in=x&group=1&subject=a&metadata_pair=a:b';
      const response = await fetch(`${simulator.url}/v3/grants/${grant}/${resource}?${query}`, { headers });
      expect(response.status).toBe(200);
    }
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    await isAlive();
  });

  it('any bytes on the socket', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
        await exchange(bytes);
      }),
      { numRuns: 15 },
    );
    await isAlive();
  });

  // biome-ignore format: a table
  it.each([
    ['a body that never comes', 'POST /v3/grants/x/messages/send HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{'],
    ['a wrong chunk', 'POST /v3/connect/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['an absolute URL', 'GET http://elsewhere.example.com/v3/grants HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['CONNECT', 'CONNECT a.example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['an upgrade', 'GET /v3/grants HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n'],
    ['a strange method', 'PROPFIND /v3/grants HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['no host', 'GET /v3/grants HTTP/1.1\r\n\r\n'],
    ['a header of 20 kB', `GET /v3/grants HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['a strange Authorization', 'GET /account HTTP/1.1\r\nHost: x\r\nAuthorization: Basic \xff\xfe=\r\nConnection: close\r\n\r\n'],
  ])('%s', async (_what, text) => {
    await exchange(text);
    await isAlive();
  });

  it('a body above 64 MiB gets 413', async () => {
    const response = await fetch(
      `${simulator.url}/v3/grants/${simulator.grants.list()[0]?.id}/messages/send`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${simulator.apiKey}` },
        body: Buffer.alloc(64 * 1024 * 1024 + 1),
      },
    );
    expect(response.status).toBe(413);
    await isAlive();
  });
});
