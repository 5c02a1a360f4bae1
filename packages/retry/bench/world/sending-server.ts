import type { ServerReply, ServerRequest, SimulatedServer } from './server.ts';
import { seededRandom, type VirtualTime } from './virtual-time.ts';

interface Known {
  readonly since: number;
  /** When the first request with the key has its answer. */
  readonly doneAt: number;
  readonly reply: {
    readonly status: number;
    readonly headers: Record<string, string>;
    readonly body: string;
  };
}

const HOUR_MS = 3_600_000;

const json = (status: number, error: object, headers: Record<string, string> = {}): Known['reply'] => ({
  status,
  headers,
  body: JSON.stringify({ request_id: 'r', error }),
});
const PROVIDER_ERROR = { type: 'provider_error', message: 'm', provider_error: { code: 'x' } };
const RUNNING = json(409, { type: 'api.concurrent_idempotent_request', message: 'm' });
const HTML_502 = { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>502</html>' };
const HTML_504 = { status: 504, headers: { 'content-type': 'text/html' }, body: '<html>504</html>' };

/**
 * Where mail is sent: Nylas with its key store of one hour, which keeps errors too, and a mail provider behind it that
 * may accept a message and fail afterwards. Whatever the client is told, `sent` knows what was delivered.
 */
export class SendingServer implements SimulatedServer {
  readonly time: VirtualTime;
  /** Deliveries by call. */
  readonly sent: Map<string, number> = new Map();
  arrived = 0;
  readonly #store = new Map<string, Known>();
  readonly #random: () => number;

  constructor(time: VirtualTime, seed: number) {
    this.time = time;
    this.#random = seededRandom(seed);
  }

  /** Messages that were delivered more than once, counted by the deliveries too many. */
  get duplicates(): number {
    let too = 0;
    for (const times of this.sent.values()) too += times - 1;
    return too;
  }

  handle(request: ServerRequest): ServerReply {
    this.arrived++;
    const random = this.#random;
    const chance = random();
    const latencyMs = 50 + random() * 400;
    // On the way to Nylas.
    if (chance < 0.06) return { reset: true, latencyMs };
    if (chance < 0.1) return { ...HTML_502, latencyMs };
    // In front of the key store.
    if (chance < 0.14) return { ...this.#limited({ type: 'nylas_rate_limit_exceeded' }), latencyMs };
    const { reply, doneInMs } = this.#atStore(request);
    // On the way back: the answer is lost, or the edge gives up while Nylas goes on.
    const back = random();
    if (back < 0.08) return { reset: true, latencyMs: latencyMs + doneInMs };
    if (back < 0.11) return { ...HTML_504, latencyMs };
    if (back < 0.13) return { ...HTML_502, latencyMs };
    if (back < 0.15) return { reset: true, latencyMs };
    return { ...reply, latencyMs: latencyMs + doneInMs };
  }

  #atStore({ grant, idempotencyKey, call }: ServerRequest): { reply: Known['reply']; doneInMs: number } {
    const now = this.time.now();
    const name = idempotencyKey === undefined ? undefined : `${grant} ${idempotencyKey}`;
    const known = name === undefined ? undefined : this.#store.get(name);
    if (known !== undefined && now - known.since < HOUR_MS) {
      if (now < known.doneAt) return { reply: RUNNING, doneInMs: 0 };
      const headers = { ...known.reply.headers, 'idempotent-response': 'true' };
      return { reply: { ...known.reply, headers }, doneInMs: 0 };
    }
    const { reply, delivered } = this.#send();
    if (delivered) this.sent.set(call, (this.sent.get(call) ?? 0) + 1);
    // Mostly quick; some providers take as long as Nylas waits.
    const doneInMs = this.#random() < 0.1 ? 5_000 + this.#random() * 85_000 : this.#random() * 2_000;
    if (name !== undefined) this.#store.set(name, { since: now, doneAt: now + doneInMs, reply });
    return { reply, doneInMs };
  }

  /** What the provider does, and what Nylas makes of it. */
  #send(): { reply: Known['reply']; delivered: boolean } {
    const chance = this.#random();
    if (chance < 0.06) return { reply: json(504, PROVIDER_ERROR), delivered: true };
    if (chance < 0.09) return { reply: json(504, PROVIDER_ERROR), delivered: false };
    if (chance < 0.13) return { reply: json(500, { type: 'api.internal_error' }), delivered: true };
    if (chance < 0.16) return { reply: json(500, { type: 'api.internal_error' }), delivered: false };
    if (chance < 0.18) return { reply: json(503, PROVIDER_ERROR), delivered: this.#random() < 0.5 };
    if (chance < 0.2) return { reply: this.#unavailable(), delivered: this.#random() < 0.5 };
    if (chance < 0.24)
      return {
        reply: this.#limited({ type: 'rate_limit_error', provider_error: 'slow down' }),
        delivered: false,
      };
    if (chance < 0.26) return { reply: json(402, { type: 'bad_request' }), delivered: false };
    return { reply: json(200, {}), delivered: true };
  }

  #limited(error: object): Known['reply'] {
    return json(429, error, this.#retryAfter());
  }

  #unavailable(): Known['reply'] {
    return json(503, { type: 'api.server_error' }, this.#retryAfter());
  }

  // Mostly none or seconds; now and then longer than Nylas remembers a key.
  #retryAfter(): Record<string, string> {
    const chance = this.#random();
    if (chance < 0.5) return {};
    const seconds = chance < 0.9 ? Math.ceil(this.#random() * 20) : Math.ceil(this.#random() * 7_200);
    return { 'retry-after': String(seconds) };
  }
}
