import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const EXAMPLE = dirname(import.meta.dirname);

let simulator: Simulator;
let service: ChildProcess;
let url: string;

beforeAll(async () => {
  simulator = await startSimulator({ grants: 2 });
  service = spawn(process.execPath, [join(EXAMPLE, 'src/server.ts')], {
    cwd: EXAMPLE,
    env: {
      ...process.env,
      PORT: '0',
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_API_URI: simulator.url,
      NYLAS_HOSTS: new URL(simulator.url).host,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(service.stdout!, 'data')) as [Buffer];
  url = /http:\S+/.exec(line.toString())?.[0] ?? '';
});
afterAll(async () => {
  if (service?.exitCode === null) {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  await simulator?.close();
});

const metrics = async () => (await fetch(`${url}/metrics`)).text();
const messages = (grant: string) => fetch(`${url}/mailboxes/${grant}/messages`);

describe('a service with prom-client and nothing else', () => {
  it('answers as before, and counts each Nylas request in its own /metrics', async () => {
    const [grant] = simulator.grants.list();
    const answer = await messages(grant!.id);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toHaveLength(10);
    const text = await metrics();
    expect(text).toMatch(
      /^nylas_client_requests_total\{.*url_template="\/v3\/grants\/\{grant_id\}\/messages".*http_response_status_code="200".*\} 1$/m,
    );
    expect(text).toMatch(/^nylas_client_request_duration_seconds_count\{.*nylas_outcome="success".*\} 1$/m);
    expect(text).toContain('process_cpu_user_seconds_total');
  });

  it("counts Nylas's own error types, read by the SDK", async () => {
    const [grant] = simulator.grants.list();
    simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    expect((await messages(grant!.id)).status).toBe(502);
    const text = await metrics();
    expect(text).toMatch(/^nylas_client_requests_total\{.*error_type="rate_limit_error".*\} 1$/m);
    expect(text).toMatch(/^nylas_client_rate_limits_total\{.*nylas_rate_limit_source="provider".*\} 1$/m);
  });

  it('ends when it is told to: nothing of ours keeps it alive', async () => {
    service.kill('SIGTERM');
    expect(await once(service, 'exit')).toEqual([0, null]);
  });
});
