// Debian: apt install postgresql
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { eventually, exporter, folder, type RunningExporter } from './command.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describe.skipIf(!hasPostgres())('an exporter with a configuration file', () => {
  const place = folder();
  const config = join(place.path, 'nylas-otel.yaml');
  let simulator: Simulator;
  let postgres: PostgresServer;
  let running: RunningExporter;
  let whole: string;

  beforeAll(async () => {
    simulator = await startSimulator({ grants: 2 });
    postgres = await startPostgres();
    whole = `nylas:
  api_key: "${simulator.apiKey}"
  api_url: ${simulator.url}
  status_url: ${simulator.url}
metrics:
  account_series: 10
  basic_auth: "prometheus:pä:ss"
log:
  level: debug
`;
    writeFileSync(config, whole, { mode: 0o600 });
    running = await exporter({ DATABASE_URL: postgres.url, NYLAS_OTEL_SOCKET: 'off' }, ['--config', config]);
    await running.logged('all accounts have been read');
  });
  afterAll(async () => {
    await running?.stop();
    await postgres?.stop();
    await simulator?.close();
    place[Symbol.dispose]();
  });

  const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
  const scrape = (authorization?: string, path = '/metrics'): Promise<Response> =>
    fetch(`${running.url}${path}`, authorization === undefined ? {} : { headers: { authorization } });

  describe('/metrics with user and password', () => {
    it.each(['/metrics', '/-/hurting'])('%s is answered to those who give both', async (path) => {
      expect((await scrape(basic('prometheus:pä:ss'), path)).status).toBe(200);
    });

    it.each([
      ['nothing', undefined],
      ['no password', basic('prometheus:')],
      ['another password', basic('prometheus:pä:st')],
      ['half of the password', basic('prometheus:pä')],
      ['another user', basic('admin:pä:ss')],
      ['the password as a token', 'Bearer pä:ss'.replace('ä', '%C3%A4')],
      ['something else', 'Basic ???'],
    ])('is refused with a challenge to who gives %s', async (_, authorization) => {
      for (const path of ['/metrics', '/-/hurting']) {
        const reply = await scrape(authorization, path);
        expect(reply.status).toBe(401);
        expect(reply.headers.get('www-authenticate')).toBe('Basic realm="nylas-otel", charset="UTF-8"');
        expect(await reply.text()).not.toContain('nylas_');
      }
    });

    it('health and readiness stay open', async () => {
      expect((await scrape(undefined, '/-/healthy')).status).toBe(200);
      expect((await scrape(undefined, '/-/ready')).status).toBe(200);
    });
  });

  describe('that is half-written when SIGHUP comes', () => {
    const problem = /reload: \S+nylas-otel\.yaml:\d: [a-z_.]+ .+\. (Give|Write) /g;
    const goneOn = /goes on with the (one|configuration) it has/g;
    const count = (pattern: RegExp): number => [...running.log().matchAll(pattern)].length;

    // Within a quoted key of Nylas, within a name, within a quoted password, after a name, and before all secrets.
    it.each([
      ['in a quoted text', 'api_key: "', 6],
      ['in the name of an option', '  basic_', 0],
      ['in a quoted password', 'prometheus:p', 0],
      ['after the name of a section', 'metrics:', 0],
      ['before any option', 'nylas:', 0],
    ])('%s, the old one stays, and the log names line, key and fix', async (_, upTo, more) => {
      const before = { problems: count(problem), goneOn: count(goneOn) };
      writeFileSync(config, whole.slice(0, whole.indexOf(upTo) + upTo.length + more));
      running.process.kill('SIGHUP');
      await eventually(async () => count(goneOn) > before.goneOn);
      expect(count(problem)).toBeGreaterThan(before.problems);
      await isAsBefore();
    });

    it.each([
      ['between two lines', 'account_series: 10\n'],
      ['and empty', ''],
    ])('%s, nothing that guards it is given up', async (_, upTo) => {
      const before = count(goneOn);
      writeFileSync(config, upTo === '' ? '' : whole.slice(0, whole.indexOf(upTo) + upTo.length));
      running.process.kill('SIGHUP');
      await eventually(async () => count(goneOn) > before);
      expect(running.log()).toMatch(
        /reload: .*metrics\.basic_auth is no longer given. Is the file half-written\?/,
      );
      await isAsBefore();
    });

    it('or gone, the old one stays', async () => {
      const before = count(goneOn);
      rmSync(config);
      running.process.kill('SIGHUP');
      await eventually(async () => count(goneOn) > before);
      await isAsBefore();
    });

    it('and is whole at the next, it is taken', async () => {
      writeFileSync(config, whole.replace('basic_auth: "prometheus:pä:ss"', 'token: another-token'));
      running.process.kill('SIGHUP');
      await running.logged('reloaded: metrics.token, metrics.basic_auth');
      expect((await scrape('Bearer another-token')).status).toBe(200);
      expect((await scrape(basic('prometheus:pä:ss'))).status).toBe(401);
    });

    async function isAsBefore(): Promise<void> {
      expect((await scrape(basic('prometheus:pä:ss'))).status).toBe(200);
      expect((await scrape()).status).toBe(401);
      expect((await scrape(undefined, '/-/ready')).status).toBe(200);
      expect(running.log()).not.toContain('reloaded');
    }
  });
});
