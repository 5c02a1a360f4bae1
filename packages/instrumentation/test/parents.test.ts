import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import Nylas8 from 'nylas8';
import * as undici6 from 'undici6';
import * as undici7 from 'undici7';
import * as undici8 from 'undici8';
import { afterEach, describe, expect, it } from 'vitest';
import { instrumentFetch, instrumentNylas } from '../src/index.ts';
import { requestTelemetry } from '../src/request-telemetry.ts';
import { startInstrumentedServer } from './instrumented-server.ts';
import { parentOf } from './recording.ts';

// The package's types describe its CommonJS face.
const Nylas = Nylas8 as unknown as new (
  config: object,
) => { messages: { find(options: object): Promise<unknown> } };

/** What the tests use of npm's undici, in its three majors. */
interface Undici {
  Agent: new (options: object) => object;
  Pool: new (
    origin: string,
    options: object,
  ) => { request(options: object): Promise<{ body: { text(): Promise<string> } }> };
  RetryAgent: new (agent: object, options: object) => object;
  interceptors: { retry(options: object): unknown };
  setGlobalDispatcher(dispatcher: object): void;
  getGlobalDispatcher(): object;
  request(url: string, options: object): Promise<{ statusCode: number; body: { text(): Promise<string> } }>;
  stream(url: string, options: object, factory: () => NodeJS.WritableStream): Promise<unknown>;
}
const UNDICI: Array<[string, Undici]> = [
  ['undici 6', undici6 as unknown as Undici],
  ['undici 7', undici7 as unknown as Undici],
  ['undici 8', undici8 as unknown as Undici],
];
const JOBS = ['a', 'b', 'c', 'd', 'e', 'f'];
const RETRY = { minTimeout: 5, maxTimeout: 20, maxRetries: 3 };

const { recording, server } = await startInstrumentedServer();
for (const [, undici] of UNDICI) requestTelemetry().undiciLoaded(undici);

const spanOf = (id: string | undefined) => recording.spans().find((span) => span.spanContext().spanId === id);
const clientSpans = () => recording.spans().filter(({ kind }) => kind === SpanKind.CLIENT);

/** The name of the job an HTTP span belongs to, through its parents. */
function jobOf(span: ReadableSpan): string {
  let at: ReadableSpan | undefined = span;
  while (at !== undefined && !at.name.startsWith('job ')) at = spanOf(parentOf(at));
  return at?.name ?? 'none';
}

/** Runs one request a job, all at once, and tells for each HTTP span whose trace it is in. */
async function runJobs(request: (job: string) => Promise<unknown>): Promise<string[]> {
  await Promise.all(JOBS.map((job) => recording.inSpan(`job ${job}`, () => request(job))));
  return clientSpans()
    .map((span) => jobOf(span))
    .sort();
}
const EVERY_JOB_ONCE = JOBS.map((job) => `job ${job}`);

/** Opens the pool's sockets in the context of another request, as a running service has them. */
async function warm(dispatcher: object, { request }: Undici): Promise<void> {
  await recording.inSpan('job warm', async () =>
    (await request(server.url('ok'), { dispatcher })).body.text(),
  );
  recording.reset();
}

describe.each(UNDICI)('behind the global fetch, %s', (_name, undici) => {
  const before = undici.getGlobalDispatcher();
  afterEach(() => undici.setGlobalDispatcher(before));

  it('keeps queued SDK calls in their own traces', async () => {
    undici.setGlobalDispatcher(new undici.Agent({ connections: 2 }));
    const nylas = instrumentNylas(new Nylas({ apiKey: 'k', apiUri: server.origin }));
    const jobs = await runJobs((job) => nylas.messages.find({ identifier: job, messageId: 'slow' }));
    expect(jobs).toEqual(EVERY_JOB_ONCE);
    expect(
      server.requests.every(({ headers }) => !Object.keys(headers).some((name) => name.includes('otel'))),
    ).toBe(true);
  });

  it('keeps queued calls of an instrumented fetch in their own traces', async () => {
    undici.setGlobalDispatcher(new undici.Agent({ connections: 2 }));
    const traced = instrumentFetch();
    expect(await runJobs(async (job) => (await traced(server.url('slow', job))).text())).toEqual(
      EVERY_JOB_ONCE,
    );
  });

  it('keeps the attempts of a RetryAgent on a warm socket in one operation, counted as retries', async () => {
    const agent = new undici.RetryAgent(new undici.Agent({ connections: 1 }), RETRY);
    undici.setGlobalDispatcher(agent);
    await warm(agent, undici);
    const nylas = instrumentNylas(new Nylas({ apiKey: 'k', apiUri: server.origin }));
    const retries = await recording.sum('nylas.client.retries', { 'nylas.retry.detection': 'inferred' });
    await recording.inSpan('job a', () =>
      nylas.messages.find({ identifier: `retry-${_name}`, messageId: 'unavailable-twice' }),
    );
    expect(clientSpans().map((span) => span.attributes['http.response.status_code'])).toEqual([
      503, 503, 200,
    ]);
    expect(clientSpans().map((span) => span.attributes['http.request.resend_count'])).toEqual([
      undefined,
      1,
      2,
    ]);
    expect(clientSpans().map((span) => jobOf(span))).toEqual(['job a', 'job a', 'job a']);
    const operation = recording.spans().find(({ name }) => name === 'nylas messages.find');
    expect(operation?.attributes).toMatchObject({ 'nylas.request.count': 3, 'nylas.retry.count': 2 });
    expect(operation?.attributes).not.toHaveProperty('error.type');
    expect(await recording.sum('nylas.client.retries', { 'nylas.retry.detection': 'inferred' })).toBe(
      retries + 2,
    );
  });
});

describe.each(UNDICI)('by itself, %s', (name, undici) => {
  it('keeps queued requests of an Agent in their own traces', async () => {
    const dispatcher = new undici.Agent({ connections: 2 });
    await warm(dispatcher, undici);
    const jobs = await runJobs(async (job) =>
      (await undici.request(server.url('slow', job), { dispatcher })).body.text(),
    );
    expect(jobs).toEqual(EVERY_JOB_ONCE);
  });

  it('keeps queued requests of a Pool in their own traces', async () => {
    const pool = new undici.Pool(server.origin, { connections: 2 });
    const jobs = await runJobs(async (job) => {
      const { body } = await pool.request({ method: 'GET', path: `/v3/grants/${job}/messages/slow` });
      return body.text();
    });
    expect(jobs).toEqual(EVERY_JOB_ONCE);
  });

  it.each([
    ['RetryAgent', () => new undici.RetryAgent(new undici.Agent({ connections: 1 }), RETRY)],
    [
      'interceptors.retry',
      () =>
        (new undici.Agent({ connections: 1 }) as { compose(i: unknown): object }).compose(
          undici.interceptors.retry(RETRY),
        ),
    ],
  ])("keeps the attempts of %s on a warm socket in the caller's trace", async (kind, agentOf) => {
    const dispatcher = agentOf();
    await warm(dispatcher, undici);
    await recording.inSpan('job a', async () => {
      const url = server.url('unavailable-twice', `${kind}-${name}`.replaceAll(/[ .]/g, ''));
      return (await undici.request(url, { dispatcher })).body.text();
    });
    expect(clientSpans().map((span) => span.attributes['http.response.status_code'])).toEqual([
      503, 503, 200,
    ]);
    expect(clientSpans().map((span) => jobOf(span))).toEqual(['job a', 'job a', 'job a']);
    expect(clientSpans().map((span) => span.attributes['http.request.resend_count'])).toEqual([
      undefined,
      1,
      2,
    ]);
  });

  it('records a streamed response', async () => {
    const { Writable } = await import('node:stream');
    const sink = () => new Writable({ write: (_chunk, _encoding, done) => done() });
    await undici.stream(server.url('big'), { method: 'GET', dispatcher: new undici.Agent({}) }, sink);
    expect(clientSpans()).toHaveLength(1);
  });
});
