import { channel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { NylasInstrumentation } from '../src/index.ts';
import { type Recording, startRecording } from './recording.ts';

const ORIGIN = 'https://api.us.nylas.com';
const LIMIT = 2_000;

let recording: Recording;
let instrumentation: NylasInstrumentation;
beforeAll(() => {
  recording = startRecording();
  instrumentation = new NylasInstrumentation({ mode: 'off', callers: true });
});
afterAll(async () => {
  instrumentation.disable();
  await recording.shutdown();
});

const create = channel('undici:request:create');
const sending = channel('undici:client:sendHeaders');
const headers = channel('undici:request:headers');
const error = channel('undici:request:error');

/** Replays the channel events of one request, as undici publishes them. */
function replay(
  method: string,
  path: string,
  status: number,
  failure?: unknown,
  answer: string[] = [],
): void {
  const request = { origin: ORIGIN, method, path, headers: ['authorization', 'Bearer k'] };
  create.publish({ request });
  sending.publish({ request, socket: {} });
  if (failure !== undefined) error.publish({ request, error: failure });
  else
    headers.publish({
      request,
      response: { statusCode: status, headers: answer.map((text) => Buffer.from(text)) },
    });
}

it('stays under 2,000 attribute sets an instrument, whatever comes', async () => {
  const verbs = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'BREW'];
  for (let i = 0; i < 100_000; i++) replay('GET', `/v3/grants/${i}-grant@example.com/messages/${i}`, 200);
  for (let i = 0; i < 10_000; i++)
    replay(verbs[i % 8] as string, `/nonsense-${i}/${i}?x=${i}`, 200 + (i % 400));
  // Every template, method, status and failure there is, several times over.
  const { ROUTES } = await import('@nylas-otel/nylas-api');
  for (const { template } of ROUTES) {
    const path = template.replaceAll(/\{[^}]+\}/g, 'x1');
    for (const verb of verbs) {
      for (const status of [
        200, 201, 204, 301, 400, 401, 403, 404, 409, 418, 422, 429, 500, 502, 503, 504, 520,
      ]) {
        replay(verb, path, status, undefined, [
          'Nylas-Provider-Request-Count',
          '2',
          'Nylas-Gmail-Quota-Usage',
          '5',
        ]);
      }
      for (const code of ['ECONNREFUSED', 'UND_ERR_SOCKET', 'ENOTFOUND', `MADE_UP_${template}`]) {
        replay(verb, path, 0, Object.assign(new Error('x'), { code }));
      }
    }
  }
  const { scopeMetrics } = await recording.collect();
  const sizes = scopeMetrics.flatMap(({ metrics }) =>
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length] as const),
  );
  expect(sizes.length).toBeGreaterThan(5);
  expect(sizes.filter(([, size]) => size >= LIMIT)).toEqual([]);
  const overflow = scopeMetrics
    .flatMap(({ metrics }) =>
      metrics.flatMap(({ dataPoints }) => dataPoints as Array<{ attributes: object }>),
    )
    .filter(({ attributes }) => 'otel.metric.overflow' in attributes);
  expect(overflow).toEqual([]);
  // Nothing is lost by folding: the requests counted are the requests made.
  const replayed = 110_000 + ROUTES.length * 8 * 21;
  expect(await recording.sum('nylas.client.requests')).toBe(replayed);
  expect(await recording.count('nylas.client.request.duration')).toBe(replayed);
  expect(await recording.sum('nylas.client.requests.active')).toBe(0);
});
