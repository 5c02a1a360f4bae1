#!/usr/bin/env node
import { parseArgs } from 'node:util';
import type { SimulatorOptions } from './options.ts';
import { startSimulator } from './simulator.ts';
import { SimulatorError } from './simulator-error.ts';

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
  --tls                 also listen with TLS
  --http2               also listen with TLS and HTTP/2
  --no-limits           switch the rate limiters off
  --json                print one line of JSON instead of text
  --help                print this

Faults and states are set over HTTP: see POST /__sim/faults, /__sim/grants and /__sim/accounts in the README.
`;

const text = { type: 'string' } as const;
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

function readOptions(): (SimulatorOptions & { readonly json: boolean }) | undefined {
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
  };
  return { ...(options as SimulatorOptions), json: values.json === true };
}

async function main(): Promise<void> {
  const read = readOptions();
  if (read === undefined) {
    process.stdout.write(HELP);
    return;
  }
  const { json, ...options } = read;
  const simulator = await startSimulator(options);
  const grants = simulator.grants.list().slice(0, SHOWN);
  const accounts = simulator.accounts.page(0, SHOWN);
  if (json) {
    const { url, tlsUrl, http2Url, ca, apiKey, clientId, clientSecret } = simulator;
    const ids = { grants: grants.map((one) => one.id), accounts: accounts.map((one) => one.id) };
    process.stdout.write(
      `${JSON.stringify({ url, tlsUrl, http2Url, ca, apiKey, clientId, clientSecret, ...ids })}\n`,
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
