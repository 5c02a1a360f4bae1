import { type Client, PEERS, withUs } from './world/clients.ts';
import { drive, type PlannedCall } from './world/drive.ts';
import { atMost, type Row, round } from './world/row.ts';
import type { SimulatedServer } from './world/server.ts';
import { withVirtualGlobals } from './world/virtual-globals.ts';
import { seededRandom, VirtualTime } from './world/virtual-time.ts';

const PER_SECOND = 200;
const HEALTHY_MS = 10_000;
const OUTAGE_MS = 30_000;

/** A Nylas that answers, then answers nothing but 503. Counts what arrives then. */
class FailingServer implements SimulatedServer {
  readonly time: VirtualTime;
  readonly #start: number;
  readonly #outageFrom: number;
  arrivedInOutage = 0;

  constructor(time: VirtualTime, healthyMs: number) {
    this.time = time;
    this.#start = time.now();
    this.#outageFrom = healthyMs;
  }

  handle(): ReturnType<SimulatedServer['handle']> {
    const at = this.time.now() - this.#start;
    const out = at >= this.#outageFrom;
    if (out && at < this.#outageFrom + OUTAGE_MS) this.arrivedInOutage++;
    return { status: out ? 503 : 200, headers: {}, body: '{}', latencyMs: 100 };
  }
}

/** Load on the server during the outage, as a multiple of the calls made in it. */
async function loadUnderOutage(
  make: (server: SimulatedServer, random: () => number) => Client,
  healthyMs: number,
): Promise<number> {
  const time = new VirtualTime();
  const server = new FailingServer(time, healthyMs);
  const random = seededRandom(7);
  await withVirtualGlobals(time, random, async () => {
    const client = make(server, random);
    await drive(time, client, plan(healthyMs + OUTAGE_MS), Number.POSITIVE_INFINITY);
  });
  return server.arrivedInOutage / ((OUTAGE_MS / 1_000) * PER_SECOND);
}

function plan(forMs: number): PlannedCall[] {
  const gap = 1_000 / PER_SECOND;
  return Array.from({ length: forMs / gap }, (_, index) => ({
    atMs: index * gap,
    grant: index % 100,
    send: false,
    name: `call-${index}`,
  }));
}

/** Load on the server under a full outage at 200 requests a second, after a good time and from the start. */
export async function rows(): Promise<Row[]> {
  const peers: string[] = [];
  for (const make of PEERS) {
    const load = await loadUnderOutage(make, HEALTHY_MS);
    peers.push(`${make({ time: new VirtualTime(), handle: () => never() }).name} ${load.toFixed(2)}x`);
  }
  const after = await loadUnderOutage(withUs, HEALTHY_MS);
  const fromStart = await loadUnderOutage(withUs, 0);
  return [
    atMost('retry: load under a full outage at 200 req/s', round(after, 4), 'x', 1.1, peers.join(', ')),
    atMost('retry: the same from the start of the process', round(fromStart, 4), 'x', 1.1, peers.join(', ')),
  ];
}

function never(): never {
  throw new Error('only asked for its name');
}
