import { startSimulator } from '@nylas-otel/simulator';
import Nylas from 'nylas8';
import type { Clock } from '../src/clock.ts';
import { NylasRetryState, type RetryOptions, withRetry } from '../src/index.ts';
import { type Client, type ClientCall, PEERS, withUs } from './world/clients.ts';
import { drive, type PlannedCall } from './world/drive.ts';
import { atMost, type Row } from './world/row.ts';
import { SendingServer } from './world/sending-server.ts';
import type { SimulatedServer } from './world/server.ts';
import { withVirtualGlobals } from './world/virtual-globals.ts';
import { seededRandom, VirtualTime } from './world/virtual-time.ts';

const SENDS = 10_000;
const SENDS_OF_PEERS = 2_000;
const SENDS_OVER_HTTP = 400;
// Four kinds of users: the defaults, one in a hurry, and two who wait for hours and would outlive a key.
const USERS: readonly RetryOptions[] = [
  {},
  { deadlineMs: 8_000 },
  { deadlineMs: 4 * 3_600_000, attempts: 100, maxDelayMs: 30 * 60_000, throttleDelayMs: 20_000 },
  { deadlineMs: Number.POSITIVE_INFINITY, attempts: 30 },
];

const plan = (sends: number): PlannedCall[] =>
  Array.from({ length: sends }, (_, index) => ({
    atMs: index * 500,
    grant: index % 500,
    send: true,
    name: `send-${index}`,
  }));

/** Our client for all users; they share the process's state, as in a service. */
function ofAllUsers(server: SimulatedServer, random: () => number): Client {
  // No budget: this is about what is sent twice, so as much as possible is sent again.
  const state = new NylasRetryState({ clock: server.time, random, budget: false });
  const clients = USERS.map((options) => withUs(server, random, { ...options, state }));
  return {
    name: '@nylas-otel/retry',
    call: (call: ClientCall) => (clients[Number(call.name.slice(5)) % USERS.length] as Client).call(call),
  };
}

async function sendAll(
  make: (server: SimulatedServer, random: () => number) => Client,
  sends: number,
): Promise<{ server: SendingServer; told: number; name: string }> {
  const time = new VirtualTime();
  const server = new SendingServer(time, 11);
  const random = seededRandom(13);
  return withVirtualGlobals(time, random, async () => {
    const client = make(server, random);
    const { succeeded } = await drive(time, client, plan(sends), Number.POSITIVE_INFINITY);
    return { server, told: succeeded, name: client.name };
  });
}

/** Time that runs 200 times as fast, so that waits of seconds take milliseconds over a real connection. */
const fastClock: Clock = {
  now: () => performance.now() * 200,
  setTimeout: (work, ms) => setTimeout(work, ms / 200),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

async function duplicatesOverHttp(): Promise<{ duplicates: number; told: number; requests: number }> {
  await using simulator = await startSimulator({ limits: false, seed: 17, grants: 10 });
  const faults = [
    ['reset_before_headers', 0.08],
    ['bad_gateway_html', 0.08],
    ['internal_error', 0.08],
    ['sent_then_504', 0.1],
    ['concurrent_request', 0.05],
    ['rate_limit_nylas', 0.05],
    ['rate_limit_provider', 0.05],
    ['provider_failure', 0.05],
    ['unavailable', 0.05],
    ['reset_mid_body', 0.05],
    ['slow', 0.1],
  ] as const;
  for (const [fault, probability] of faults)
    simulator.faults.add({ fault, probability, method: 'POST', options: fault === 'slow' ? { ms: 30 } : {} });
  const random = seededRandom(19);
  const state = new NylasRetryState({ clock: fastClock, random, budget: false });
  // The package declares CommonJS types for its ES module.
  const Sdk = Nylas as unknown as typeof Nylas.default;
  const nylas = withRetry(new Sdk({ apiKey: simulator.apiKey, apiUri: simulator.url }), {
    state,
    attempts: 20,
    deadlineMs: 3_000_000,
  });
  const grants = simulator.grants.list();
  let told = 0;
  for (let first = 0; first < SENDS_OVER_HTTP; first += 20) {
    const batch = Array.from({ length: 20 }, (_, index) => {
      const identifier = grants[index % grants.length]?.id as string;
      const requestBody = { to: [{ email: 'a@example.com' }], subject: `send-${first + index}`, body: 'x' };
      return nylas.messages.send({ identifier, requestBody }).then(
        () => told++,
        () => undefined,
      );
    });
    await Promise.all(batch);
  }
  const subjects = simulator.sent.map(({ subject }) => subject);
  return {
    duplicates: subjects.length - new Set(subjects).size,
    told,
    requests: simulator.requests.total,
  };
}

/** Messages delivered more than once in 10,000 sends with faults everywhere, and in fewer over real HTTP and the SDK. */
export async function rows(): Promise<Row[]> {
  const ours = await sendAll(ofAllUsers, SENDS);
  const peers: string[] = [];
  for (const make of PEERS) {
    const { server, told, name } = await sendAll(make, SENDS_OF_PEERS);
    peers.push(`${name} ${server.duplicates} (${Math.round((100 * told) / SENDS_OF_PEERS)} % told sent)`);
  }
  const told = `${Math.round((100 * ours.told) / SENDS)} % told sent in ${ours.server.arrived} requests`;
  const http = await duplicatesOverHttp();
  return [
    atMost(
      'retry: duplicate sends in 10,000',
      ours.server.duplicates,
      'duplicates',
      0,
      `ours ${told}; of ${SENDS_OF_PEERS}: ${peers.join(', ')}`,
    ),
    atMost(
      `retry: duplicate sends in ${SENDS_OVER_HTTP}, SDK 8 over HTTP`,
      http.duplicates,
      'duplicates',
      0,
      `${Math.round((100 * http.told) / SENDS_OVER_HTTP)} % told sent in ${http.requests} requests`,
    ),
  ];
}
