import type { Clock } from '../clock.ts';

/** What an attempt over undici came to, as its handler saw it. */
export type AttemptEnd =
  | {
      readonly kind: 'answer';
      readonly status: number;
      header(name: string): string | undefined;
      /** The body's text, where it was read. */
      readonly text: string | undefined;
      /** Gives the answer on to the one who asked. */
      release(): void;
      /** Drops it, connection and all if need be. */
      discard(): void;
    }
  | { readonly kind: 'failure'; readonly error: unknown };

/** What the handlers of one request share over its attempts. */
export interface RequestLink<H> {
  /** The handler of the one who asked. */
  readonly downstream: H;
  readonly clock: Clock;
  /** True until the first attempt was announced downstream. */
  firstStart: boolean;
  /** The one who asked gave up. */
  abort(reason: unknown): void;
}

/** Given to discarded connections; nobody sees it. */
export const NOT_NEEDED: Error = new Error('The answer is not needed: the request is sent again.');
