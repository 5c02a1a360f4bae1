/**
 * State that must be one per process although two copies of a package are loaded (two versions in one
 * dependency tree, ESM beside CommonJS). It lives under one `Symbol.for` on `globalThis`; the first copy creates
 * it, later copies use it.
 */

// The number is the layout's version: a release that changes the layout takes a new one.
const STATE = Symbol.for('nylas-otel.process-state.1');

type StateHolder = { [STATE]?: Map<string, unknown> };

/** Returns the process-wide value of `key`, made by `create` at the first call of any copy. */
export function processState<T>(key: string, create: () => T): T {
  const holder = globalThis as StateHolder;
  let states = holder[STATE];
  if (states === undefined) {
    states = new Map();
    Object.defineProperty(holder, STATE, { value: states, enumerable: false, configurable: true });
  }
  if (!states.has(key)) states.set(key, create());
  return states.get(key) as T;
}
