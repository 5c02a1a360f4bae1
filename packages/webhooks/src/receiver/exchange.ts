import type { NylasWebhookError } from '../errors.ts';

/** A request as the receiver takes it, whatever framework it came through. */
export interface WebhookRequest {
  readonly method: string;
  /** The raw query string, without its question mark; '' for none. */
  readonly query: string;
  /** The value of a header (its name in lower case), several values joined with commas. */
  header(name: string): string | undefined;
  /**
   * Reads the bytes on the wire and calls one of both back, once: `done` with them, or `failed` with why they are gone, too
   * many, cut off or late (a {@link NylasWebhookError}). Called at most once, not at all for a challenge or when the delivery
   * is shed. With a promise at hand: `promise.then(done, failed)`.
   */
  readBody(limits: BodyLimits, done: (body: Uint8Array) => void, failed: (error: unknown) => void): void;
}

/** What a body reader must keep to. */
export interface BodyLimits {
  /** Most bytes on the wire. */
  readonly maxBytes: number;
  /** Takes the memory of a chunk from the budget that all deliveries share; throws `NYLAS_WEBHOOK_OVERLOADED`. */
  take(bytes: number): void;
  /** Calls back when the time is up, at once if it is, in the place of who was to be called before. */
  onLate(giveUp: (error: NylasWebhookError) => void): void;
  /** What `work` comes to, or a rejection when the time is up; uses {@link BodyLimits.onLate}. */
  race<T>(work: Promise<T>): Promise<T>;
}

/** The answer. Every header is needed: the length, so that nothing is chunked; the type of a body (the challenge has one). */
export interface WebhookResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** ASCII. */
  readonly body: string;
}
