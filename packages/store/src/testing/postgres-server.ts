import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import getPort from 'get-port';
import { Client } from 'pg';

/** Options of {@link startPostgres}. */
export interface PostgresServerOptions {
  /** Settings beside the server's own defaults, as `postgres -c name=value` takes them. */
  readonly settings?: { readonly [name: string]: string | number };
}

/** A PostgreSQL server of the caller's own: fsync on, on loopback, with its data in a folder for the time of its life. */
export interface PostgresServer {
  /** Of the database `postgres`, as a superuser. */
  readonly url: string;
  readonly port: number;
  /** Makes an empty database; returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends it in order (sessions are cut) and starts it again on the same port. */
  restart(): Promise<void>;
  /** `kill -9`, as a crash would: nothing is written any more. Start it again with {@link PostgresServer.start}. */
  kill(): Promise<void>;
  /** Starts it again after {@link PostgresServer.kill}; it recovers from its log first. */
  start(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** Whether PostgreSQL's programs are here (Debian: `apt install postgresql`). */
export function hasPostgres(): boolean {
  return programFolder() !== undefined;
}

/**
 * Starts a server; about two seconds. It ends with this process, however that ends.
 *
 * @throws Error where PostgreSQL is not installed or does not start
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = programFolder();
  if (programs === undefined)
    throw new Error('No PostgreSQL here: apt install postgresql, or put its bin folder on the PATH.');
  const server = new Server(programs, options.settings ?? {});
  try {
    await server.create();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

const STARTED = /database system is ready to accept connections/;
// A crashed server's sessions notice within moments that it is gone; until then its memory is in use.
const STILL_IN_USE = /shared memory block|lock file .* already exists|Address already in use/;
const LINES_KEPT = 20;

class Server implements PostgresServer {
  readonly #programs: string;
  readonly #settings: { readonly [name: string]: string | number };
  readonly #account = account();
  readonly #folder = mkdtempSync(join(tmpdir(), 'nylas-otel-postgres-'));
  readonly #data = join(this.#folder, 'data');
  #port = 0;
  #process: ChildProcess | undefined;
  #guard: ChildProcess | undefined;
  #databases = 0;

  constructor(programs: string, settings: { readonly [name: string]: string | number }) {
    this.#programs = programs;
    this.#settings = settings;
    if (this.#account !== undefined) chownSync(this.#folder, this.#account.uid, this.#account.gid);
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return this.#urlOf('postgres');
  }

  async create(): Promise<void> {
    const args = ['-D', this.#data, '-A', 'trust', '-U', 'postgres', '-E', 'UTF8', '--locale=C', '--no-sync'];
    const initdb = this.#spawn('initdb', args);
    const output = collect(initdb);
    const [code] = (await once(initdb, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`initdb failed:\n${output.join('\n')}`);
    this.#port = await getPort({ port: portsOfServers() });
    await this.start();
  }

  async createDatabase(): Promise<string> {
    const name = `test_${++this.#databases}`;
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query(`CREATE DATABASE ${name}`);
    } finally {
      await client.end();
    }
    return this.#urlOf(name);
  }

  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#launch();
      if (failure === undefined) return;
      if (attempt === 100 || !STILL_IN_USE.test(failure)) throw new Error(`postgres failed:\n${failure}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async restart(): Promise<void> {
    // SIGINT: "fast", sessions are cut and a checkpoint is written.
    await this.#end('SIGINT');
    await this.start();
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async stop(): Promise<void> {
    // SIGQUIT: "immediate"; the data is thrown away anyhow.
    await this.#end('SIGQUIT');
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
  }

  #urlOf(database: string): string {
    return `postgresql://postgres@127.0.0.1:${this.#port}/${database}`;
  }

  /** Undefined once it takes connections, else what it said. */
  async #launch(): Promise<string | undefined> {
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.#port,
      unix_socket_directories: this.#folder,
      fsync: 'on',
      max_connections: 200,
      ...this.#settings,
    };
    const server = this.#spawn('postgres', [
      '-D',
      this.#data,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]);
    const lines = collect(server);
    const started = new Promise<boolean>((resolve) => {
      lines.onLine = (line) => STARTED.test(line) && resolve(true);
      server.once('exit', () => resolve(false));
    });
    if (!(await started)) return lines.join('\n');
    this.#process = server;
    this.#watch(server);
    return undefined;
  }

  /** A process that outlives this one by moments: whatever ends us closes its input, and it ends the server. */
  #watch(server: ChildProcess): void {
    const script = 'read _; kill -QUIT "$1" 2>/dev/null && sleep 1; rm -rf "$2"';
    const guard = spawn('sh', ['-c', script, 'sh', String(server.pid), this.#folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
      cwd: '/',
      ...this.#account,
    });
    guard.unref();
    (guard.stdin as unknown as { unref(): void }).unref();
    this.#guard = guard;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#guard?.kill('SIGKILL');
    this.#guard = undefined;
    const server = this.#process;
    this.#process = undefined;
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
    server.kill(signal);
    await once(server, 'exit');
  }

  #spawn(program: string, args: readonly string[]): ChildProcess {
    return spawn(join(this.#programs, program), args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: this.#folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
      ...this.#account,
    });
  }
}

type Lines = string[] & { onLine?: (line: string) => void };

/** The last lines of both outputs. */
function collect(child: ChildProcess): Lines {
  const lines: Lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      if (lines.length > LINES_KEPT) lines.shift();
      lines.onLine?.(line);
    });
  }
  return lines;
}

// Below the ports that systems give to clients: a server that is started again finds its own port free.
const portsOfServers = () => Array.from({ length: 100 }, () => randomInt(20_000, 32_000));

const DEBIAN = '/usr/lib/postgresql';

/** Where `initdb` and `postgres` are: on the PATH, else Debian's newest. */
function programFolder(): string | undefined {
  const debian = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).sort((a, b) => b.localeCompare(a, undefined, { numeric: true }))
    : [];
  return [
    ...(process.env.PATH ?? '').split(delimiter),
    ...debian.map((version) => join(DEBIAN, version, 'bin')),
  ].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')));
}

/** PostgreSQL refuses to run as root: then it runs as the user `postgres`, else `nobody`. */
function account(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as.',
  );
}
