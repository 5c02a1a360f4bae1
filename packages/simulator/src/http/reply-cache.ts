import type { Mailboxes } from '../data/mailbox.ts';
import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/** Everything is dropped above these; the next requests fill it again. */
const MAX_REPLIES = 1000;
const MAX_CHARACTERS = 8_000_000;

interface Kept {
  /** The body behind its request id. */
  readonly tail: string;
  readonly reply: Reply;
}

/**
 * Reads of generated mailboxes, kept until anyone writes. Making and printing a page of 50 messages takes about 0.2 ms;
 * benchmarks ask for the same page a million times and should measure the client, not us.
 */
export class ReplyCache {
  readonly #mailboxes: Mailboxes;
  readonly #kept = new Map<string, Kept>();
  #version = -1;
  #characters = 0;

  constructor(mailboxes: Mailboxes) {
    this.#mailboxes = mailboxes;
  }

  /** Answers from what is kept, or lets the route answer and keeps that. */
  answer(x: Exchange, produce: () => Reply | Promise<Reply>): Reply | Promise<Reply> {
    const { route, grant } = x;
    if (route?.cacheable !== true || grant === undefined) return produce();
    if (this.#version !== this.#mailboxes.version) this.#clear();
    const key = `${grant.id} ${x.path}${x.search}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return { ...kept.reply, body: `{"request_id":"${x.requestId}"${kept.tail}` };
    const reply = produce();
    if (!(reply instanceof Promise)) this.#keep(x, key, reply);
    return reply;
  }

  #keep(x: Exchange, key: string, reply: Reply): void {
    const head = `{"request_id":"${x.requestId}"`;
    if (reply.status !== 200 || typeof reply.body !== 'string' || !reply.body.startsWith(head)) return;
    // Reading may write, as the settling of a schedule does; such an answer is not kept.
    if (this.#version !== this.#mailboxes.version) return;
    this.#characters += key.length + reply.body.length;
    if (this.#kept.size >= MAX_REPLIES || this.#characters > MAX_CHARACTERS) this.#clear();
    this.#kept.set(key, { tail: reply.body.slice(head.length), reply });
  }

  #clear(): void {
    this.#kept.clear();
    this.#characters = 0;
    this.#version = this.#mailboxes.version;
  }
}
