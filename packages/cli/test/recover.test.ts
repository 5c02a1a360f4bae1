// Debian: apt install postgresql
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type RequestRecord, type Simulator, startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BIN, cleanEnv, cli, type Ended, eventually, exporter, folder } from './command.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const GRANTS = 24;
const MISSED_EACH = 5;
const MISSED = GRANTS * MISSED_EACH;
const isList = ({ template }: RequestRecord): boolean => template === '/v3/grants/{grant_id}/messages';

interface Report {
  readonly complete: boolean;
  readonly recovered: Readonly<Record<string, number>>;
  readonly known: Readonly<Record<string, number>>;
}

describe.each(['PostgreSQL', 'PGlite'] as const)('recovery on %s that is ended by SIGTERM', (engine) => {
  const place = folder();
  let postgres: PostgresServer | undefined;
  let simulator: Simulator;
  let since: string;
  let env: Record<string, string>;

  beforeAll(async () => {
    if (engine === 'PGlite') {
      // An empty one, to be copied: making it takes longer than all the rest.
      const store = await openStore({ folder: join(place.path, 'empty', 'pglite') });
      await store.close();
    } else if (hasPostgres()) postgres = await startPostgres();
  });
  afterAll(async () => {
    await postgres?.stop();
    place[Symbol.dispose]();
  });

  beforeEach(async () => {
    // Eight accounts are read at a time: two thirds of them wait when the first are answered.
    simulator = await startSimulator({ grants: GRANTS, latency: 250, objects: { messages: 3 } });
    since = new Date(simulator.clock.now() - 1_000).toISOString();
    for (const { id } of simulator.grants.list())
      for (let n = 0; n < MISSED_EACH; n++) simulator.traffic.arrive(id, { subject: 'missed' });
    env = {
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      NYLAS_WEBHOOK_SECRET: 'a-webhook-secret',
      ...(await stateOf(engine)),
      NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
    };
    return () => simulator.close();
  });

  async function stateOf(kept: typeof engine): Promise<Record<string, string>> {
    if (kept === 'PostgreSQL') return { DATABASE_URL: String(await postgres?.createDatabase()) };
    const data = join(place.path, randomUUID());
    cpSync(join(place.path, 'empty'), data, { recursive: true });
    return { NYLAS_OTEL_DATA_DIR: data };
  }

  const line = (): string[] => ['recover', '--since', since, '--resources', 'messages', '--json'];

  /** What the inbox has been given, once each; handled or not. */
  async function received(): Promise<{ events: number; waiting: number }> {
    const { DATABASE_URL: databaseUrl, NYLAS_OTEL_DATA_DIR: data } = env;
    const store = await openStore(
      databaseUrl === undefined ? { folder: join(String(data), 'pglite') } : { databaseUrl },
    );
    try {
      const { queued, active, dead } = await store.inbox.counts();
      expect(dead).toBe(0);
      return { events: queued + active, waiting: queued };
    } finally {
      await store.close();
    }
  }

  const without = engine === 'PostgreSQL' && !hasPostgres();

  it.skipIf(without)(
    'as a command: the same command goes on where it stopped, and nothing comes twice',
    async () => {
      const child = spawn(process.execPath, [BIN, ...line()], { env: cleanEnv(env), stdio: 'pipe' });
      const said = { stdout: '', stderr: '' };
      child.stdout.on('data', (text) => {
        said.stdout += text;
      });
      child.stderr.on('data', (text) => {
        said.stderr += text;
      });
      const ended = once(child, 'close');
      await simulator.requests.waitFor((request) => isList(request) && request.status === 200, {
        timeoutMs: 120_000,
      });
      // One answer is there; what it brought is being written down.
      child.kill('SIGTERM');
      expect((await ended)[0]).toBe(130);
      expect(said.stderr).toContain('goes on where it stopped');
      expect(JSON.parse(said.stdout)).toMatchObject({ error: { exit: 'interrupted' } });
      const before = (await received()).events;
      expect(before).toBeLessThan(MISSED);
      const readBefore = readGrants();
      expect(readBefore.size).toBeLessThan(GRANTS);

      simulator.requests.clear();
      const again = await cli(line(), { env });
      expect(again.stderr).not.toContain('error');
      expect(again.code).toBe(0);
      const report = JSON.parse(again.stdout) as Report;
      expect(report.complete).toBe(true);
      expect((report.recovered.messages ?? 0) + (report.known.messages ?? 0)).toBe(MISSED);
      expect((await received()).events).toBe(MISSED);
      // A third time finds that there is nothing left.
      const third = JSON.parse((await cli(line(), { env })).stdout) as Report;
      expect(third.recovered.messages ?? 0).toBe(0);
      expect(third.known.messages).toBe(MISSED);
      expect((await received()).events).toBe(MISSED);
    },
  );

  it.skipIf(without)(
    'in an exporter: the next one goes on by itself, and its handlers get each event once',
    async () => {
      const first = await exporter(env, ['--webhooks', '--webhooks-port', '0']);
      await first.logged('ready');
      const command = cli(line(), { env });
      await simulator.requests.waitFor((request) => isList(request) && request.status === 200, {
        timeoutMs: 120_000,
      });
      const end = first.stop('SIGTERM');
      // Drained, it still answers with what its handlers have done.
      let handledBefore = 0;
      for (let page: string | undefined = ''; page !== undefined; ) {
        handledBefore = Math.max(handledBefore, handled(page));
        page = await fetch(`${first.url}/metrics`)
          .then((answer) => answer.text())
          .catch(() => undefined);
      }
      expect(await end).toBe(0);
      const told: Ended = await command;
      expect(told.code).not.toBe(0);
      expect(readGrants().size).toBeLessThan(GRANTS);

      const second = await exporter(env, ['--webhooks', '--webhooks-port', '0']);
      // No command asks for it: it finds what was begun.
      await eventually(async () => readGrants().size === GRANTS);
      const page = await eventually(async () => {
        const text = await (await fetch(`${second.url}/metrics`)).text();
        return handled(text) + handledBefore === MISSED && text;
      });
      expect(page).toContain('nylas_webhook_recovered_total');
      const third = JSON.parse((await cli(line(), { env })).stdout) as Report;
      expect(third.recovered.messages ?? 0).toBe(0);
      expect(third.known.messages).toBe(MISSED);
      const last = await (await fetch(`${second.url}/metrics`)).text();
      expect(handled(last) + handledBefore).toBe(MISSED);
      expect(await second.stop()).toBe(0);
    },
  );

  /** Events whose handlers are done, by the counter of an exporter. */
  function handled(page: string): number {
    const lines = page.matchAll(/^nylas_webhook_events_total\{[^}]*outcome="processed"[^}]*\} (\d+)/gm);
    return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
  }

  function readGrants(): Set<string> {
    return new Set(
      simulator.requests
        .list()
        .filter((request) => isList(request) && request.status === 200)
        .map(({ grantId }) => String(grantId)),
    );
  }
});
