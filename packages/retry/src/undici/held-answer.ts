import type { Clock } from '../clock.ts';

// As for fetch: error bodies are short, and a slow or long one is judged by its status.
const MOST_BYTES = 65_536;
const LONGEST_MS = 1_000;

/**
 * The body of an answer that may be followed by another attempt: held until it is read or turns out long or slow, then
 * given on or dropped.
 */
export class HeldBody {
  readonly chunks: Buffer[] = [];
  #size = 0;
  #timer: unknown;
  readonly #clock: Clock;
  #onRead: ((text: string | undefined) => void) | undefined;

  /** @param onRead called once: with the text, or without when the body is long, slow or broken */
  constructor(clock: Clock, onRead: (text: string | undefined) => void) {
    this.#clock = clock;
    this.#onRead = onRead;
    this.#timer = clock.setTimeout(() => this.end(false), LONGEST_MS);
  }

  /** Takes a chunk; false when the connection should pause, as enough is held. */
  add(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.#size += chunk.byteLength;
    if (this.#size <= MOST_BYTES) return true;
    this.end(false);
    return false;
  }

  /** The body is over, or nobody waits for its end any more. */
  end(complete: boolean): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    const onRead = this.#onRead;
    this.#onRead = undefined;
    onRead?.(complete ? Buffer.concat(this.chunks).toString('utf8') : undefined);
  }
}
