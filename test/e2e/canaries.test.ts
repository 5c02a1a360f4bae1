import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CANARY, type Given } from './canaries/given.ts';

const API_KEY = `nyk_v0_${CANARY}`;
const WEBHOOK_SECRET = `whsec-${CANARY}`;
const TOKENS = [`tok1${CANARY}`, `tok2${CANARY}`];

let simulator: Simulator;
/** What the service printed, and what it sent to the collector, by signal. */
const outputs = new Map<string, string>();
let closeCollector: () => void;

beforeAll(async () => {
  simulator = await startSimulator({
    apiKey: API_KEY,
    grants: ['anna', 'berta', 'carla'].map((name) => ({
      email: `${name}.${CANARY}@example.com`,
      name: CANARY,
    })),
    accounts: TOKENS.map((accessToken, n) => ({
      accessToken,
      email: `v2-${n}.${CANARY}@example.com`,
      name: CANARY,
    })),
    limits: false,
  });
  const collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const signal = request.url ?? '';
      outputs.set(signal, (outputs.get(signal) ?? '') + Buffer.concat(chunks).toString());
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  closeCollector = () => collector.closeAllConnections() ?? collector.close();
  const given: Given = {
    url: simulator.url,
    apiKey: API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    grants: simulator.grants.list().map(({ id, email }) => ({ id, email })),
    accounts: TOKENS.map((token) => ({ token })),
  };
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=nylas-otel-source', join(import.meta.dirname, 'canaries/fixtures/service.ts')],
    {
      timeout: 240_000,
      maxBuffer: 64 * 1024 * 1024,
      env: {
        PATH: process.env.PATH,
        GIVEN: JSON.stringify(given),
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_LOGS_EXPORTER: 'otlp',
      },
    },
  );
  outputs.set('stdout', stdout).set('stderr', stderr);
}, 300_000);
afterAll(async () => {
  closeCollector();
  await simulator.close();
});

const all = () => [...outputs.values()].join('\n');

describe('a service whose keys, tokens, addresses, subjects and bodies are canaries', () => {
  it.each([
    ['metrics of OpenTelemetry', 'stdout', 'nylas_client_requests_total{'],
    ['metrics of prom-client', 'stdout', 'nylas_webhook_'],
    ['who is hurting', 'stdout', '"last15Minutes"'],
    ['a support bundle', 'stdout', '[address 1]'],
    ['log lines', 'stderr', 'Nylas request failed'],
    ['its end', 'stdout', 'all outputs are written'],
    ['spans', '/v1/traces', '/v3/grants/{grant_id}/messages'],
    ['log events', '/v1/logs', 'nylas.'],
  ])('puts out %s', (_name, where, mark) => {
    expect(outputs.get(where)).toContain(mark);
  });

  it.each([
    ['as it is', CANARY],
    ['in small letters', CANARY.toLowerCase()],
    ...[API_KEY, WEBHOOK_SECRET, ...TOKENS].flatMap((secret): [string, string][] => [
      [`${secret.slice(0, 4)}... in Base64`, Buffer.from(secret).toString('base64').replace(/=+$/, '')],
      [
        `${secret.slice(0, 4)}... as the credentials of Basic`,
        Buffer.from(`${secret}:`).toString('base64').slice(0, -4),
      ],
      [`${secret.slice(0, 4)}... in hex`, Buffer.from(secret).toString('hex')],
    ]),
  ])('never puts one out %s', (_how, form) => {
    const at = all().indexOf(form);
    expect(at < 0 ? '' : all().slice(Math.max(0, at - 200), at + 100)).toBe('');
  });
});
