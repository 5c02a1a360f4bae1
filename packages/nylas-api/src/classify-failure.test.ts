import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { fetch as fetch6, request as request6 } from 'undici6';
import { fetch as fetch7, request as request7 } from 'undici7';
import { Client, fetch as fetch8, request as request8 } from 'undici8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { classifyFailure, type FailureClass, NETWORK_ERROR_TYPES } from './index.ts';

const TIMEOUT: FailureClass = {
  outcome: 'timeout',
  errorType: 'timeout',
  retryable: true,
  retryReason: 'timeout',
};
const CANCELLED: FailureClass = {
  outcome: 'cancelled',
  errorType: undefined,
  retryable: false,
  retryReason: undefined,
};
const transient = (errorType: string): FailureClass => ({
  outcome: 'network_error',
  errorType,
  retryable: true,
  retryReason: 'network_error',
});
const lasting = (errorType: string): FailureClass => ({
  outcome: 'network_error',
  errorType,
  retryable: false,
  retryReason: undefined,
});

function coded(code: string, more: object = {}): Error {
  return Object.assign(new Error('private text'), { code }, more);
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('expected a rejection');
}

describe('failures of real transports', () => {
  /** Answers by path: never, with a reset, with no HTTP, or with a body that breaks off. */
  let server: Server;
  let base: string;
  let refused: string;

  beforeAll(async () => {
    const answer = (socket: Socket, head: string): void => {
      if (head.includes(' /reset ')) socket.resetAndDestroy();
      else if (head.includes(' /close ')) socket.end();
      else if (head.includes(' /garbage ')) socket.end('220 ESMTP ready\r\n');
      else if (head.includes(' /cut ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort');
    };
    server = createServer((socket) => {
      socket.on('error', () => {});
      // A TLS handshake starts with 22.
      socket.once('data', (head) =>
        head[0] === 22 ? socket.end('no TLS here\r\n') : answer(socket, `${head}`),
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    refused = `http://127.0.0.1:${(closed.address() as AddressInfo).port}/`;
    closed.close();
    await once(closed, 'close');
  });

  afterAll(() => {
    server.close();
  });

  const fetches: [
    string,
    (url: string, init?: { signal?: AbortSignal }) => Promise<{ text(): Promise<string> }>,
  ][] = [
    ["Node's fetch", fetch],
    ['undici 6 fetch', fetch6 as never],
    ['undici 7 fetch', fetch7 as never],
    ['undici 8 fetch', fetch8 as never],
  ];

  describe.each(fetches)('%s', (_name, send) => {
    it('tells what broke', async () => {
      expect(classifyFailure(await rejection(send(refused)))).toEqual(transient('ECONNREFUSED'));
      expect(classifyFailure(await rejection(send(`${base}/close`)))).toEqual(transient('UND_ERR_SOCKET'));
      expect(classifyFailure(await rejection(send(`${base}/reset`))).outcome).toBe('network_error');
      expect(classifyFailure(await rejection(send(`${base}/garbage`)))).toEqual(transient('HTTPParserError'));
      const cut = await send(`${base}/cut`);
      expect(classifyFailure(await rejection(cut.text()))).toEqual(transient('UND_ERR_SOCKET'));
      expect(classifyFailure(await rejection(send('http://nothing.invalid/')))).toMatchObject({
        outcome: 'network_error',
        errorType: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
      });
      expect(classifyFailure(await rejection(send(base.replace('http', 'https'))))).toEqual(
        lasting('ERR_SSL_WRONG_VERSION_NUMBER'),
      );
    });

    it('tells a time-out from a caller who gave up', async () => {
      expect(
        classifyFailure(await rejection(send(`${base}/never`, { signal: AbortSignal.timeout(20) }))),
      ).toEqual(TIMEOUT);
      const given = async (...reason: unknown[]): Promise<FailureClass> => {
        const controller = new AbortController();
        const sent = rejection(send(`${base}/never`, { signal: controller.signal }));
        controller.abort(...reason);
        return classifyFailure(await sent);
      };
      expect(await given()).toEqual(CANCELLED);
      expect(await given('the user left')).toEqual(CANCELLED);
      expect(await given(null)).toEqual(CANCELLED);
    });
  });

  it.each([
    ['undici 6', request6],
    ['undici 7', request7],
    ['undici 8', request8],
  ])('%s request', async (_name, request) => {
    expect(classifyFailure(await rejection(request(refused)))).toEqual(transient('ECONNREFUSED'));
    expect(classifyFailure(await rejection(request(`${base}/close`)))).toEqual(transient('UND_ERR_SOCKET'));
    expect(classifyFailure(await rejection(request(`${base}/never`, { headersTimeout: 20 })))).toEqual(
      TIMEOUT,
    );
    expect(
      classifyFailure(await rejection(request(`${base}/never`, { signal: AbortSignal.timeout(20) }))),
    ).toEqual(TIMEOUT);
    expect(
      classifyFailure(await rejection(request(`${base}/never`, { signal: AbortSignal.abort() }))),
    ).toEqual(CANCELLED);
  });

  it('undici used wrongly or after its end is not worth another try', async () => {
    const client = new Client(base);
    await client.destroy();
    expect(classifyFailure(await rejection(client.request({ path: '/', method: 'GET' })))).toEqual(
      lasting('UND_ERR_DESTROYED'),
    );
    expect(classifyFailure(await rejection(request8(`${base}/`, { method: 'BAD METHOD' as never })))).toEqual(
      lasting('UND_ERR_INVALID_ARG'),
    );
  });

  it('node:http and node:https', async () => {
    const get = (url: string, options: http.RequestOptions = {}): Promise<unknown> => {
      const request = (url.startsWith('https') ? https : http).get(url, options);
      return once(request, 'error').then(([error]) => error as unknown);
    };
    expect(classifyFailure(await get(refused))).toEqual(transient('ECONNREFUSED'));
    expect(classifyFailure(await get(`${base}/close`))).toEqual(transient('ECONNRESET'));
    expect(classifyFailure(await get(`${base}/garbage`))).toEqual(lasting('HPE_INVALID_CONSTANT'));
    expect(classifyFailure(await get(`${base}/never`, { signal: AbortSignal.timeout(20) }))).toEqual(TIMEOUT);
    expect(classifyFailure(await get(`${base}/never`, { signal: AbortSignal.abort() }))).toEqual(CANCELLED);
    expect(classifyFailure(await get('http://nothing.invalid/'))).toMatchObject({
      outcome: 'network_error',
      retryable: true,
    });
  });
});

describe('failures by their shape', () => {
  it.each([
    ['a TimeoutError', new DOMException('private', 'TimeoutError'), TIMEOUT],
    ['an AbortError', new DOMException('private', 'AbortError'), CANCELLED],
    ['a NetworkError', new DOMException('private', 'NetworkError'), transient('NetworkError')],
    ['another DOMException', new DOMException('private', 'DataCloneError'), lasting('_OTHER')],
    [
      'an abort with a time-out as its cause',
      new Error('x', { cause: new DOMException('x', 'TimeoutError') }),
      TIMEOUT,
    ],
    [
      'an AbortError around a time-out',
      Object.assign(new Error('x', { cause: new DOMException('x', 'TimeoutError') }), { name: 'AbortError' }),
      TIMEOUT,
    ],
    [
      'an AbortError around a broken socket',
      Object.assign(new Error('x', { cause: coded('UND_ERR_SOCKET') }), { name: 'AbortError' }),
      CANCELLED,
    ],
    ['fetch failed', new TypeError('fetch failed', { cause: coded('UND_ERR_CONNECT_TIMEOUT') }), TIMEOUT],
    [
      'fetch failed of an abort',
      new TypeError('terminated', { cause: new DOMException('x', 'AbortError') }),
      CANCELLED,
    ],
    ['a browser’s failed fetch', new TypeError('Failed to fetch'), transient('TypeError')],
    ['a bug', new TypeError('x is not a function'), lasting('TypeError')],
    ['undici’s note that nobody read the body', 'Response object has been garbage collected', CANCELLED],
    ['a code as a string', 'ETIMEDOUT', TIMEOUT],
    [
      'node-fetch 2, time-out',
      Object.assign(new Error('x'), { name: 'FetchError', type: 'request-timeout' }),
      TIMEOUT,
    ],
    [
      'node-fetch 2, body',
      Object.assign(new Error('x'), { name: 'FetchError', type: 'body-timeout' }),
      TIMEOUT,
    ],
    [
      'node-fetch, system',
      coded('ECONNRESET', { name: 'FetchError', type: 'system', errno: 'ECONNRESET' }),
      transient('ECONNRESET'),
    ],
    [
      'node-fetch, redirects',
      Object.assign(new Error('x'), { name: 'FetchError', type: 'max-redirect' }),
      lasting('max-redirect'),
    ],
    [
      'node-fetch, unknown',
      Object.assign(new Error('x'), { name: 'FetchError', type: 'new' }),
      lasting('FetchError'),
    ],
    [
      'axios, time-out',
      coded('ECONNABORTED', { name: 'AxiosError', message: 'timeout of 5ms exceeded' }),
      TIMEOUT,
    ],
    ['a connection aborted by the system', coded('ECONNABORTED'), transient('ECONNABORTED')],
    ['axios, cancelled', coded('ERR_CANCELED', { name: 'CanceledError' }), CANCELLED],
    ['axios, network', coded('ERR_NETWORK', { cause: coded('ENOTFOUND') }), transient('ENOTFOUND')],
    ['axios, network of a browser', coded('ERR_NETWORK'), transient('ERR_NETWORK')],
    ['got, time-out', coded('ETIMEDOUT', { name: 'TimeoutError' }), TIMEOUT],
    ['an expired certificate', coded('CERT_HAS_EXPIRED'), lasting('CERT_HAS_EXPIRED')],
    [
      'all addresses refused',
      Object.assign(new AggregateError([coded('ECONNREFUSED')]), { code: 'ECONNREFUSED' }),
      transient('ECONNREFUSED'),
    ],
    [
      'an aggregate without a code',
      new AggregateError([new Error('x'), coded('EHOSTUNREACH')]),
      transient('EHOSTUNREACH'),
    ],
    ['an unknown code', coded('E_BEN_EXAMPLE_COM'), lasting('_OTHER')],
    [
      'an answer that is no HTTP',
      new TypeError('fetch failed', { cause: coded('HPE_INVALID_VERSION') }),
      lasting('HPE_INVALID_VERSION'),
    ],
    ['a closing undici', coded('UND_ERR_CLOSED', { name: 'ClientClosedError' }), lasting('UND_ERR_CLOSED')],
    ['a plain error', new Error('ben@example.com'), lasting('_OTHER')],
    ['nothing', undefined, lasting('_OTHER')],
    ['an empty object', {}, lasting('_OTHER')],
  ])('%s', (_name, error, expected) => {
    expect(classifyFailure(error)).toEqual(expected);
  });

  it("the SDK's time-out, which calls itself Error, also when a bundler renamed its class", () => {
    class NylasSdkTimeoutError extends Error {}
    expect(classifyFailure(new NylasSdkTimeoutError('x'))).toEqual(TIMEOUT);
    class a extends Error {
      url = 'https://api.us.nylas.com/v3/grants/ben@example.com';
      timeout = 90;
    }
    expect(classifyFailure(new a('x'))).toEqual(TIMEOUT);
  });

  it('does not read the code of a DOMException', () => {
    const error = new DOMException('x', 'SyntaxError');
    Object.defineProperty(error, 'code', {
      get() {
        throw new Error('read');
      },
    });
    expect(classifyFailure(error)).toEqual(lasting('_OTHER'));
  });
});

describe('hostile failures', () => {
  it('survives cycles, long chains, revoked proxies and throwing getters', () => {
    const cyclic: Error & { errors?: unknown } = new Error('x');
    cyclic.cause = cyclic;
    cyclic.errors = [cyclic, cyclic];
    expect(classifyFailure(cyclic)).toEqual(lasting('_OTHER'));
    let chain: unknown = coded('ECONNRESET');
    for (let depth = 0; depth < 10_000; depth++) chain = new Error('x', { cause: chain });
    expect(classifyFailure(chain)).toEqual(lasting('_OTHER'));
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(classifyFailure(proxy)).toEqual(lasting('_OTHER'));
    const throwing = new Proxy(new Error('x'), {
      get() {
        throw new Error('no');
      },
      has() {
        throw new Error('no');
      },
      getPrototypeOf() {
        throw new Error('no');
      },
    });
    expect(classifyFailure(throwing)).toEqual(lasting('_OTHER'));
  });

  it('never throws and shows catalogued types only', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...NETWORK_ERROR_TYPES, 'AbortError', 'ETIMEDOUT'),
    );
    const { error } = fc.letrec((tie) => ({
      error: fc.oneof(
        { maxDepth: 4 },
        fc.anything({ withNullPrototype: true, withBigInt: true }),
        fc.record(
          {
            name: text,
            code: fc.oneof(text, fc.integer()),
            type: text,
            message: text,
            cause: tie('error'),
            errors: fc.array(tie('error')),
          },
          { requiredKeys: [] },
        ),
      ),
    }));
    fc.assert(
      fc.property(error, (value) => {
        const failure = classifyFailure(value);
        expect(failure.errorType === undefined).toBe(failure.outcome === 'cancelled');
        expect([undefined, '_OTHER', ...NETWORK_ERROR_TYPES]).toContain(failure.errorType);
        expect(failure.retryReason === undefined).toBe(!failure.retryable);
      }),
      { numRuns: 5_000 },
    );
  });
});
