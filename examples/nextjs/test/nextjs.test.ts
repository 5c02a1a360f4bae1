import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Example, startExample, sumOf } from '@nylas-otel/example-service';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const run = promisify(execFile);
const SECRET = 'a secret of this test';
const NEXT = 'node_modules/next/dist/bin/next';
const place = mkdtempSync(join(tmpdir(), 'nextjs-'));
const application = join(place, 'application');
let simulator: Simulator;
let service: Example;

beforeAll(async () => {
  // As a user has it, with our packages in node_modules: Next.js bundles what is linked from elsewhere.
  const deploy = ['--filter', '@nylas-otel/example-nextjs', 'deploy', '--legacy', application];
  await run('npx', ['-y', 'pnpm@12.21.0', ...deploy], { cwd: dirname(import.meta.dirname) });
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' as const };
  await run(process.execPath, [NEXT, 'build'], { cwd: application, env });
  simulator = await startSimulator({ limits: false });
  service = await startExample(application, [NEXT, 'start'], {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    NYLAS_API_KEY: simulator.apiKey,
    NYLAS_API_URI: simulator.url,
    NYLAS_HOSTS: new URL(simulator.url).host,
    NYLAS_WEBHOOK_SECRET: SECRET,
    DATA: join(place, 'data'),
    OTEL_TRACES_EXPORTER: 'console',
    OTEL_LOGS_EXPORTER: 'none',
  });
}, 600_000);
afterAll(async () => {
  await service?.stop();
  await simulator?.close();
  rmSync(place, { recursive: true, force: true });
});

it('traces and counts the request of a route handler once, by its Nylas route', {
  timeout: 120_000,
}, async () => {
  const answer = await fetch(`${service.url}/mailboxes/${simulator.grants.list()[0]?.id}/messages`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toHaveLength(10);
  const page = await (await fetch(`${service.url}/metrics`)).text();
  const labels = ['url_template="/v3/grants/{grant_id}/messages"', 'status_code="200"'];
  expect(sumOf(page, 'nylas_client_requests_total', ...labels)).toBe(1);
  await service.line(/name: 'nylas messages\.list'/);
  await service.line(/name: 'GET \/v3\/grants\/\{grant_id\}\/messages'/);
  expect(service.lines.filter((line) => /name: '(fetch GET|GET .v3)/.test(line))).toHaveLength(1);
});

it('takes the webhooks of the simulated Nylas, handles them, and refuses strangers', {
  timeout: 120_000,
}, async () => {
  const url = `${service.url}/api/nylas/webhooks`;
  await simulator.webhooks.subscribe({ url, secret: SECRET });
  simulator.webhooks.send('message.created', { object: { id: 'the-message' } });
  await service.line(/^new message the-message$/);
  await expect
    .poll(() => simulator.webhooks.deliveries({ outcome: 'acknowledged' }), { timeout: 20_000 })
    .toHaveLength(1);
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
});
