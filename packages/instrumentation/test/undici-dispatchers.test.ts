import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import * as undici6 from 'undici6';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { describe, expect, it } from 'vitest';
import { startInstrumentedServer } from './instrumented-server.ts';

interface Body {
  text(): Promise<string>;
  dump(options?: object): Promise<unknown>;
  destroy(error?: Error): unknown;
  on(event: 'error', listener: () => void): unknown;
}
/** What the tests use of npm's undici, in its three majors. */
interface Undici {
  Agent: new (options?: object) => { compose(interceptor: unknown): object; destroy(): Promise<void> };
  RetryAgent: new (agent: object, options: object) => object;
  interceptors: {
    retry(options: object): unknown;
    redirect(options: object): unknown;
    cache?(options?: object): unknown;
  };
  request(url: string, options?: object): Promise<{ statusCode: number; body: Body }>;
}
const UNDICI: Array<[string, Undici]> = [
  ['undici 6', undici6 as unknown as Undici],
  ['undici 7', undici7 as unknown as Undici],
  ['undici 8', undici8 as unknown as Undici],
];
const REQUESTS = 'nylas.client.requests';
const RETRY = { minTimeout: 5, maxTimeout: 20, maxRetries: 2 };
const ABSENT = 'absent.test';

const { recording, server } = await startInstrumentedServer({ hosts: [{ host: ABSENT }], mode: 'own' });

/** Statuses and error types of the HTTP spans that `work` made, and how many requests were counted. */
async function observed(work: () => Promise<unknown>) {
  const before = await recording.sum(REQUESTS);
  recording.reset();
  await recording.inSpan('job', work);
  const spans = recording.spans().filter(({ kind }) => kind === SpanKind.CLIENT);
  return {
    statuses: spans.map((span) => span.attributes['http.response.status_code']),
    errors: spans.map((span) => span.attributes['error.type']),
    resends: spans.map((span) => span.attributes['http.request.resend_count']),
    codes: spans.map((span) => span.status.code),
    counted: (await recording.sum(REQUESTS)) - before,
    active: await recording.sum('nylas.client.requests.active'),
  };
}

describe.each(UNDICI)('%s', (name, undici) => {
  const grant = name.replace(' ', '');

  it.each([
    ['is left unread', async () => {}],
    ['is dumped', (body: Body) => body.dump({ limit: 1_000 }).catch(() => {})],
    [
      'is destroyed',
      async (body: Body) => {
        body.on('error', () => {});
        body.destroy();
      },
    ],
  ])('records a request once whose big body %s', async (_what, end) => {
    const { statuses, codes, counted, active } = await observed(async () => {
      const dispatcher = new undici.Agent();
      const { body } = await undici.request(server.url('big'), { dispatcher });
      await end(body);
      body.on('error', () => {});
      // What is still open fails now, after its headers.
      await dispatcher.destroy();
    });
    expect({ statuses, codes, counted, active }).toEqual({
      statuses: [200],
      codes: [SpanStatusCode.UNSET],
      counted: 1,
      active: 0,
    });
  });

  it('records a host that does not exist', async () => {
    const lookup = (_host: string, _options: object, done: (error: Error) => void) =>
      done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${ABSENT}`), { code: 'ENOTFOUND' }));
    const { errors, counted } = await observed(() =>
      undici
        .request(`http://${ABSENT}/v3/grants`, { dispatcher: new undici.Agent({ connect: { lookup } }) })
        .catch(() => {}),
    );
    expect({ errors, counted }).toEqual({ errors: ['ENOTFOUND'], counted: 1 });
  });

  it('records each attempt of a RetryAgent whose socket is reset', async () => {
    const dispatcher = new undici.RetryAgent(new undici.Agent(), RETRY);
    const { statuses, errors, resends, counted } = await observed(async () =>
      (await undici.request(server.url('close-twice', grant), { dispatcher })).body.text(),
    );
    expect({ statuses, errors, resends, counted }).toEqual({
      statuses: [undefined, undefined, 200],
      errors: ['UND_ERR_SOCKET', 'UND_ERR_SOCKET', undefined],
      resends: [undefined, 1, 2],
      counted: 3,
    });
  });

  it.each([
    ['RetryAgent', () => new undici.RetryAgent(new undici.Agent(), RETRY)],
    ['interceptors.retry', () => new undici.Agent().compose(undici.interceptors.retry(RETRY))],
  ])('records each attempt of a %s that gives up once, by its status', async (_kind, dispatcherOf) => {
    const dispatcher = dispatcherOf();
    const { statuses, errors, resends, counted, active } = await observed(() =>
      undici.request(server.url('unavailable'), { dispatcher }).then(
        ({ body }) => body.text(),
        () => {},
      ),
    );
    expect({ statuses, errors, resends, counted, active }).toEqual({
      statuses: [503, 503, 503],
      errors: ['503', '503', '503'],
      resends: [undefined, 1, 2],
      counted: 3,
      active: 0,
    });
  });

  it('records each hop that interceptors.redirect follows', async () => {
    const dispatcher = new undici.Agent().compose(undici.interceptors.redirect({ maxRedirections: 2 }));
    const { statuses, counted } = await observed(async () =>
      (await undici.request(server.url('redirect'), { dispatcher })).body.text(),
    );
    expect({ statuses, counted }).toEqual({ statuses: [302, 200], counted: 2 });
  });
});

describe.each(UNDICI.slice(1))('%s', (_name, undici) => {
  it('sees nothing of an answer from its cache: there was no request', async () => {
    const dispatcher = new undici.Agent().compose(undici.interceptors.cache?.());
    const get = async () => (await undici.request(server.url('cacheable'), { dispatcher })).body.text();
    const first = await observed(get);
    const second = await observed(get);
    expect([first.counted, second.counted]).toEqual([1, 0]);
    expect([first.statuses, second.statuses]).toEqual([[200], []]);
  });
});
