import { bodyMatters } from '../faces/error-text.ts';
import { type AttemptEnd, NOT_NEEDED, type RequestLink } from './attempt-listener.ts';
import { HeldBody } from './held-answer.ts';
import type { Controller, ModernHandler, ResponseHeaders } from './undici-types.ts';

/**
 * The controller that the one who asked holds for the whole request: each attempt has a connection of its own, and
 * `pause` or `abort` must reach the present one.
 */
export class StableController implements Controller {
  target: Controller | undefined;
  #paused = false;
  readonly #onAbort: (reason: unknown) => void;
  #aborted = false;
  #reason: unknown = null;

  constructor(onAbort: (reason: unknown) => void) {
    this.#onAbort = onAbort;
  }

  /** The connection of the attempt that begins. */
  connect(target: Controller): void {
    this.target = target;
    if (this.#aborted) target.abort(this.#reason);
  }

  /** Lets data flow as the one who asked wants it. */
  hand(): void {
    if (this.#paused) this.target?.pause();
    else this.target?.resume();
  }

  pause(): void {
    this.#paused = true;
    this.target?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.target?.resume();
  }

  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason ?? null;
    this.target?.abort(reason);
    this.#onAbort(reason);
  }

  get aborted(): boolean {
    return this.#aborted || (this.target?.aborted ?? false);
  }

  get paused(): boolean {
    return this.#paused;
  }

  get reason(): unknown {
    return this.#aborted ? this.#reason : (this.target?.reason ?? null);
  }

  get rawHeaders(): unknown {
    return this.target?.rawHeaders ?? null;
  }

  get rawTrailers(): unknown {
    return this.target?.rawTrailers ?? null;
  }
}

/** Listens to one attempt in undici 7 and 8. */
export class ModernAttempt implements ModernHandler {
  readonly #link: RequestLink<ModernHandler>;
  readonly #stable: StableController;
  readonly #end: (end: AttemptEnd) => void;
  #controller: Controller | undefined;
  #head: [number, ResponseHeaders, string | undefined] | undefined;
  #held: HeldBody | undefined;
  #state: 'waiting' | 'held' | 'flowing' | 'dropped' = 'waiting';
  #trailers: ResponseHeaders | undefined;
  #error: { readonly error: unknown } | undefined;

  constructor(link: RequestLink<ModernHandler>, stable: StableController, end: (end: AttemptEnd) => void) {
    this.#link = link;
    this.#stable = stable;
    this.#end = end;
  }

  /** Ends the attempt from our side. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Controller, context: unknown): void {
    this.#controller = controller;
    this.#stable.connect(controller);
    if (!this.#link.firstStart) return;
    this.#link.firstStart = false;
    this.#link.downstream.onRequestStart?.(this.#stable, context);
  }

  onRequestUpgrade(_controller: Controller, status: number, headers: ResponseHeaders, socket: unknown): void {
    this.#link.downstream.onRequestUpgrade?.(this.#stable, status, headers, socket);
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

  onResponseStart(_controller: Controller, status: number, headers: ResponseHeaders, message?: string): void {
    if (status < 200) {
      this.#link.downstream.onResponseStart?.(this.#stable, status, headers, message);
      return;
    }
    this.#head = [status, headers, message];
    if (!bodyMatters(status)) {
      // No other attempt can follow: nothing to wait for.
      this.#release();
      this.#answer(undefined);
      return;
    }
    this.#state = 'held';
    this.#held = new HeldBody(this.#link.clock, (text) => this.#answer(text));
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#state === 'flowing') this.#link.downstream.onResponseData?.(this.#stable, chunk);
    else if (this.#state === 'held' && this.#held?.add(chunk) === false) controller.pause();
  }

  onResponseEnd(_controller: Controller, trailers: ResponseHeaders): void {
    if (this.#state === 'flowing') this.#link.downstream.onResponseEnd?.(this.#stable, trailers);
    this.#trailers = trailers;
    this.#held?.end(true);
  }

  onResponseError(_controller: Controller, error: unknown): void {
    if (this.#state === 'flowing') this.#link.downstream.onResponseError?.(this.#stable, error);
    else if (this.#head === undefined) this.#end({ kind: 'failure', error });
    this.#error = { error };
    this.#held?.end(false);
  }

  #answer(text: string | undefined): void {
    const [status, headers] = this.#head as [number, ResponseHeaders, string | undefined];
    this.#end({
      kind: 'answer',
      status,
      header: (name) => {
        const value = headers[name];
        return Array.isArray(value) ? value.join(', ') : value;
      },
      text,
      release: () => this.#release(),
      discard: () => this.#discard(),
    });
  }

  #release(): void {
    if (this.#state === 'flowing') return;
    const { downstream } = this.#link;
    const [status, headers, message] = this.#head as [number, ResponseHeaders, string | undefined];
    const held = this.#held?.chunks ?? [];
    const wasHeld = this.#state === 'held';
    this.#state = 'flowing';
    downstream.onResponseStart?.(this.#stable, status, headers, message);
    for (const chunk of held) downstream.onResponseData?.(this.#stable, chunk);
    if (this.#trailers !== undefined) downstream.onResponseEnd?.(this.#stable, this.#trailers);
    else if (this.#error !== undefined) downstream.onResponseError?.(this.#stable, this.#error.error);
    else if (wasHeld) this.#stable.hand();
  }

  #discard(): void {
    if (this.#state === 'flowing' || this.#state === 'dropped') return;
    this.#state = 'dropped';
    if (this.#trailers === undefined && this.#error === undefined) this.#controller?.abort(NOT_NEEDED);
  }
}
