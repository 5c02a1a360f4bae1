import type { Operation } from './operation.ts';
import { processState } from './process-state.ts';

/**
 * Header by which an attempt finds its operation when undici runs its channels in another request's context (queued
 * requests, retries on a warm socket). It is taken off at `undici:request:create`, before a byte is written.
 */
export const CORRELATION_HEADER = 'x-nylas-otel-operation';

/** `header`: as above, wherever it is sure to be taken off. `context`: never a header, the async context only. */
export type CorrelationMode = 'header' | 'context';

interface Correlation {
  /** Subscribers that take the header off; without one it is never added. */
  strippers: number;
  mode: CorrelationMode;
  readonly live: Map<string, Operation>;
  readonly fetches: WeakMap<object, boolean>;
}

const state = processState(
  'correlation',
  (): Correlation => ({ strippers: 0, mode: 'header', live: new Map(), fetches: new WeakMap() }),
);

// An operation whose promise never settles must not stay for ever.
const MOST_LIVE = 10_000;

/** Announces a subscriber that takes the header off the wire; returns what withdraws it. */
export function announceStripper(): () => void {
  state.strippers++;
  let announced = true;
  return () => {
    if (announced) state.strippers--;
    announced = false;
  };
}

/** Sets how attempts find their operation, for the process. Default `header`. */
export function setCorrelationMode(mode: CorrelationMode): void {
  state.mode = mode;
}

/** True when a request sent through this fetch may carry the header: it will be taken off before the wire. */
export function headerIsSafe(fetch: unknown): boolean {
  return state.strippers > 0 && state.mode === 'header' && isUndiciFetch(fetch) && !mockDispatcherActive();
}

/** Makes an operation findable by its id until {@link forgetOperation}. */
export function rememberOperation(operation: Operation): void {
  if (state.live.size >= MOST_LIVE) {
    const [oldest] = state.live.keys();
    if (oldest !== undefined) state.live.delete(oldest);
  }
  state.live.set(operation.id, operation);
}

/** Ends what {@link rememberOperation} began. */
export function forgetOperation(id: string): void {
  state.live.delete(id);
}

/** The live operation of this id. */
export function findOperation(id: string): Operation | undefined {
  return state.live.get(id);
}

// Node's own fetch and undici's are thin functions around `fetchImpl`; anything else (a mock, Next.js, dd-trace)
// would see or send the header.
function isUndiciFetch(fetch: unknown): boolean {
  if (typeof fetch !== 'function') return false;
  let known = state.fetches.get(fetch);
  if (known === undefined) {
    const source = Function.prototype.toString.call(fetch);
    known = /^(async )?function fetch ?\(/.test(source) && source.includes('fetchImpl');
    state.fetches.set(fetch, known);
  }
  return known;
}

const DISPATCHERS = [
  Symbol.for('undici.globalDispatcher.1'),
  Symbol.for('undici.globalDispatcher.2'),
] as const;

// A MockAgent answers before `undici:request:create`, so nothing would take the header off.
function mockDispatcherActive(): boolean {
  const holder = globalThis as { [key: symbol]: unknown };
  for (const key of DISPATCHERS) {
    const dispatcher = holder[key];
    if (typeof dispatcher === 'object' && dispatcher !== null && 'isMockActive' in dispatcher) return true;
  }
  return false;
}
