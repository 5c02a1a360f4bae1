import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import getPort from 'get-port';
import { openControlSocket } from '../src/control/control-server.ts';
import { folder } from './command.ts';

const DEAD = 'http://127.0.0.1:9';
/** Where the worlds have their files. */
export const place: ReturnType<typeof folder> = folder();
const servers: Server[] = [];
const onEnd: (() => Promise<void>)[] = [];

/** Ends what the worlds have started. */
export async function endWorlds(): Promise<void> {
  for (const server of servers) server.close();
  for (const end of onEnd) await end();
  place[Symbol.dispose]();
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A host that answers everything with this. */
const answering = (body: unknown, status = 200, headers: Record<string, string> = {}): Promise<string> =>
  serve((request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });

/** A receiver that answers what a rule says of the request and its size. */
const receiver = (rule: (request: IncomingMessage, bytes: number) => number): Promise<string> =>
  serve((request, response) => {
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(rule(request, bytes)).end());
  });

function installed(name: string, packages: Readonly<Record<string, string>>): string {
  const cwd = join(place.path, name);
  for (const [of, version] of Object.entries(packages)) {
    const path = join(cwd, 'node_modules', of, 'package.json');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify({ name: of, version }));
  }
  return cwd;
}

/** Something that is wrong, and what the doctor must say of it. */
export interface Case {
  readonly check: string;
  readonly what: string;
  world(): Promise<{ readonly env?: Record<string, string>; readonly cwd?: string }>;
  readonly status: 'fail' | 'warn';
  readonly finding: RegExp;
  readonly fix: RegExp;
}

const destination = (status: string): Promise<string> =>
  answering({
    data: [{ id: 'wh-1', status, webhook_url: 'https://x', trigger_types: [], compressed_delivery: true }],
  });
const hook = async (url: Promise<string>): Promise<{ env: Record<string, string> }> => ({
  env: { NYLAS_OTEL_WEBHOOKS_PUBLIC_URL: await url, NYLAS_WEBHOOK_SECRET: 'a-webhook-secret' },
});
/** What a running exporter says of its store. */
async function storeSays(
  name: string,
  health: object,
  backlog: object,
): Promise<{ env: Record<string, string> }> {
  const path = join(place.path, `${name}.sock`);
  const report = {
    health: { engine: 'postgresql', durable: true, roundTrip: 0.001, ...health },
    backlog: { queued: 0, active: 0, dead: 0, ...backlog },
  };
  const socket = await openControlSocket(path, async () => report);
  onEnd.push(() => socket.close(0));
  return { env: { NYLAS_OTEL_SOCKET: path } };
}

/** At least one for each check, but for those that are of Node itself and of the hosts of Nylas. */
export const CASES: readonly Case[] = [
  {
    check: 'configuration',
    what: 'metrics are open to every host',
    world: async () => ({ env: { NYLAS_OTEL_METRICS_HOST: '0.0.0.0' } }),
    status: 'warn',
    finding: /listens on 0\.0\.0\.0 and asks for no credentials/,
    fix: /NYLAS_OTEL_METRICS_TOKEN_FILE/,
  },
  {
    check: 'configuration',
    what: 'a variable is misspelt',
    world: async () => ({ env: { NYLAS_OTEL_REGOIN: 'eu' } }),
    status: 'warn',
    finding: /NYLAS_OTEL_REGOIN is not a variable .*NYLAS_OTEL_REGION/,
    fix: /Mend/,
  },
  {
    check: 'credentials',
    what: 'the key is wrong',
    world: async () => ({ env: { NYLAS_API_KEY: 'nyk_v0_wrong' } }),
    status: 'fail',
    finding: /answered 401/,
    fix: /key/,
  },
  {
    check: 'clock-skew',
    what: 'the clock is an hour ahead',
    world: async () => {
      const date = new Date(Date.now() - 3_600_000).toUTCString();
      return { env: { NYLAS_OTEL_API_URL: await answering({ data: {} }, 200, { date }) } };
    },
    status: 'fail',
    finding: /3\d{3} s ahead of Nylas/,
    fix: /set-ntp/,
  },
  {
    check: 'application',
    what: 'Nylas has blocked it',
    world: async () => ({ env: { NYLAS_OTEL_API_URL: await answering({ data: { blocked: true } }) } }),
    status: 'fail',
    finding: /blocked/,
    fix: /Nylas support/,
  },
  {
    check: 'application',
    what: 'the callback address is not registered',
    world: async () => ({ env: { NYLAS_OTEL_REAUTH_REDIRECT_URI: 'https://nowhere.example.com/back' } }),
    status: 'fail',
    finding: /not among the callback addresses/,
    fix: /Hosted Authentication/,
  },
  {
    check: 'platform',
    what: 'Nylas has an incident',
    world: async () => ({
      env: {
        NYLAS_OTEL_STATUS_URL: await answering({
          components: [{ name: 'Sync', status: 'major_outage' }],
          incidents: [{ name: 'Delays', impact: 'major' }],
        }),
      },
    }),
    status: 'warn',
    finding: /Delays \(major\); Sync: major_outage/,
    fix: /Wait before restarting/,
  },
  {
    check: 'accounts',
    what: 'they cannot be read',
    world: async () => ({ env: { NYLAS_OTEL_API_URL: DEAD } }),
    status: 'fail',
    finding: /could not be read/,
    fix: /credentials/,
  },
  ...(['failing', 'failed'] as const).map(
    (status): Case => ({
      check: 'destinations',
      what: `one is ${status}`,
      world: async () => ({ env: { NYLAS_OTEL_API_URL: await destination(status) } }),
      status: 'fail',
      finding: status === 'failed' ? /given up on: wh-1/ : /Deliveries fail to: wh-1/,
      fix: status === 'failed' ? /recover --since/ : /95 %/,
    }),
  ),
  {
    check: 'webhook-challenge',
    what: 'the receiver takes no GET',
    world: () => hook(receiver(({ method }) => (method === 'GET' ? 404 : 200))),
    status: 'fail',
    finding: /answers 404 to the challenge/,
    fix: /GET too/,
  },
  {
    check: 'webhook-signature',
    what: 'the receiver has another secret',
    world: () => hook(receiver(() => 401)),
    status: 'fail',
    finding: /answered 401 to an event signed with our secret/,
    fix: /rotated/,
  },
  {
    check: 'webhook-body-limit',
    what: 'the proxy takes 1 MB at most',
    world: () => hook(receiver((_, bytes) => (bytes > 1_000_000 ? 413 : 200))),
    status: 'fail',
    finding: /answered 413 to an event of 1\.1 MB/,
    fix: /client_max_body_size/,
  },
  {
    check: 'webhook-gzip',
    what: 'compressed events are refused, and a destination asks for them',
    world: async () => {
      const { env } = await hook(
        receiver(({ headers }) => (headers['content-encoding'] === 'gzip' ? 415 : 200)),
      );
      return { env: { ...env, NYLAS_OTEL_API_URL: await destination('active') } };
    },
    status: 'fail',
    finding: /answered 415 to a compressed event. A destination asks for them/,
    fix: /wire bytes/,
  },
  {
    check: 'store',
    what: 'the database does not answer',
    world: async () => ({ env: { DATABASE_URL: 'postgres://nylas:s3cr3t-word@127.0.0.1:9/nylas' } }),
    status: 'fail',
    finding: /cannot be (used|reached)/,
    fix: /DATABASE_URL/,
  },
  {
    check: 'store',
    what: 'it keeps nothing',
    world: () => storeSays('memory', { durable: false, why: 'Use a folder.' }, {}),
    status: 'warn',
    finding: /not durable/,
    fix: /folder/,
  },
  {
    check: 'backlog',
    what: 'handlers do not keep up',
    world: () => storeSays('queue', {}, { queued: 20_000 }),
    status: 'fail',
    finding: /20000 queued/,
    fix: /more processes/,
  },
  {
    check: 'backlog',
    what: 'there are dead letters',
    world: () => storeSays('dead', {}, { dead: 3 }),
    status: 'warn',
    finding: /3 dead letters/,
    fix: /webhooks redrive/,
  },
  {
    check: 'metrics',
    what: 'nothing listens',
    world: async () => ({ env: { NYLAS_OTEL_METRICS_PORT: String(await getPort()) } }),
    status: 'fail',
    finding: /Nothing listens at/,
    fix: /nylas-otel exporter/,
  },
  {
    check: 'metrics',
    what: 'there are more series than the budget',
    world: async () => {
      const page = Array.from({ length: 200 }, (_, n) => `nylas_x{n="${n}"} 1`).join('\n');
      const url = await serve((_, response) => response.end(page));
      const port = new URL(url).port;
      return {
        env: {
          NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
          NYLAS_OTEL_METRICS_PORT: port,
          NYLAS_OTEL_SERIES_BUDGET: '100',
        },
      };
    },
    status: 'warn',
    finding: /200 series.*over the budget of 100/,
    fix: /metrics\.account_series/,
  },
  {
    check: 'prometheus',
    what: 'it does not scrape us',
    world: async () => ({
      env: { PROMETHEUS_URL: await answering({ status: 'success', data: { result: [] } }) },
    }),
    status: 'warn',
    finding: /none of our series/,
    fix: /scrape_configs/,
  },
  {
    check: 'prometheus',
    what: 'the address is that of something else',
    world: async () => ({ env: { PROMETHEUS_URL: await answering('Welcome') } }),
    status: 'fail',
    finding: /not Prometheus/,
    fix: /prometheus\.url/,
  },
  {
    check: 'otlp',
    what: 'no collector listens',
    world: async () => ({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: DEAD } }),
    status: 'fail',
    finding: /127\.0\.0\.1:9 \(ECONNREFUSED\)/,
    fix: /4318/,
  },
  {
    check: 'nylas-sdk',
    what: 'its release ends the process at a time-out',
    world: async () => ({ cwd: installed('sdk', { nylas: '7.4.0' }) }),
    status: 'fail',
    finding: /ends the process/,
    fix: /7\.5\.1/,
  },
  {
    check: 'opentelemetry',
    what: 'two lines are mixed',
    world: async () => ({
      cwd: installed('lines', {
        '@opentelemetry/api': '1.9.0',
        '@opentelemetry/sdk-node': '0.210.0',
        '@opentelemetry/sdk-metrics': '3.1.0',
      }),
    }),
    status: 'fail',
    finding: /two lines of OpenTelemetry JS/,
    fix: /0\.200 to 0\.299/,
  },
];
