import type { RateLimitSource } from '@nylas-otel/nylas-api';
import type { Clock } from '../clock.ts';
import { Gate, type Passage } from '../policy/gate.ts';
import { type WaitFailure, WaitLine } from './wait-line.ts';

/** The right to send one request. */
export interface Pass {
  /** Says how the request came back; counts once. */
  leave(passage: Passage): void;
}

/** A request that may not be sent now. */
export interface Refusal {
  readonly refused: 'deadline' | 'queue';
  /** When the gate opens at the earliest, in Unix milliseconds. */
  readonly retryAt: number;
}

interface Entry {
  readonly gate: Gate;
  readonly line: WaitLine<Pass>;
  timer: unknown;
}

/** Grants that are limited at the same time are few; hostile or broken ones are not. */
const MOST_GATES = 10_000;
const MOST_WAITING = 1_000;
// A gate nobody asked for in a minute has nothing to hold back.
const IDLE_MS = 60_000;
const SWEEP_EVERY_MS = 1_000;
// A request let through as a probe may hang for 90 s; others need not wait for its end.
const STALLED_MS = 5_000;

const OPEN: Pass = { leave: () => undefined };

/** The gates of a process: one for each grant and endpoint class that is limited, none for the others. */
export class Gatekeeper {
  readonly #clock: Clock;
  readonly #entries = new Map<string, Entry>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Gates at the moment, closed or half open. */
  get size(): number {
    return this.#entries.size;
  }

  /** Lets a request pass: at once where nothing is limited, else in its turn, at the latest at `deadline`. */
  enter(
    key: string,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Pass | Refusal | Promise<Pass | Refusal | 'aborted'> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return OPEN;
    const now = this.#clock.now();
    const { gate, line } = entry;
    if (isStale(entry, now)) {
      this.#entries.delete(key);
      return OPEN;
    }
    if (line.length === 0 && gate.tryEnter(now)) return this.#pass(key, entry);
    if (gate.isClosed(now) && gate.closedUntil >= deadline)
      return { refused: 'deadline', retryAt: gate.closedUntil };
    if (line.length >= MOST_WAITING) return { refused: 'queue', retryAt: Math.max(now, gate.closedUntil) };
    const waiting = line.wait(deadline, signal);
    this.#pump(key, entry);
    return waiting.then((outcome) => this.#afterWait(entry, outcome));
  }

  /**
   * A limit was reached: closes the gate until a time, for all requests with this key.
   *
   * @param untilOf gives the time from how often the gate was closed in a row before
   */
  limited(key: string, source: RateLimitSource, untilOf: (level: number) => number): void {
    const now = this.#clock.now();
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#makeRoom(now);
      entry = { gate: new Gate(source, untilOf(0)), line: new WaitLine<Pass>(this.#clock), timer: undefined };
      this.#entries.set(key, entry);
      return;
    }
    const { gate } = entry;
    // Those sent before the gate closed come back limited too: one closing, one level.
    const level = gate.isClosed(now) ? gate.level : gate.level + 1;
    gate.close(now, untilOf(level), source);
    entry.line.dismissBefore(gate.closedUntil);
    this.#pump(key, entry);
  }

  /** When the gate of a key opens, if it is closed. */
  closedUntil(key: string): number | undefined {
    const gate = this.#entries.get(key)?.gate;
    return gate?.isClosed(this.#clock.now()) === true ? gate.closedUntil : undefined;
  }

  /** Closed gates by who set their limit. */
  closed(): Record<RateLimitSource, number> {
    const now = this.#clock.now();
    const counts = { nylas: 0, provider: 0, unknown: 0 };
    for (const [key, entry] of this.#entries) {
      if (entry.gate.isClosed(now)) counts[entry.gate.source]++;
      else if (isStale(entry, now)) this.#entries.delete(key);
    }
    return counts;
  }

  #pass(key: string, entry: Entry): Pass {
    let out = false;
    return {
      leave: (passage) => {
        if (out) return;
        out = true;
        if (entry.gate.leave(this.#clock.now(), passage)) this.#open(key, entry);
        else this.#pump(key, entry);
      },
    };
  }

  #afterWait(entry: Entry, outcome: Pass | WaitFailure): Pass | Refusal | 'aborted' {
    if (outcome === 'aborted') return 'aborted';
    if (outcome === 'deadline')
      return { refused: 'deadline', retryAt: Math.max(this.#clock.now(), entry.gate.closedUntil) };
    return outcome;
  }

  /** Lets in as many as may enter, and comes back when more may. */
  #pump(key: string, entry: Entry): void {
    const now = this.#clock.now();
    const { gate, line } = entry;
    while (line.length > 0 && gate.tryEnter(now)) line.serve(this.#pass(key, entry));
    this.#clock.clearTimeout(entry.timer);
    entry.timer = undefined;
    if (line.length === 0) return;
    const closed = gate.isClosed(now);
    entry.timer = this.#clock.setTimeout(
      () => {
        entry.timer = undefined;
        if (!closed) gate.allowOneMore();
        this.#pump(key, entry);
      },
      closed ? gate.closedUntil - now : STALLED_MS,
    );
  }

  #open(key: string, entry: Entry): void {
    this.#clock.clearTimeout(entry.timer);
    // A gate dropped for want of room may have a successor under its key.
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    while (entry.line.serve(OPEN));
  }

  #makeRoom(now: number): void {
    if (this.#entries.size < MOST_GATES) return;
    if (now - this.#sweptAt >= SWEEP_EVERY_MS) {
      this.#sweptAt = now;
      for (const [key, entry] of this.#entries) if (isStale(entry, now)) this.#entries.delete(key);
    }
    if (this.#entries.size < MOST_GATES) return;
    // The oldest that holds nobody back.
    for (const [key, entry] of this.#entries) {
      if (entry.line.length > 0 || !entry.gate.idle) continue;
      this.#entries.delete(key);
      return;
    }
  }
}

function isStale({ gate, line }: Entry, now: number): boolean {
  return line.length === 0 && gate.idle && gate.closedUntil + IDLE_MS <= now;
}
