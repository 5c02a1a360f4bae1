// Debian: apt install postgresql
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, startPostgres } from '@nylas-otel/store/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { ReplicaProcess } from './replica-process.ts';

// Ten minutes with `npm run test:replicas`.
const SECONDS = Number(process.env.REPLICA_SECONDS ?? 25);
const REPLICAS = 3;
const GRANTS = 40;

/** Between the replicas and Nylas: sees what is asked at one time. */
async function watchedNylas(simulator: Simulator) {
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  const asked = new Map<string, number>();
  const server = createServer((incoming, answer) => void pass(incoming, answer));
  const pass = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const kind = kindOf(incoming.url ?? '');
    now.set(kind, (now.get(kind) ?? 0) + 1);
    asked.set(kind, (asked.get(kind) ?? 0) + 1);
    most.set(kind, Math.max(most.get(kind) ?? 0, now.get(kind) ?? 0));
    answer.once('close', () => now.set(kind, (now.get(kind) ?? 0) - 1));
    // Long enough that two who ask are seen together.
    await wait(30);
    const { method, url, headers } = incoming;
    const onward = request(
      simulator.url + url,
      { method, headers: { ...headers, host: 'nylas' } },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      },
    );
    onward.on('error', () => answer.destroy());
    incoming.pipe(onward);
  };
  const url = await listening(server);
  return { url, most, asked };
}

function kindOf(url: string): string {
  if (url.includes('grant_status=invalid')) return 'invalid';
  return url.includes('sort_by') ? 'sweep' : 'grant';
}

async function listening(server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Where the replicas send their prompts. */
async function promptSink() {
  const prompts = new Map<string, number>();
  const server = createServer((incoming, answer) => {
    let id = '';
    incoming.on('data', (chunk) => {
      id += String(chunk);
    });
    incoming.on('end', () => {
      prompts.set(id, (prompts.get(id) ?? 0) + 1);
      answer.end();
    });
  });
  return { prompts, url: await listening(server) };
}

it.skipIf(!hasPostgres())(
  'three replicas that are killed at random do each poll one at a time, prompt nobody twice, and show the same',
  { timeout: (SECONDS + 180) * 1_000 },
  async () => {
    const postgres = await startPostgres();
    onTestFinished(() => postgres.stop());
    const simulator = await startSimulator({ grants: GRANTS, limits: false });
    onTestFinished(() => simulator.close());
    const nylas = await watchedNylas(simulator);
    const sink = await promptSink();
    const database = await postgres.createDatabase();
    const args = [database, nylas.url, simulator.apiKey, simulator.clientId, sink.url];
    const replicas: ReplicaProcess[] = [];
    onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.kill()))));
    for (let index = 0; index < REPLICAS; index++) replicas.push(new ReplicaProcess(args));
    await Promise.all(replicas.map((replica) => replica.ready()));

    let kills = 0;
    const until = Date.now() + SECONDS * 1_000;
    const grants = simulator.grants.list();
    for (let round = 0; Date.now() < until; round++) {
      await wait(1_000);
      const grant = grants[(round * 7) % (GRANTS - 10)];
      if (grant !== undefined)
        simulator.grants.setStatus(
          grant.id,
          simulator.grants.get(grant.id)?.status === 'valid' ? 'invalid' : 'valid',
        );
      if (round % 5 !== 4) continue;
      const victim = Math.floor(Math.random() * REPLICAS);
      await replicas[victim]?.kill();
      kills++;
      const next = new ReplicaProcess(args);
      replicas[victim] = next;
      await next.ready();
    }

    const invalid = simulator.grants.list().filter(({ status }) => status === 'invalid').length;
    const truth = /^nylas.accounts .*"nylas.account.state":"invalid"/;
    let shown: (readonly string[])[] = [];
    await vi.waitFor(
      async () => {
        shown = await Promise.all(replicas.map((replica) => replica.gauges()));
        const counted = (shown[0] ?? [])
          .filter((line) => truth.test(line))
          .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
        expect(counted).toBe(invalid);
        for (const other of shown.slice(1)) expect(other).toEqual(shown[0]);
      },
      { timeout: 120_000, interval: 500 },
    );
    expect(shown[0]?.length).toBeGreaterThan(10);
    expect(kills).toBeGreaterThan(0);
    expect([...nylas.most]).toEqual(
      expect.arrayContaining([
        ['sweep', 1],
        ['invalid', 1],
      ]),
    );
    expect(sink.prompts.size).toBeGreaterThan(0);
    expect([...sink.prompts].filter(([, times]) => times > 1)).toEqual([]);
    console.info(
      `${SECONDS} s, ${kills} kills; asked ${[...nylas.asked].map(([kind, times]) => `${kind} ${times}`).join(', ')}; ` +
        `at one time ${[...nylas.most].map(([kind, times]) => `${kind} ${times}`).join(', ')}; ` +
        `${sink.prompts.size} prompts, none twice; ${shown[0]?.length} shared series equal on ${REPLICAS}`,
    );
    // Whoever was not prompted has at least an intent in the journal: a killed process took the prompt with it.
    const store = await openStore({ databaseUrl: database });
    onTestFinished(() => store.close({ graceMs: 0 }));
    for (const { id } of simulator.grants.list().filter(({ status }) => status === 'invalid')) {
      const lines = await store.journal.read({ accountId: id });
      expect(lines.some(({ data }) => data.effect === 'prompt')).toBe(true);
    }
  },
);
