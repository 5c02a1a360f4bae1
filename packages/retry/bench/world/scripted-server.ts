import type { ServerReply, ServerRequest, SimulatedServer } from './server.ts';
import { seededRandom, type VirtualTime } from './virtual-time.ts';

const SECOND = 1_000;
/** What a provider allows a mailbox: requests in a minute. */
const PER_MINUTE = 90;
const MINUTE = 60 * SECOND;
/** Nothing answers for two seconds. */
const OUTAGE = [150 * SECOND, 152 * SECOND] as const;
/** Every third request fails for ten seconds. */
const BROWNOUT = [240 * SECOND, 250 * SECOND] as const;
const HOUR = 3_600 * SECOND;

const ERROR = (type: string): string => JSON.stringify({ request_id: 'r', error: { type, message: 'm' } });
const PROVIDER_ERROR = '{"error":{"type":"provider_error","provider_error":{"code":"x"}}}';

/**
 * Five minutes of a Nylas as customers describe it (NYLAS.md): some errors all the time, mailboxes whose provider limits
 * them, a short outage, a brownout. What happens to a request depends on the call and the attempt alone, and on what the
 * client did before: every library meets the same script.
 */
export class ScriptedServer implements SimulatedServer {
  readonly time: VirtualTime;
  arrived = 0;
  readonly #countsRefused: boolean;
  readonly #start: number;
  readonly #attempts = new Map<string, number>();
  readonly #recent = new Map<number, number[]>();
  readonly #sent = new Map<string, number>();
  readonly #keys = new Map<string, { readonly since: number; readonly reply: ServerReply }>();

  /** @param countsRefused whether a refused request counts towards the limit, as with Microsoft Graph, or not */
  constructor(time: VirtualTime, countsRefused: boolean) {
    this.time = time;
    this.#countsRefused = countsRefused;
    this.#start = time.now();
  }

  /** Deliveries beyond the first of each send. */
  get duplicates(): number {
    let too = 0;
    for (const times of this.#sent.values()) too += times - 1;
    return too;
  }

  handle(request: ServerRequest): ServerReply {
    this.arrived++;
    const attempt = (this.#attempts.get(request.call) ?? 0) + 1;
    this.#attempts.set(request.call, attempt);
    const random = seededRandom(hash(request.call) + attempt * 7_919);
    const at = this.time.now() - this.#start;
    const latencyMs = 80 + random() * 240;
    if (at >= OUTAGE[0] && at < OUTAGE[1]) return { status: 503, headers: {}, body: '<html>', latencyMs };
    if (at >= BROWNOUT[0] && at < BROWNOUT[1] && random() < 1 / 3)
      return { status: 502, headers: {}, body: '<html>', latencyMs };
    const limited = this.#limit(request.grant);
    if (limited !== undefined) return { ...limited, latencyMs };
    const chance = random();
    if (chance < 0.004) return { reset: true, latencyMs };
    if (chance < 0.008) return { status: 502, headers: {}, body: '<html>', latencyMs };
    if (chance < 0.011) return { status: 500, headers: {}, body: ERROR('api.internal_error'), latencyMs };
    return request.method === 'POST'
      ? this.#send(request, random, latencyMs)
      : chance < 0.015
        ? { status: 504, headers: {}, body: PROVIDER_ERROR, latencyMs }
        : { status: 200, headers: {}, body: '{}', latencyMs };
  }

  /** A sliding minute for each mailbox. */
  #limit(grant: number): { status: number; headers: Record<string, string>; body: string } | undefined {
    const now = this.time.now();
    const recent = (this.#recent.get(grant) ?? []).filter((time) => time > now - MINUTE);
    const refused = recent.length >= PER_MINUTE;
    if (!refused || this.#countsRefused) recent.push(now);
    this.#recent.set(grant, recent);
    if (!refused) return undefined;
    // Free again when enough of the last minute is over.
    const free = (recent[recent.length - PER_MINUTE] as number) + MINUTE;
    const seconds = Math.max(1, Math.ceil((free - now) / SECOND));
    return {
      status: 429,
      headers: { 'retry-after': String(seconds) },
      body: PROVIDER_ERROR.replace('provider_error', 'rate_limit_error'),
    };
  }

  #send(
    { call, grant, idempotencyKey }: ServerRequest,
    random: () => number,
    latencyMs: number,
  ): ServerReply {
    const now = this.time.now();
    const name = `${grant} ${idempotencyKey}`;
    const known = idempotencyKey === undefined ? undefined : this.#keys.get(name);
    if (known !== undefined && now - known.since < HOUR) return known.reply;
    this.#sent.set(call, (this.#sent.get(call) ?? 0) + 1);
    const reply: ServerReply = { status: 200, headers: {}, body: '{}', latencyMs };
    if (idempotencyKey !== undefined)
      this.#keys.set(name, { since: now, reply: { ...reply, headers: { 'idempotent-response': 'true' } } });
    // One in a hundred answers is lost after the mail went out.
    return random() < 0.01 ? { reset: true, latencyMs } : reply;
  }
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index++)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619);
  return value >>> 0;
}
