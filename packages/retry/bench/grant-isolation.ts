import { withUs } from './world/clients.ts';
import { drive, type PlannedCall, percentile } from './world/drive.ts';
import { atMost, type Row, round } from './world/row.ts';
import type { ServerReply, ServerRequest, SimulatedServer } from './world/server.ts';
import { seededRandom, VirtualTime } from './world/virtual-time.ts';

const GRANTS = 100;
const PER_SECOND = 200;
const SECONDS = 60;
/** The grant that is limited, and how much of the traffic is its. */
const LIMITED = 0;
const HOT_SHARE = 0.25;
const RETRY_AFTER_S = 7;

/**
 * A Nylas with the latency and the failures of every day. Each call has its own chances, the same whether a grant is
 * limited or not, so that the two runs differ in nothing else.
 */
class EverydayServer implements SimulatedServer {
  readonly time: VirtualTime;
  readonly #limits: boolean;
  readonly #attempts = new Map<string, number>();

  constructor(time: VirtualTime, limits: boolean) {
    this.time = time;
    this.#limits = limits;
  }

  handle({ grant, call }: ServerRequest): ServerReply {
    const attempt = (this.#attempts.get(call) ?? 0) + 1;
    this.#attempts.set(call, attempt);
    const random = seededRandom(Number(call) * 31 + attempt);
    // Log-normal, 200 ms in the middle, 1.3 s at the 99th percentile.
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const latencyMs = 200 * Math.exp(0.8 * normal);
    if (grant === LIMITED && this.#limits) {
      const body = '{"error":{"type":"rate_limit_error","provider_error":{"code":"ApplicationThrottled"}}}';
      return { status: 429, headers: { 'retry-after': String(RETRY_AFTER_S) }, body, latencyMs };
    }
    const chance = random();
    if (chance < 0.01) return { reset: true, latencyMs };
    if (chance < 0.02) return { status: 502, headers: {}, body: '<html>', latencyMs };
    return { status: 200, headers: {}, body: '{}', latencyMs };
  }
}

async function p99OfOthers(limits: boolean): Promise<{ p99: number; failed: number }> {
  const time = new VirtualTime();
  const server = new EverydayServer(time, limits);
  const { calls, succeeded, times } = await drive(
    time,
    withUs(server, seededRandom(3)),
    plan(),
    Number.POSITIVE_INFINITY,
    ({ grant }) => grant !== LIMITED,
  );
  return { p99: percentile(times, 0.99), failed: calls - succeeded };
}

function plan(): PlannedCall[] {
  const random = seededRandom(5);
  return Array.from({ length: PER_SECOND * SECONDS }, (_, index) => ({
    atMs: (index * 1_000) / PER_SECOND,
    grant: random() < HOT_SHARE ? LIMITED : 1 + Math.floor(random() * (GRANTS - 1)),
    send: false,
    name: String(index),
  }));
}

/** How much a grant that is limited the whole time, and asks most, changes the 99th percentile of the others. */
export async function rows(): Promise<Row[]> {
  const quiet = await p99OfOthers(false);
  const limited = await p99OfOthers(true);
  const change = Math.abs(limited.p99 / quiet.p99 - 1) * 100;
  const peer = `p99 ${Math.round(quiet.p99)} ms without, ${Math.round(limited.p99)} ms with a grant limited; failed ${quiet.failed} and ${limited.failed}`;
  return [atMost("retry: change of other grants' p99 by a limited grant", round(change, 3), '%', 5, peer)];
}
