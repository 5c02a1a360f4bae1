import type { Route } from '@nylas-otel/nylas-api';
import { processState } from '@nylas-otel/telemetry';
import type { Span } from '@opentelemetry/api';
import { SLOTS, slotOf } from '../requests/span-slots.ts';

/** A span that another instrumentation opened for a Nylas request, and what we left on it. */
export interface ForeignSpan {
  readonly id: string;
  readonly span: Span;
  /** What it asks for: never shown. */
  readonly method: string;
  readonly target: string;
  readonly route: Route;
  /** The URL, path and query as they may be shown. */
  readonly url: string;
  readonly path: string;
  readonly query: string;
  /** The next one in the same slot. */
  next: ForeignSpan | undefined;
}

// A span that never ends must not stay for ever.
const MOST_OPEN = 10_000;

/**
 * Spans by their id, while they are open. A table of fixed size instead of a `Map`: few spans are open at a time, and a
 * `Map` that goes from none to one and back is made anew every few requests (measured: 190 ns of a request).
 */
export class OpenSpans {
  readonly #slots = new Array<ForeignSpan | undefined>(SLOTS).fill(undefined);
  #size = 0;

  /** Spans that are open. */
  get size(): number {
    return this.#size;
  }

  /** Remembers a span. From 10,000 on that did not end, the oldest in the same slot is forgotten for it. */
  add(foreign: ForeignSpan): void {
    const slot = slotOf(foreign.id);
    foreign.next = this.#slots[slot];
    this.#slots[slot] = foreign;
    this.#size++;
    if (this.#size > MOST_OPEN) this.#dropLast(foreign);
  }

  /** The open span of this id. */
  find(id: string): ForeignSpan | undefined {
    let foreign = this.#slots[slotOf(id)];
    while (foreign !== undefined && foreign.id !== id) foreign = foreign.next;
    return foreign;
  }

  /** Forgets a span that has ended. */
  remove(id: string): void {
    const slot = slotOf(id);
    let before: ForeignSpan | undefined;
    let foreign = this.#slots[slot];
    while (foreign !== undefined && foreign.id !== id) {
      before = foreign;
      foreign = foreign.next;
    }
    if (foreign === undefined) return;
    if (before === undefined) this.#slots[slot] = foreign.next;
    else before.next = foreign.next;
    this.#size--;
  }

  #dropLast(first: ForeignSpan): void {
    let before = first;
    if (before.next === undefined) return;
    while (before.next?.next !== undefined) before = before.next;
    before.next = undefined;
    this.#size--;
  }
}

/** The open spans of other instrumentations, kept by the span processor; one table for all copies of this package. */
export const openSpans: OpenSpans = processState('foreign-spans', () => new OpenSpans());
