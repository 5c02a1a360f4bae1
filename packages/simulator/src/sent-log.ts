/** One mail that the simulated provider accepted. Whatever the client was told: this was really sent. */
export interface SentMessage {
  /** Unix milliseconds of the simulator's clock. */
  readonly time: number;
  /** v3 grant id, or undefined for v2. */
  readonly grantId: string | undefined;
  /** v2 account id, or undefined for v3. */
  readonly accountId: string | undefined;
  /** Id of the message that the provider made. */
  readonly messageId: string;
  readonly subject: string;
  /** Addresses in `to`, `cc` and `bcc`. */
  readonly recipients: readonly string[];
  /** The `Idempotency-Key` of the request, if any. */
  readonly idempotencyKey: string | undefined;
  /** `x-request-id` of the request that caused it. */
  readonly requestId: string;
  /** Whether the body was multipart. */
  readonly multipart: boolean;
}

/** Older sends are forgotten above this. */
const MAX_SENT = 100_000;

/** The accepted sends, oldest first. */
export class SentLog {
  #sent: SentMessage[] = [];

  /** Adds an accepted send. */
  add(message: SentMessage): void {
    this.#sent.push(message);
    if (this.#sent.length > MAX_SENT * 1.1) this.#sent = this.#sent.slice(-MAX_SENT);
  }

  /** Every accepted send, oldest first. */
  list(): readonly SentMessage[] {
    return this.#sent.slice();
  }

  /** Forgets them. */
  clear(): void {
    this.#sent = [];
  }
}
