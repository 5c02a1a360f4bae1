// Debian: apt install tmux postgresql
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { hurtingAccounts, startNylasInstrumentation } from '@nylas-otel/instrumentation';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exporter, folder, type RunningExporter } from './command.ts';
import { hasTmux, Terminal } from './tmux.ts';

// Processes of their own, on a machine that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const COLUMNS = 80;
const GRANTS = 24;
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

describe.skipIf(!hasTmux || !hasPostgres())('at night, on a terminal of 80 columns', () => {
  const place = folder();
  let simulator: Simulator;
  let postgres: PostgresServer;
  let running: RunningExporter;
  let service: Server;
  let variables: Record<string, string>;

  beforeAll(async () => {
    simulator = await startSimulator({
      grants: [
        { email: 'a.rather.long.name@an-example-of-a-long-domain.example.com', status: 'invalid' },
        ...Array.from({ length: GRANTS - 1 }, (_, n) => ({ email: `person-${n}@example.com` })),
      ],
    });
    await failLikeTonight(simulator);
    // What the middleware serves; its own path and credentials are tested in packages/node.
    service = createServer((_, response) => response.end(JSON.stringify(hurtingAccounts())));
    await new Promise<void>((resolve) => service.listen(0, '127.0.0.1', resolve));
    postgres = await startPostgres();
    variables = {
      NYLAS_API_KEY: simulator.apiKey,
      NYLAS_CLIENT_ID: simulator.clientId,
      NYLAS_OTEL_REAUTH_REDIRECT_URI: 'https://app.example.com/callback',
      NYLAS_OTEL_API_URL: simulator.url,
      NYLAS_OTEL_STATUS_URL: simulator.url,
      DATABASE_URL: postgres.url,
      NYLAS_OTEL_SOCKET: join(place.path, 'x.sock'),
      NYLAS_OTEL_APP_URL: `http://127.0.0.1:${(service.address() as AddressInfo).port}/nylas/hurting`,
    };
    running = await exporter(variables);
    await running.logged('all accounts have been read');
  });
  afterAll(async () => {
    await running?.stop();
    await postgres?.stop();
    service?.close();
    await simulator?.close();
    place[Symbol.dispose]();
  });

  it('status says who hurts, with ids to copy and the command that helps', async () => {
    using terminal = new Terminal(COLUMNS, variables, 120);
    terminal.type('clear; nylas-otel status; echo "ended with $?"');
    await terminal.shows(/ended with 0/);
    const lines = printed(terminal);
    const [limited, unauthorized, broken] = simulator.grants.list().slice(1, 4);
    const rows = lines.filter((line) => new RegExp(`^${UUID.source} +\\d+ +\\d+ +\\d+ +\\d+$`).test(line));
    // Twice: of the last 15 minutes, and of the last hour.
    expect(rows.map((row) => row.split(/ +/))).toEqual(
      [1, 2].flatMap(() => [
        [limited?.id, '4', '0', '0', '0'],
        [unauthorized?.id, '0', '3', '0', '0'],
        [broken?.id, '0', '0', '0', '2'],
      ]),
    );
    const of = (id: string | undefined): string[] => {
      const at = lines.indexOf(String(id));
      return lines.slice(at + 1, at + 4);
    };
    expect(of(limited?.id)).toEqual([
      expect.stringMatching(/^ {2}last {5}\d{4}-\d\d-\d\d .+ \(\d{4}-\d\d-\d\dT.+Z\)$/),
      expect.stringMatching(/^ {2}request {2}\S+$/),
      '  do       send less for it: @nylas-otel/retry has a gate for each account',
    ]);
    expect(of(broken?.id).at(-1)).toBe(`  do       nylas-otel support-bundle ${broken?.id}`);
    const advice = of(unauthorized?.id).at(-1);
    expect(advice).toBe(`  do       nylas-otel accounts reauth-link ${unauthorized?.id}`);
    // What it advises can be typed as it stands, and works.
    terminal.type(`clear; ${advice?.replace(/^ {2}do +/, '')}`);
    await terminal.shows(/\/v3\/connect\/auth\?client_id=/);
  });

  it('accounts list keeps ids and states whole, a line each', async () => {
    using terminal = new Terminal(COLUMNS, variables);
    terminal.type('clear; nylas-otel accounts list; echo "ended with $?"');
    await terminal.shows(/ended with 0/);
    const lines = printed(terminal);
    for (const { id } of simulator.grants.list()) {
      expect(
        lines.filter((line) => line.startsWith(id)),
        id,
      ).toHaveLength(1);
    }
    const invalid = lines.find((line) => line.includes(' invalid '));
    expect(invalid).toMatch(new RegExp(`^${UUID.source} +\\S+ +\\S+ +invalid +\\d`));
    expect(lines).toContain('23 running, 1 invalid');
    terminal.type(`clear; nylas-otel accounts show ${UUID.exec(invalid ?? '')?.[0]}; echo "ended with $?"`);
    await terminal.shows(/ended with 0/);
    const shown = printed(terminal).join('\n');
    expect(shown).toMatch(/^invalid for \d+ s, since /m);
    // Both times of each line, also at this width.
    expect(shown).toMatch(/^TIME \(LOCAL\) +TIME \(UTC\) +WHAT$/m);
    expect(shown).toMatch(
      /^\d\d-\d\d [\d:]{8} {2}\d\d-\d\dT[\d:]{8}Z {2}repair +begins: the account is invalid$/m,
    );
  });

  it('accounts list --live has a bar beside an exporter, which knows how many there are about', async () => {
    using terminal = new Terminal(COLUMNS, variables);
    simulator.faults.add({ fault: 'slow', route: '/v3/grants', options: { ms: 1_500 } });
    terminal.type('clear; nylas-otel accounts list --live --limit 3; echo "ended with $?"');
    await terminal.shows(/^accounts █+ 24\/~24 read, /m);
    await terminal.shows(/ended with 0/);
    simulator.faults.clear();
    expect(printed(terminal).join('\n')).not.toMatch(/[█░]/);
  });

  it('recover shows how far it is, and then what it did, without the bar', async () => {
    for (const { id } of simulator.grants.list()) simulator.traffic.arrive(id, { subject: 'missed' });
    using terminal = new Terminal(COLUMNS, variables);
    simulator.faults.add({ fault: 'slow', options: { ms: 250 } });
    terminal.type('clear; nylas-otel recover --since 1h --resources messages; echo "ended with $?"');
    // In the middle of it: some are done, and not all.
    const screen = await terminal.shows(/accounts [█░]+ ([1-9]|1\d|2[0-3])\/24 \d+ recovered/);
    expect(screen).toMatch(/█+░+/);
    await terminal.shows(/ended with [01]/);
    simulator.faults.clear();
    const lines = printed(terminal);
    expect(lines.join('\n')).not.toMatch(/[█░]/);
    expect(lines.some((line) => /^messages +\d+ +\d+ +\S+$/.test(line))).toBe(true);
    expect(lines.join('\n')).toMatch(/^24 accounts, \d+ requests/m);
  });
});

/** What a command printed, nothing of it wider than the terminal. */
function printed(terminal: Terminal): string[] {
  const lines = terminal.lines().filter((line) => !line.startsWith('ready> '));
  for (const line of lines) {
    // An address to open may be longer; words may not.
    if (!/^https?:\S+$/.test(line)) expect(stringWidth(line), line).toBeLessThanOrEqual(COLUMNS);
  }
  return lines;
}

/** Requests of a service tonight: one account is limited, one must authenticate again, for one Nylas fails. */
async function failLikeTonight(simulator: Simulator): Promise<void> {
  const instrumentation = startNylasInstrumentation({ hosts: [{ host: new URL(simulator.url).host }] });
  const [, limited, unauthorized, broken] = simulator.grants.list();
  for (const [grant, fault, times] of [
    [limited, 'rate_limit_provider', 4],
    [unauthorized, 'unauthorized', 3],
    [broken, 'unavailable', 2],
  ] as const) {
    simulator.faults.add({ fault, grant: String(grant?.id), times });
    for (let n = 0; n < times; n++) {
      const reply = await fetch(`${simulator.url}/v3/grants/${grant?.id}/messages`, {
        headers: { authorization: `Bearer ${simulator.apiKey}` },
      });
      await reply.text();
    }
  }
  simulator.faults.clear();
  instrumentation.stop();
}
