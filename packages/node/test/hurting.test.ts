import { createHash } from 'node:crypto';
import { startNylasInstrumentation } from '@nylas-otel/instrumentation';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import fastify from 'fastify';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import {
  type HurtingReport,
  NylasTelemetryConfigError,
  nylasTelemetry,
  nylasTelemetryFastify,
  nylasTelemetryHono,
  startNylasTelemetry,
} from '../src/index.ts';
import { send, serve } from './loopback.ts';

const ADDRESS = 'ada@example.com';
const AUTH = { bearer: 'for-people-on-call' };
const ALLOWED = { authorization: `Bearer ${AUTH.bearer}` };

let simulator: Simulator;
let instrumentation: { stop(): void };

beforeEach(async () => {
  simulator = await startSimulator({ grants: [{ email: ADDRESS }, { email: 'bo@example.com' }] });
  instrumentation = startNylasInstrumentation({ hosts: [{ host: new URL(simulator.url).host }] });
});
afterEach(async () => {
  instrumentation.stop();
  await simulator.close();
});

/** A request of the service to Nylas, its answer read. */
async function ask(grant: string): Promise<Response> {
  const response = await fetch(`${simulator.url}/v3/grants/${grant}/messages?limit=5`, {
    headers: { authorization: `Bearer ${simulator.apiKey}` },
  });
  await response.text();
  return response;
}

const reportOf = async (url: string): Promise<HurtingReport> => {
  const answer = await send(url, { headers: ALLOWED });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['cache-control']).toBe('no-store');
  return JSON.parse(answer.body.toString()) as HurtingReport;
};

describe('who is hurting now, on a path of the middleware', () => {
  it('names the accounts that fail at Nylas, with the request ids for its support, and no address', async () => {
    const [ada, bo] = simulator.grants.list();
    const url = await serve((request, response) =>
      nylasTelemetry({ hurting: '/nylas/hurting', auth: AUTH })(request, response, () => response.end()),
    );
    simulator.faults.add({ fault: 'rate_limit_provider', grant: bo!.id, times: 3 });
    simulator.faults.add({ fault: 'unauthorized', grant: ada!.id, times: 1 });
    simulator.faults.add({ fault: 'unavailable', grant: ada!.id, times: 1 });
    const answers: Response[] = [];
    for (const grant of [bo!.id, bo!.id, bo!.id, ADDRESS, ADDRESS, ADDRESS]) answers.push(await ask(grant));
    expect(answers.map(({ status }) => status)).toEqual([429, 429, 429, 401, 503, 200]);

    const { last15Minutes, lastHour } = await reportOf(`${url}/nylas/hurting`);
    const hurting = last15Minutes.accounts.filter(({ lastFailures }) =>
      lastFailures.some(({ requestId }) =>
        answers.some((answer) => answer.headers.get('x-request-id') === requestId),
      ),
    );
    expect(hurting).toMatchObject([
      { account: bo!.id, version: 'v3', failures: 3, rateLimited: 3, missed: 0 },
      { failures: 2, unauthorized: 1, serverErrors: 1 },
    ]);
    expect(hurting[0]?.lastFailures.map(({ requestId }) => requestId)).toEqual(
      [2, 1, 0].map((i) => answers[i]?.headers.get('x-request-id')),
    );
    expect(hurting[1]?.account).toMatch(/^[0-9a-f]{32}$/);
    expect(hurting[1]?.lastFailures[0]).toMatchObject({
      kind: 'serverErrors',
      status: 503,
      template: '/v3/grants/{grant_id}/messages',
    });
    expect(JSON.stringify([last15Minutes, lastHour])).not.toContain('example.com');
  });

  it('answers nobody without the credentials, and reads only', async () => {
    const url = await serve((request, response) =>
      nylasTelemetry({ hurting: { path: '/hurting', auth: AUTH }, metrics: '/metrics' })(
        request,
        response,
        () => response.writeHead(404).end(),
      ),
    );
    expect((await send(`${url}/hurting`)).status).toBe(401);
    const wrong = `Bearer ${createHash('sha256').update('guess').digest('hex')}`;
    expect((await send(`${url}/hurting`, { headers: { authorization: wrong } })).status).toBe(401);
    expect((await send(`${url}/hurting`, { method: 'POST', headers: ALLOWED })).status).toBe(405);
    expect((await send(`${url}/hurting`, { headers: ALLOWED })).status).toBe(200);
    // Credentials of its own leave the metrics open.
    expect((await send(`${url}/metrics`)).status).toBe(200);
    expect((await send(`${url}/nylas/hurting`, { headers: ALLOWED })).status).toBe(404);
  });

  it('is there in Fastify and Hono too', async () => {
    const options = { hurting: '/hurting', auth: AUTH };
    const app = fastify();
    await app.register(nylasTelemetryFastify(options));
    const fromFastify = await app.inject({ url: '/hurting', headers: ALLOWED });
    expect(fromFastify.json()).toHaveProperty('lastHour.accounts');
    expect((await app.inject({ url: '/hurting' })).statusCode).toBe(401);

    const hono = new Hono();
    hono.use(nylasTelemetryHono(options) as never);
    const fromHono = await hono.request('/hurting', { headers: ALLOWED });
    expect(await fromHono.json()).toHaveProperty('lastHour.accounts');
    expect((await hono.request('/hurting')).status).toBe(401);
  });
});

describe('who is hurting now, on the port of the preset', () => {
  it('is served beside the metrics', async () => {
    instrumentation.stop();
    const telemetry = startNylasTelemetry({
      hosts: [{ host: new URL(simulator.url).host }],
      metrics: { port: 0, host: '127.0.0.1', auth: AUTH, hurting: '/nylas/hurting' },
      flushOnExit: false,
      esmHook: false,
      sdk: { spanProcessors: [], logRecordProcessors: [], resourceDetectors: [] },
    });
    onTestFinished(() => telemetry.shutdown());
    const [, bo] = simulator.grants.list();
    simulator.faults.add({ fault: 'rate_limit_nylas', grant: bo!.id, times: 1 });
    const requestId = (await ask(bo!.id)).headers.get('x-request-id');
    const url = new URL('/nylas/hurting', await telemetry.metricsUrl).href;
    const { accounts } = (await reportOf(url)).last15Minutes;
    expect(accounts.find(({ account }) => account === bo!.id)?.lastFailures[0]?.requestId).toBe(requestId);
  });
});

describe('a path that would tell anybody who is hurting', () => {
  it.each([
    ['the middleware', 'hurting', () => nylasTelemetry({ hurting: '/nylas/hurting' })],
    ['the middleware with auth off', 'hurting', () => nylasTelemetry({ hurting: '/h', auth: false })],
    [
      'the preset',
      'metrics.hurting',
      () => startNylasTelemetry({ metrics: { port: 0, hurting: '/h' }, esmHook: false, flushOnExit: false }),
    ],
  ])('is refused by %s with what to do', (_name, option, start) => {
    let refusal: unknown;
    try {
      start();
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(NylasTelemetryConfigError);
    expect((refusal as NylasTelemetryConfigError).option).toBe(option);
    expect((refusal as Error).message).toMatch(/wants credentials.*NYLAS_OTEL_METRICS_TOKEN/);
  });

  it('is refused where the metrics are already', () => {
    expect(() => nylasTelemetry({ hurting: '/metrics', auth: AUTH })).toThrow(/one of its own/);
    expect(() => nylasTelemetry({ hurting: 'hurting', auth: AUTH })).toThrow(/path that begins with "\/"/);
  });
});
