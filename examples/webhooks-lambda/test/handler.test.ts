import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { startSimulator } from '@nylas-otel/simulator';
import type { LambdaResult } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gateway } from '../src/gateway.ts';

const EXAMPLE = dirname(import.meta.dirname);
const SECRET = 'example-secret';

it('answers events of API Gateway (payload 2.0) by local invoke', { timeout: 300_000 }, () => {
  const events = ['challenge', 'notification', 'compressed'].map((name) => `events/${name}.json`);
  const output = execFileSync(process.execPath, ['src/invoke.ts', ...events], {
    cwd: EXAMPLE,
    env: { PATH: process.env.PATH, NYLAS_WEBHOOK_SECRET: SECRET },
    encoding: 'utf8',
  });
  const answers = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LambdaResult);
  expect(answers.map(({ statusCode, body }) => [statusCode, body])).toEqual([
    [200, 'bc609b38-c81f-47fb-a275-1d9bd61be968'],
    [200, ''],
    [200, ''],
  ]);
});

describe('the handler behind a gateway, against the simulated Nylas', () => {
  let parts: typeof import('../src/handler.ts');
  beforeAll(async () => {
    vi.stubEnv('NYLAS_WEBHOOK_SECRET', SECRET);
    parts = await import('../src/handler.ts');
  }, 300_000);
  afterAll(() => parts.close());

  it.each([false, true])('acknowledges what it has stored (compressed: %s)', async (compressed) => {
    const server = gateway(parts.handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await using simulator = await startSimulator({ limits: false, seed: compressed ? 2 : 1 });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhooks/nylas`;
    await simulator.webhooks.subscribe({ url, secret: SECRET, compressed });
    simulator.webhooks.send('grant.expired', { count: 3 });
    await expect
      .poll(() => simulator.webhooks.deliveries({ outcome: 'acknowledged' }), { timeout: 20_000 })
      .toHaveLength(3);
    server.closeAllConnections();
    server.close();
  });
});
