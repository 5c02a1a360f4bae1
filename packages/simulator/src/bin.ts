#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './options.ts';
import { SimulatorError } from './simulator-error.ts';
import type { SubscribeOptions } from './webhooks/webhooks.ts';

const HELP = `Usage: nylas-simulator [options]

A local Nylas API (v2 and v3) with faults.

  --port <number>       port to listen on (default 0: a free one)
  --host <address>      address to listen on (default 127.0.0.1)
  --grants <number>     v3 grants (default 3)
  --accounts <number>   v2 accounts (default 3)
  --seed <number>       everything invented comes from it (default 1)
  --api-key <text>      v3 API key to accept (default: derived from the seed)
  --client-id <text>    client id (default: derived from the seed)
  --client-secret <text>  v2 client secret to accept (default: derived from the seed)
  --region <us|eu>      region to be in (default us)
  --latency <ms>        time each answer takes (default 0)
  --scale <number>      simulated seconds in a real one (default 1); 0 stands still
  --webhook <url>       a v3 destination for every trigger; must answer the challenge; may be given several times
  --webhook-v2 <url>    the same for v2
  --webhook-secret <text>  secret of the v3 destinations (default: derived from the seed, printed)
  --tls                 also listen with TLS
  --http2               also listen with TLS and HTTP/2
  --no-limits           switch the rate limiters off
  --json                print one line of JSON instead of text
  --help                print this

Faults, lives of accounts, traffic, webhooks, time and the status page are steered over HTTP: see /__sim in the README.
`;

const text = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;
const flag = { type: 'boolean' } as const;
const FLAGS = {
  port: text,
  host: text,
  grants: text,
  accounts: text,
  seed: text,
  'api-key': text,
  'client-id': text,
  'client-secret': text,
  region: text,
  latency: text,
  scale: text,
  webhook: several,
  'webhook-v2': several,
  'webhook-secret': text,
  tls: flag,
  http2: flag,
  'no-limits': flag,
  json: flag,
  help: flag,
} as const;

/** How many ids are printed; more are at /__sim/grants and /__sim/accounts. */
const SHOWN = 3;

/** Numbers are checked by the simulator's own options; here a text becomes one. */
function toNumber(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.trim() === '' || Number.isNaN(Number(value))) {
    throw new SimulatorError('invalid_option', `--${name} must be a number`);
  }
  return Number(value);
}

interface Order {
  readonly options: SimulatorOptions;
  readonly json: boolean;
  readonly subscriptions: readonly SubscribeOptions[];
}

function readOptions(): Order | undefined {
  const { values } = parseArgs({ options: FLAGS });
  if (values.help === true) return undefined;
  const options: Record<string, unknown> = {
    port: toNumber('port', values.port),
    host: values.host,
    grants: toNumber('grants', values.grants),
    accounts: toNumber('accounts', values.accounts),
    seed: toNumber('seed', values.seed),
    apiKey: values['api-key'],
    clientId: values['client-id'],
    clientSecret: values['client-secret'],
    region: values.region,
    latency: toNumber('latency', values.latency),
    tls: values.tls,
    http2: values.http2,
    limits: values['no-limits'] !== true,
    clock: { scale: toNumber('scale', values.scale) },
  };
  const secret = values['webhook-secret'];
  const subscriptions: SubscribeOptions[] = [
    ...(values.webhook ?? []).map((url) => ({ url, ...(secret === undefined ? {} : { secret }) })),
    ...(values['webhook-v2'] ?? []).map((url) => ({ url, version: 'v2' as const })),
  ];
  return { options: options as SimulatorOptions, json: values.json === true, subscriptions };
}

async function main(): Promise<void> {
  const read = readOptions();
  if (read === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const { json, options, subscriptions } = read;
  // Only now: help and mistakes are answered at once.
  const { startSimulator } = await import('./simulator.ts');
  const simulator = await startSimulator(options);
  try {
    for (const one of subscriptions) await simulator.webhooks.subscribe(one);
  } catch (error) {
    await simulator.close();
    throw error;
  }
  const destinations = simulator.webhooks.destinations();
  const grants = simulator.grants.list().slice(0, SHOWN);
  const accounts = simulator.accounts.page(0, SHOWN);
  if (json) {
    const { url, tlsUrl, http2Url, ca, apiKey, clientId, clientSecret } = simulator;
    const ids = { grants: grants.map((one) => one.id), accounts: accounts.map((one) => one.id) };
    const more = {
      statusUrl: simulator.status.url,
      webhooks: destinations.map(({ id, version, url: to, secret }) => ({ id, version, url: to, secret })),
    };
    process.stdout.write(
      `${JSON.stringify({ url, tlsUrl, http2Url, ca, apiKey, clientId, clientSecret, ...ids, ...more })}\n`,
    );
  } else {
    const lines = [
      `Nylas simulator at ${simulator.url}`,
      ...(simulator.tlsUrl === undefined ? [] : [`  TLS            ${simulator.tlsUrl}`]),
      ...(simulator.http2Url === undefined ? [] : [`  HTTP/2         ${simulator.http2Url}`]),
      `  API key        ${simulator.apiKey}`,
      `  client id      ${simulator.clientId}`,
      `  client secret  ${simulator.clientSecret}`,
      ...grants.map((one) => `  grant          ${one.id}  ${one.provider}  ${one.email}`),
      ...accounts.map(
        (one) => `  account        ${one.id}  ${one.provider}  ${one.email}  token ${one.accessToken}`,
      ),
      ...destinations.map((one) => `  webhook        ${one.version}  ${one.url}  secret ${one.secret}`),
      `  status page    ${simulator.status.url}/api/v2/summary.json`,
      `  control        ${simulator.url}/__sim`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  const stop = (): void => {
    void simulator.close();
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`nylas-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
