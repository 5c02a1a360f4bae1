import { bodyMatters } from '../faces/error-text.ts';
import { type AttemptEnd, NOT_NEEDED, type RequestLink } from './attempt-listener.ts';
import { HeldBody } from './held-answer.ts';
import type { LegacyHandler } from './undici-types.ts';

type Head = [status: number, headers: readonly Buffer[], message: string];

/** Listens to one attempt in undici 6. The same as `ModernAttempt` in the words of the older interface. */
export class LegacyAttempt implements LegacyHandler {
  readonly #link: RequestLink<LegacyHandler>;
  readonly #end: (end: AttemptEnd) => void;
  #abort: ((reason?: unknown) => void) | undefined;
  #head: Head | undefined;
  #resume: () => void = () => undefined;
  #held: HeldBody | undefined;
  #state: 'waiting' | 'held' | 'flowing' | 'dropped' = 'waiting';
  #trailers: { readonly trailers: readonly Buffer[] | null } | undefined;
  #error: { readonly error: unknown } | undefined;

  constructor(link: RequestLink<LegacyHandler>, end: (end: AttemptEnd) => void) {
    this.#link = link;
    this.#end = end;
  }

  /** Ends the attempt from our side. */
  abort(reason: unknown): void {
    this.#abort?.(reason);
  }

  onConnect(abort: (reason?: unknown) => void, context?: unknown): void {
    this.#abort = abort;
    if (!this.#link.firstStart) return;
    this.#link.firstStart = false;
    this.#link.downstream.onConnect?.((reason) => this.#link.abort(reason), context);
  }

  onUpgrade(status: number, headers: readonly Buffer[], socket: unknown): void {
    this.#link.downstream.onUpgrade?.(status, headers, socket);
  }

  onBodySent(...args: unknown[]): void {
    this.#link.downstream.onBodySent?.(...args);
  }

  onRequestSent(): void {
    this.#link.downstream.onRequestSent?.();
  }

  onResponseStarted(): void {
    this.#link.downstream.onResponseStarted?.();
  }

  onHeaders(status: number, headers: readonly Buffer[], resume: () => void, message: string): boolean {
    if (status < 200) return this.#link.downstream.onHeaders?.(status, headers, resume, message) ?? true;
    this.#head = [status, headers, message];
    this.#resume = resume;
    if (!bodyMatters(status)) {
      // No other attempt can follow: nothing to wait for.
      this.#state = 'flowing';
      const flow = this.#link.downstream.onHeaders?.(status, headers, resume, message) ?? true;
      this.#answer(undefined);
      return flow;
    }
    this.#state = 'held';
    this.#held = new HeldBody(this.#link.clock, (text) => this.#answer(text));
    return true;
  }

  onData(chunk: Buffer): boolean {
    if (this.#state === 'flowing') return this.#link.downstream.onData?.(chunk) ?? true;
    return this.#state === 'held' ? (this.#held?.add(chunk) ?? true) : true;
  }

  onComplete(trailers: readonly Buffer[] | null): void {
    if (this.#state === 'flowing') this.#link.downstream.onComplete?.(trailers);
    this.#trailers = { trailers };
    this.#held?.end(true);
  }

  onError(error: unknown): void {
    if (this.#state === 'flowing') this.#link.downstream.onError?.(error);
    else if (this.#head === undefined) this.#end({ kind: 'failure', error });
    this.#error = { error };
    this.#held?.end(false);
  }

  #answer(text: string | undefined): void {
    const [status, headers] = this.#head as Head;
    this.#end({
      kind: 'answer',
      status,
      header: (name) => rawHeader(headers, name),
      text,
      release: () => this.#release(),
      discard: () => this.#discard(),
    });
  }

  #release(): void {
    if (this.#state !== 'held') return;
    const { downstream } = this.#link;
    this.#state = 'flowing';
    const [status, headers, message] = this.#head as Head;
    let flow = downstream.onHeaders?.(status, headers, this.#resume, message) ?? true;
    for (const chunk of this.#held?.chunks ?? []) flow = downstream.onData?.(chunk) ?? true;
    if (this.#trailers !== undefined) downstream.onComplete?.(this.#trailers.trailers);
    else if (this.#error !== undefined) downstream.onError?.(this.#error.error);
    else if (flow) this.#resume();
  }

  #discard(): void {
    if (this.#state !== 'held') return;
    this.#state = 'dropped';
    if (this.#trailers === undefined && this.#error === undefined) this.#abort?.(NOT_NEEDED);
  }
}

function rawHeader(headers: readonly Buffer[], name: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toString('latin1').toLowerCase() === name)
      return headers[index + 1]?.toString('latin1');
  }
  return undefined;
}
