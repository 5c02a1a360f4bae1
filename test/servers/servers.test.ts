import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askedServers } from './asked-servers.mjs';
import { bringServers, type Machine } from './bring-servers.mjs';
import { SERVERS, type Server } from './servers.mjs';

describe('askedServers', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'nylas-otel-servers-'));
  });

  afterEach(() => rmSync(root, { recursive: true }));

  it('finds what a test asks for, and who asks', () => {
    write('packages/a/src', 'x.test.ts', '// Debian: apt install prometheus\n');
    write('test/e2e', 'y.test.ts', 'const a = 1;\n  // Debian: apt install prometheus\n');
    write('test/e2e', 'z.test.ts', 'nothing');
    expect([...askedServers(root)].map(([server, tests]) => [server.debian, tests])).toEqual([
      ['prometheus', ['packages/a/src/x.test.ts', 'test/e2e/y.test.ts']],
    ]);
  });

  it('does not look at what is installed, built or a fixture', () => {
    for (const folder of ['node_modules/b', 'dist', 'fixtures']) {
      write(`packages/a/${folder}`, 'x.test.ts', '// Debian: apt install chromium\n');
    }
    expect(askedServers(root).size).toBe(0);
  });

  it('refuses what is not in the table', () => {
    write('test/e2e', 'y.test.ts', '// Debian: apt install redis-server\n');
    expect(() => askedServers(root)).toThrow(
      'test/e2e/y.test.ts asks for redis-server. Add it to the table in test/servers/servers.mjs.',
    );
  });

  function write(folder: string, name: string, text: string): void {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, name), text);
  }
});

describe('bringServers', () => {
  const prometheus = serverOf('prometheus');
  const postgresql = serverOf('postgresql');

  it('does nothing when all is there', () => {
    const machine = new FakeMachine({ here: ['prometheus', 'promtool'] });
    expect(bringServers([prometheus], machine)).toEqual([]);
    expect(machine.ran).toEqual([]);
  });

  it('updates the lists once, then installs each by itself', () => {
    const machine = new FakeMachine({ offers: [prometheus, postgresql] });
    expect(bringServers([prometheus, postgresql], machine)).toEqual([]);
    expect(machine.ran).toEqual([
      'update',
      'install --yes --no-install-recommends prometheus',
      'install --yes --no-install-recommends postgresql',
    ]);
  });

  it('says what to run when it is not root', () => {
    const machine = new FakeMachine({ root: false, offers: [prometheus] });
    expect(bringServers([prometheus], machine)).toEqual([
      { server: prometheus, why: 'not root: run apt-get install prometheus as root' },
    ]);
    expect(machine.ran).toEqual([]);
  });

  it('says what to put on the PATH when there is no apt-get', () => {
    const machine = new FakeMachine({ aptGet: false });
    expect(bringServers([prometheus], machine)).toEqual([
      { server: prometheus, why: 'no apt-get here: put prometheus, promtool on the PATH' },
    ]);
  });

  it("repeats apt-get's reason, and brings the others all the same", () => {
    const machine = new FakeMachine({ offers: [postgresql] });
    expect(bringServers([prometheus, postgresql], machine)).toEqual([
      {
        server: prometheus,
        why: 'apt-get install prometheus failed: Unable to locate package prometheus',
      },
    ]);
  });
});

class FakeMachine implements Machine {
  readonly ran: string[] = [];
  readonly root: boolean;
  readonly #programs: Set<string>;
  readonly #offers: readonly Server[];

  constructor(options: { here?: string[]; offers?: Server[]; root?: boolean; aptGet?: boolean }) {
    this.root = options.root ?? true;
    this.#offers = options.offers ?? [];
    this.#programs = new Set([...(options.here ?? []), ...((options.aptGet ?? true) ? ['apt-get'] : [])]);
  }

  has(program: string): boolean {
    return this.#programs.has(program);
  }

  apt(args: readonly string[]): { ok: boolean; output: string } {
    this.ran.push(args.join(' '));
    const name = args.at(-1);
    const server = this.#offers.find((offer) => offer.debian === name);
    for (const program of server?.programs ?? []) this.#programs.add(program);
    return server || name === 'update'
      ? { ok: true, output: '' }
      : { ok: false, output: `Reading package lists...\nE: Unable to locate package ${name}\n` };
  }

  say(): void {}
}

function serverOf(name: string): Server {
  const server = SERVERS.find((known) => known.debian === name);
  if (!server) throw new Error(`no row for ${name}`);
  return server;
}
