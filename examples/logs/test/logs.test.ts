import { dirname } from 'node:path';
import { startExample } from '@nylas-otel/example-service';
import { startSimulator } from '@nylas-otel/simulator';
import { expect, it } from 'vitest';

it.each([
  ['pino', 'msg'],
  ['winston', 'message'],
])(
  'in the log of %s a failure has one line for Nylas support, and success has none',
  { timeout: 180_000 },
  async (logger, text) => {
    await using simulator = await startSimulator({ limits: false });
    const env = {
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_API_URI: simulator.url,
      NYLAS_GRANT_ID: simulator.grants.list()[0]?.id as string,
      NYLAS_HOSTS: new URL(simulator.url).host,
    };
    const run = async () => {
      const job = await startExample(dirname(import.meta.dirname), [`src/${logger}.ts`], env);
      expect(await job.stop()).toBe(0);
      return job.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    };
    expect((await run()).map((line) => line[text])).toEqual(['mailbox read']);

    simulator.faults.add({ fault: 'rate_limit_provider', times: 1 });
    const [failure, own] = await run();
    expect(failure).toMatchObject({
      'event.name': 'nylas.client.error',
      'http.response.status_code': 429,
      'error.type': 'rate_limit_error',
      'url.template': '/v3/grants/{grant_id}/messages',
      'nylas.request.id': expect.any(String),
    });
    expect(failure?.[text]).toContain(failure?.['nylas.request.id']);
    expect(own?.[text]).toBe('mailbox could not be read');
  },
);
