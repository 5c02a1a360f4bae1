import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import * as undici8 from 'undici8';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instrumentFetch, NylasInstrumentation, withNylasAccount } from '../src/index.ts';
import { type Recording, startRecording } from './recording.ts';

// Every hostile value carries this, so that whatever leaks is found by looking for it.
const MARK = 'zqxMARKqxz';
const RUNS = 10_000;

interface Hostile {
  readonly path: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly account: string;
  readonly answer: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
}

let recording: Recording;
let server: Server;
let origin: string;
let instrumentation: NylasInstrumentation;
let answer: Hostile['answer'] = { status: 200, headers: {}, body: '' };
const logged: unknown[] = [];

beforeAll(async () => {
  recording = startRecording();
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.writeHead(answer.status, answer.headers).end(answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = (...line: unknown[]) => logged.push(line);
  instrumentation = new NylasInstrumentation({
    hosts: [{ host: origin.slice(7) }],
    logger: { info: log, warn: log, error: log },
    mode: 'own',
  });
});
afterAll(async () => {
  instrumentation.disable();
  server.closeAllConnections();
  server.close();
  await recording.shutdown();
});

const word = fc.stringMatching(/^[A-Za-z0-9 @.:/=+%&'"<>{}\\_-]{0,24}$/);
const marked = word.map((text) => `${text.slice(0, 12)}${MARK}${text.slice(12)}`);
const identifier = fc.oneof(
  marked,
  marked.map((text) => `${text.replaceAll(/[^A-Za-z]/g, '')}@example.com`),
  marked.map((text) => `email:${text}`),
  marked.map((text) => `external:${text}`),
  marked.map((text) => `grant:${text}@x.io`),
);
const segment = fc.oneof(
  identifier,
  fc.constantFrom('messages', 'send', 'me', '..', '', 'threads', 'attachments', 'download'),
);
const queryKey = fc.oneof(
  fc.constantFrom(
    'limit',
    'offset',
    'select',
    'fields',
    'view',
    'any_email',
    'search_query_native',
    'token',
    'code',
  ),
  marked,
);
const query = fc.array(fc.tuple(queryKey, marked), { maxLength: 4 });
const pathOf = fc
  .tuple(
    fc.constantFrom(
      '/v3/grants',
      '/v3/connect',
      '/v3/providers/detect',
      '/messages',
      '/a',
      '/oauth/token',
      '/nonsense',
    ),
    fc.array(segment, { maxLength: 5 }),
    query,
  )
  .map(([start, segments, parameters]) => {
    const path = [start, ...segments.map(encodeURIComponent)].join('/');
    const search = parameters
      .map(([key, value]) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
      .join('&');
    return search === '' ? path : `${path}?${search}`;
  });
const headerValue = marked.map((text) => text.replaceAll(/[^\x21-\x7e ]/g, ''));
const errorBody = fc.oneof(
  marked,
  fc
    .record({ type: marked, message: marked, provider_error: fc.oneof(marked, fc.record({ error: marked })) })
    .map((error) => JSON.stringify({ request_id: `${MARK} @`, error })),
  fc
    .record({ error: marked, error_description: marked, error_code: marked })
    .map((body) => JSON.stringify(body)),
  marked.map((text) => `<html>${text}</html>`),
  fc
    .record({
      type: fc.constantFrom('invalid_request_error', 'api_error'),
      message: marked,
      failures: marked,
    })
    .map((body) => JSON.stringify(body)),
);
const hostile: fc.Arbitrary<Hostile> = fc.record({
  path: pathOf,
  method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', `X${MARK}`),
  headers: fc.dictionary(fc.constantFrom('x-custom', 'authorization', 'cookie', 'user-agent'), headerValue, {
    maxKeys: 3,
  }),
  body: marked,
  account: identifier,
  answer: fc.record({
    status: fc.constantFrom(200, 201, 400, 401, 402, 403, 404, 409, 422, 423, 429, 500, 502, 503, 504, 520),
    headers: fc.dictionary(
      fc.constantFrom(
        'x-request-id',
        'x-fastly-id',
        'retry-after',
        'nylas-provider-request-count',
        'nylas-gmail-quota-usage',
        'content-type',
        'server',
      ),
      fc.oneof(
        // Ids may be shown, so a hostile one is one that is not shaped like an id.
        headerValue.map((value) => `${value} @`),
        fc.constantFrom('application/json', '17'),
      ),
      { maxKeys: 4 },
    ),
    body: errorBody,
  }),
});

/** Everything that telemetry holds, as text. */
async function everything(): Promise<string> {
  const spans = recording
    .spans()
    .map((span) => [span.name, span.attributes, span.events, span.status, span.links]);
  const points = (await recording.collect()).scopeMetrics.flatMap(({ metrics }) =>
    metrics.flatMap(({ descriptor, dataPoints }) =>
      dataPoints.map(({ attributes }) => [descriptor.name, attributes]),
    ),
  );
  return JSON.stringify([spans, points, logged]);
}

/** What leaked, with the text around it. */
function leaks(text: string): string[] {
  return [...text.matchAll(new RegExp(`.{0,60}${MARK}.{0,20}`, 'g'))].slice(0, 3).map(([around]) => around);
}

describe('nothing that came from outside is in telemetry', () => {
  it(`over ${RUNS} hostile requests: URLs, ids, headers, bodies, errors`, async () => {
    const traced = instrumentFetch();
    const raw = undici8.request;
    const seen = { failures: 0, requests: 0 };
    let batch = 0;
    await fc.assert(
      fc.asyncProperty(hostile, fc.boolean(), async (input, asOperation) => {
        answer = input.answer;
        const url = origin + input.path;
        const init = {
          method: input.method,
          headers: input.headers,
          ...(input.method === 'GET' ? {} : { body: input.body }),
        };
        seen.requests++;
        try {
          await withNylasAccount(input.account, async () =>
            asOperation ? (await traced(url, init)).text() : (await raw(url, init as never)).body.text(),
          );
        } catch {
          seen.failures++;
        }
        if (++batch % 100 === 0) {
          expect(leaks(await everything())).toEqual([]);
          recording.reset();
          logged.length = 0;
        }
      }),
      { numRuns: RUNS },
    );
    expect(leaks(await everything())).toEqual([]);
    // The inputs must have been sent, or the property says nothing.
    expect(seen.failures).toBeLessThan(seen.requests / 2);
  }, 180_000);
});
