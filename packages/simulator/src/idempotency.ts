import { createHash } from 'node:crypto';
import type { Exchange } from './http/exchange.ts';
import type { Reply } from './http/reply.ts';

/** Nylas keeps a key for one hour. */
const KEEP_MS = 3_600_000;
/** The oldest keys go above this. */
const MAX_KEYS = 50_000;

/** What is known under a key. */
export interface IdempotencyEntry {
  readonly payload: string;
  readonly since: number;
  /** The first answer; undefined while the first request is under way. */
  reply: Reply | undefined;
}

/** Answers to sends by scope (grant) and `Idempotency-Key`. */
export class IdempotencyStore {
  readonly #entries = new Map<string, IdempotencyEntry>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** The entry under a key, while it lives. */
  get(scope: string, key: string): IdempotencyEntry | undefined {
    const name = `${scope}\n${key}`;
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (this.#now() - entry.since < KEEP_MS) return entry;
    this.#entries.delete(name);
    return undefined;
  }

  /** Begins a key: until the entry has a reply, the same key is in progress. */
  begin(scope: string, key: string, payload: string): IdempotencyEntry {
    const entry: IdempotencyEntry = { payload, since: this.#now(), reply: undefined };
    this.#entries.set(`${scope}\n${key}`, entry);
    if (this.#entries.size > MAX_KEYS) this.#entries.delete(this.#entries.keys().next().value as string);
    return entry;
  }

  /** Gives a key up, as when the request never reached the API. */
  forget(scope: string, key: string): void {
    this.#entries.delete(`${scope}\n${key}`);
  }

  /** Forgets every key. */
  clear(): void {
    this.#entries.clear();
  }
}

/** Longest key Nylas takes. */
const MAX_KEY_LENGTH = 256;

/**
 * Answers a send once per key: the first request runs, later ones with the same payload get its answer again, errors
 * included; other payloads and requests that are still under way get 409.
 * @param produce does the work; called at most once per key
 */
export function answerOnce(x: Exchange, scope: string, produce: () => Reply): Reply {
  const key = x.header('idempotency-key');
  if (key === undefined) return produce();
  if (key.length > MAX_KEY_LENGTH) {
    return x.fail(
      400,
      'api.invalid_idempotency_key',
      `The idempotency key is longer than ${MAX_KEY_LENGTH} characters.`,
    );
  }
  const store = x.world.idempotency;
  const payload = createHash('sha256').update(x.bytes).digest('base64');
  const known = store.get(scope, key);
  if (known === undefined) {
    const entry = store.begin(scope, key, payload);
    const reply = produce();
    // The key stays "in progress" until the client has its answer: that is what a slow provider looks like.
    x.whenAnswered = () => {
      entry.reply = reply;
    };
    return reply;
  }
  if (known.payload !== payload) {
    return x.fail(
      409,
      'api.invalid_idempotent_request',
      'The idempotency key was already used with a different request payload.',
    );
  }
  if (known.reply === undefined) {
    return x.fail(
      409,
      'api.concurrent_idempotent_request',
      'A request with the same idempotency key is still in progress.',
    );
  }
  return { ...known.reply, headers: [...(known.reply.headers ?? []), 'idempotent-response', 'true'] };
}
