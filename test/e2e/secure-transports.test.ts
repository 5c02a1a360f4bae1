import { get, Agent as HttpsAgent } from 'node:https';
import { instrumentFetch, NylasInstrumentation } from '@nylas-otel/instrumentation';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { context, metrics, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { Agent, fetch, request } from 'undici8';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

const exporter = new InMemorySpanExporter();
let simulator: Simulator;
let instrumentation: NylasInstrumentation;
let path: string;
let authorization: string;

beforeAll(async () => {
  trace.setGlobalTracerProvider(
    new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] }),
  );
  simulator = await startSimulator({ grants: 1, tls: true, http2: true });
  const hosts = [simulator.tlsUrl, simulator.http2Url].map((url) => ({ host: new URL(url!).host }));
  instrumentation = new NylasInstrumentation({ hosts });
  const [grant] = simulator.grants.list();
  path = `/v3/grants/${grant!.id}/messages?limit=2`;
  authorization = `Bearer ${simulator.apiKey}`;
});
afterAll(async () => {
  instrumentation.disable();
  await simulator.close();
  for (const api of [trace, metrics, context]) api.disable();
});
beforeEach(() => exporter.reset());

const attributes = () => exporter.getFinishedSpans().map((span) => span.attributes);
const SEEN = {
  'http.response.status_code': 200,
  'url.scheme': 'https',
  'url.template': '/v3/grants/{grant_id}/messages',
  'nylas.request.id': expect.any(String),
};

it('records HTTP/2, where response headers are an object, and keeps our header off it', async () => {
  const dispatcher = new Agent({ allowH2: true, connect: { ca: simulator.ca! } });
  const traced = instrumentFetch(fetch as never);
  simulator.requests.clear();
  const url = simulator.http2Url + path;
  const response = await traced(url, { headers: { authorization }, dispatcher } as never);
  expect(response.status).toBe(200);
  await response.text();
  await (await request(url, { headers: { authorization }, dispatcher })).body.text();
  expect(attributes()).toMatchObject([SEEN, { 'nylas.operation': 'list', 'nylas.request.count': 1 }, SEEN]);
  const arrived = simulator.requests.list();
  expect(arrived).toHaveLength(2);
  expect(
    arrived.flatMap(({ headers }) => Object.keys(headers)).filter((name) => name.includes('otel')),
  ).toEqual([]);
  await dispatcher.close();
});

it('records TLS through undici and node:https', async () => {
  const dispatcher = new Agent({ connect: { ca: simulator.ca! } });
  const url = simulator.tlsUrl + path;
  await (await request(url, { headers: { authorization }, dispatcher })).body.text();
  const agent = new HttpsAgent({ ca: simulator.ca! });
  await new Promise((resolve, reject) => {
    get(url, { headers: { authorization }, agent }, (response) => response.resume().on('end', resolve)).on(
      'error',
      reject,
    );
  });
  expect(attributes()).toMatchObject([SEEN, SEEN]);
  agent.destroy();
  await dispatcher.close();
});

it('records a certificate that is not trusted as a network error', async () => {
  await expect(request(simulator.tlsUrl + path, { dispatcher: new Agent() })).rejects.toThrow();
  expect(attributes()).toMatchObject([{ 'error.type': expect.stringMatching(/CERT|SELF_SIGNED|UNABLE/) }]);
});
