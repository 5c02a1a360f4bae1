import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Account, type Grant, type Simulator, startSimulator } from '../src/index.ts';
import { compileRoutes } from '../src/routes.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({ limits: false, webhooks: { challenge: false } });
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

/** Fields that routes look at. */
// biome-ignore format: a list
const FIELDS = [
  'to', 'cc', 'from', 'subject', 'body', 'date', 'name', 'display_name', 'when', 'emails', 'settings', 'items',
  'start_time', 'end_time', 'participants', 'message_id', 'send_at', 'attachments', 'metadata', '__proto__', 'triggers',
  'trigger_types', 'webhook_url', 'scope', 'id', 'url', 'status', 'version', 'folders', 'labels', 'files', 'groups',
  'filename', 'size', 'content_type', 'draft_id', 'event_id', 'calendar_id', 'callback_uris', 'toString',
] as const;

/** Query parameters that routes filter by. */
// biome-ignore format: a list
const FILTERS = [
  'email', 'any_email', 'to', 'has_attachment', 'in', 'group', 'subject', 'metadata_pair', 'start', 'received_after',
  'latest_message_after', 'starts_after', 'unread', 'source', 'phone_number', 'parent_id', 'filename', 'state', 'title',
] as const;

function tokenFor(path: string, account: Account): string {
  if (path.startsWith('/v3/')) return simulator.apiKey;
  return path.startsWith('/a/') ? simulator.clientSecret : account.accessToken;
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

  it('any JSON to any route gets an answer below 500, and so does every read of what it left', async () => {
    const grant = simulator.grants.list()[0] as Grant;
    const account = simulator.accounts.list()[0] as Account;
    const call = (method: string, path: string, body?: string, multipart = false): Promise<Response> =>
      fetch(`${simulator.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${tokenFor(path, account)}`,
          'content-type': multipart ? 'multipart/form-data; boundary=x' : 'application/json',
        },
        ...(body === undefined ? {} : { body }),
      });
    // Real ids, so that writes meet objects: the first of each collection.
    const ids = new Map<string, string>([
      ['grant_id', grant.id],
      ['client_id', simulator.clientId],
      ['account_id', account.id],
      ['provider', 'google'],
    ]);
    const fill = (template: string): string =>
      template.replace(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(ids.get(name) ?? 'x1'));
    const routes = compileRoutes();
    for (const { method, template } of routes.filter((one) => /\{\w+\}$/.test(one.template))) {
      const name = /\{(\w+)\}$/.exec(template)?.[1] as string;
      if (method !== 'GET' || ids.has(name)) continue;
      const list = (await (
        await call('GET', `${fill(template.slice(0, template.lastIndexOf('/')))}?calendar_id=primary`)
      ).json()) as { id: string }[] | { data?: { id: string }[] };
      const first = (Array.isArray(list) ? list : list.data)?.[0];
      if (first?.id !== undefined) ids.set(`${template.startsWith('/v3/') ? '' : 'v2.'}${name}`, first.id);
    }
    const pathOf = (template: string): string => {
      const names = template.startsWith('/v3/') ? '' : 'v2.';
      return fill(
        template
          .replace(/\{(\w+)\}$/, (whole, name: string) =>
            ids.has(names + name) ? `{${names}${name}}` : whole,
          )
          .replace(/\{v2\.(\w+)\}$/, (_whole, name: string) => ids.get(`v2.${name}`) as string),
      );
    };
    const writes = routes.filter(
      // Those that end the very mailbox or credentials the test goes on with.
      ({ method, template }) =>
        method !== 'GET' &&
        !/revoke|downgrade|^\/v3\/grants\/\{grant_id\}$|accounts\/\{account_id\}$/.test(template),
    );
    const reads = routes.filter(
      ({ method, template }) => method === 'GET' && !/longpoll|streaming/.test(template),
    );
    const awkward = fc.oneof(
      JSON_VALUE,
      fc.constantFrom({ toString: 1, valueOf: 1 }, [null], [[]], [{}], '', -1, 1e300),
    );
    const body = fc.oneof(
      { weight: 1, arbitrary: JSON_VALUE.map((value) => JSON.stringify(value)) },
      {
        weight: 6,
        arbitrary: fc.dictionary(fc.constantFrom(...FIELDS), awkward).map((value) => JSON.stringify(value)),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), body, fc.boolean(), async (route, text, multipart) => {
        const path = pathOf(route.template);
        const response = await call(route.method, `${path}?calendar_id=primary`, text, multipart);
        await response.arrayBuffer();
        expect([path, response.status < 500]).toEqual([path, true]);
      }),
      { numRuns: 1000 },
    );
    const queries = [
      'limit=200',
      'fields=raw_mime',
      'fields=include_headers',
      'view=expanded',
      'q=a',
      ...FILTERS.flatMap((name) => [`${name}=1`, `${name}=a:b`]),
    ];
    for (const { template } of reads) {
      const path = `${pathOf(template)}?calendar_id=primary&message_id=${ids.get('message_id')}`;
      const statuses = await Promise.all(
        queries.map(async (query) => {
          const response = await call('GET', `${path}&${query}`);
          await response.arrayBuffer();
          return [query, response.status] as const;
        }),
      );
      expect([path, statuses.filter(([, status]) => status >= 500)]).toEqual([path, []]);
    }
    await isAlive();
  }, 180_000);

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
