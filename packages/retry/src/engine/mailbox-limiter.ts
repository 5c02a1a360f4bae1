import type { Clock } from '../clock.ts';
import { type WaitFailure, WaitLine } from './wait-line.ts';

/** The right to one of the requests that may be under way at once on a mailbox. */
export interface Slot {
  /** Gives it back; counts once. */
  leave(): void;
}

interface Mailbox {
  inFlight: number;
  readonly line: WaitLine<Slot>;
}

/** How many requests may be under way at once for an account; `undefined` for any number. */
export type MailboxConcurrency = number | ((account: string) => number | undefined);

const UNLIMITED: Slot = { leave: () => undefined };

/**
 * Keeps the requests of a mailbox within a number at a time: Microsoft answers the fifth with 429. Only mailboxes with
 * requests under way take memory.
 */
export class MailboxLimiter {
  readonly #clock: Clock;
  readonly #limitOf: (account: string) => number | undefined;
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(clock: Clock, concurrency: MailboxConcurrency | undefined) {
    this.#clock = clock;
    this.#limitOf = typeof concurrency === 'function' ? concurrency : () => concurrency;
  }

  /** Mailboxes with requests under way. */
  get size(): number {
    return this.#mailboxes.size;
  }

  /** Takes a slot, now or when one is free. */
  enter(
    account: string | undefined,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Slot | Promise<Slot | WaitFailure> {
    const limit = account === undefined ? undefined : this.#limitOf(account);
    if (account === undefined || limit === undefined) return UNLIMITED;
    let mailbox = this.#mailboxes.get(account);
    if (mailbox === undefined) {
      mailbox = { inFlight: 0, line: new WaitLine<Slot>(this.#clock) };
      this.#mailboxes.set(account, mailbox);
    }
    if (mailbox.inFlight < limit) {
      mailbox.inFlight++;
      return this.#slot(account, mailbox);
    }
    return mailbox.line.wait(deadline, signal);
  }

  #slot(account: string, mailbox: Mailbox): Slot {
    let out = false;
    return {
      leave: () => {
        if (out) return;
        out = true;
        // Handed on where somebody waits: the number under way stays.
        if (mailbox.line.serve(this.#slot(account, mailbox))) return;
        mailbox.inFlight--;
        if (mailbox.inFlight === 0) this.#mailboxes.delete(account);
      },
    };
  }
}
