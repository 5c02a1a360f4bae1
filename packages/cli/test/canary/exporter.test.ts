// Debian: apt install postgresql
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { signWebhook } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { optionKeys } from '../../src/commands/build-program.ts';
import { COMMANDS } from '../../src/commands/command-table.ts';
import { OPERATIONS } from '../../src/operations/operation-table.ts';
import { OPTION_KEYS } from '../../src/options/option-table.ts';
import type { OptionKey } from '../../src/options/settings.ts';
import { exporter, folder, type RunningExporter } from '../command.ts';
import { BESIDE, CANARY, canary, ROUTES, SECRETS } from './secrets.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ALWAYS = ['webhooks.secret', 'admin.token', 'repair.notify_token', 'store.database_url'] as const;
/** Which secrets come by which way: of two that exclude each other, one. */
const GIVEN: Readonly<Record<string, readonly OptionKey[]>> = {
  variables: ['nylas.api_key', 'metrics.token', ...ALWAYS],
  'files of variables': ['nylas.api_key', 'metrics.basic_auth', ...ALWAYS],
  'files of flags': ['nylas.client_secret', 'metrics.token', ...ALWAYS],
  'the configuration': ['nylas.api_key', 'metrics.basic_auth', ...ALWAYS],
  'files of the configuration': ['nylas.api_key', 'metrics.token', ...ALWAYS],
};

let simulator: Simulator;
let postgres: PostgresServer;
beforeAll(async () => {
  if (hasPostgres()) postgres = await startPostgres();
  simulator = await startSimulator({
    grants: 1,
    accounts: 1,
    apiKey: canary('nylas.api_key'),
    clientSecret: canary('nylas.client_secret'),
  });
});
afterAll(async () => {
  await simulator.close();
  await postgres?.stop();
});

it('every way, and every secret that an exporter takes, is tried here', () => {
  expect(Object.keys(GIVEN)).toEqual(Object.keys(ROUTES));
  const definition = COMMANDS.find(({ path }) => path[0] === 'exporter');
  const taken = SECRETS.filter((key) => optionKeys(definition as (typeof COMMANDS)[number]).includes(key));
  expect([...new Set(Object.values(GIVEN).flat())].sort()).toEqual([...taken].sort());
  // One of our own requests for each listener there is.
  expect(OPTION_KEYS.filter((key) => key.endsWith('.port'))).toEqual([
    'metrics.port',
    'webhooks.port',
    'admin.port',
  ]);
});

// At once: the first recovery beside a receiver waits some seconds until inventories are taken.
describe.concurrent.each(Object.entries(GIVEN))('secrets that an exporter is given by %s', (way, keys) => {
  it.skipIf(!hasPostgres())(
    'are in no answer of its listeners, not in the process list, and not in its log',
    async () => {
      using place = folder();
      const secrets = new Map(keys.map((key) => [key, canary(key)]));
      secrets.set('store.database_url', withPassword(await postgres.createDatabase()));
      const given = (ROUTES[way] as (typeof ROUTES)[string])(secrets, place.path);
      const tokens = join(place.path, 'tokens.json');
      writeFileSync(tokens, JSON.stringify({ anybody: 'kanarie-access-token' }));
      const running = await exporter(
        {
          NYLAS_CLIENT_ID: simulator.clientId,
          NYLAS_OTEL_API_URL: simulator.url,
          NYLAS_OTEL_STATUS_URL: simulator.url,
          NYLAS_OTEL_ACCESS_TOKENS_FILE: tokens,
          NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
          NYLAS_OTEL_ADMIN_PORT: '0',
          NYLAS_OTEL_WEBHOOKS_PORT: '0',
          // Nothing listens there: what is to be sent is complained about.
          OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
          ...BESIDE,
          ...given.env,
        },
        ['--webhooks', ...given.args],
      );
      using _end = { [Symbol.dispose]: () => running.process.kill() };
      await running.logged('all accounts have been read');
      const shown = execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      expect(shown).toContain('nylas-otel exporter');
      expect(shown).not.toMatch(CANARY);
      await askEverything(running, keys);
      expect(await running.stop()).toBe(0);
      expect(running.log()).not.toMatch(CANARY);
      expect(running.log()).not.toMatch(/ ERROR /);
    },
  );
});

function withPassword(url: string): string {
  const parsed = new URL(url);
  parsed.password = 'kanarie-password';
  return parsed.href;
}

/** Asks for everything that the listeners say they serve, with right, wrong and no credentials. */
async function askEverything({ url, log }: RunningExporter, keys: readonly OptionKey[]): Promise<void> {
  const scrape = keys.includes('metrics.token')
    ? `Bearer ${canary('metrics.token')}`
    : `Basic ${Buffer.from(canary('metrics.basic_auth')).toString('base64')}`;
  const admin = /admin token are taken at (\S+)/.exec(log())?.[1] as string;
  const webhooks = /webhooks are received at (\S+)/.exec(log())?.[1] as string;
  const landing = await answerOf(url, { headers: { authorization: scrape } });
  const served = [...landing.matchAll(/href="([^"]+)"/g)].map(([, path]) => path as string);
  expect(served).toEqual(expect.arrayContaining(['/metrics', '/-/ready', '/-/hurting']));
  for (const path of ['/', '/nothing', ...served]) {
    for (const authorization of [scrape, 'Bearer wrong', '']) {
      await answerOf(`${url}${path}`, { headers: { authorization } });
    }
  }
  expect(await answerOf(`${url}/metrics`, { headers: { authorization: scrape } })).toContain(
    'nylas_webhook_deliveries_total',
  );
  const account = keys.includes('nylas.api_key') ? simulator.grants.list()[0] : simulator.accounts.list()[0];
  for (const name of ['nothing', ...OPERATIONS.map((operation) => operation.name)]) {
    for (const token of [canary('admin.token'), 'wrong']) {
      const said = await answerOf(`${admin}/v1/${name}`, {
        method: 'POST',
        body: JSON.stringify({
          account: account?.id,
          since: Date.now() - 3_600_000,
          resources: ['grants'],
          dryRun: true,
          // What somebody typed, a secret in it.
          tried: canary('admin.token'),
        }),
        headers: { authorization: `Bearer ${token}` },
      });
      expect(said, name).toMatch(token === 'wrong' ? /Unauthorized/ : /"(result|error)"/);
    }
  }
  const body = Buffer.from('{"type":"message.created"}');
  for (const secret of [canary('webhooks.secret'), 'wrong']) {
    const headers = { 'x-nylas-signature': signWebhook(body, secret) };
    await answerOf(webhooks, { method: 'POST', body, headers });
  }
  await answerOf(`${webhooks}?challenge=abc`, {});
}

async function answerOf(where: string, init: RequestInit): Promise<string> {
  const reply = await fetch(where, { ...init, signal: AbortSignal.timeout(60_000) });
  const text = await reply.text();
  expect(text, where).not.toMatch(CANARY);
  expect(JSON.stringify([...reply.headers]), where).not.toMatch(CANARY);
  return text;
}
