import { currentScope, dropError, type RequestScope, runInScopeOf } from '@nylas-otel/telemetry';
import { type Context, context as contextApi } from '@opentelemetry/api';
import type { Targets } from '../requests/targets.ts';
import { unwrapMethod, wrapMethod } from '../sdk/wrap.ts';

/** The frame that a handler was first dispatched in. */
interface Caller {
  readonly context: Context;
  readonly scope: RequestScope | undefined;
}

// A property of the handler costs less than a WeakMap entry, and goes with it.
const CALLER = Symbol('nylas-otel.caller');
type Handler = object & { [CALLER]?: Caller };

interface DispatchOptions {
  readonly origin?: unknown;
}

const GLOBAL_DISPATCHERS = [Symbol.for('undici.globalDispatcher.1'), Symbol.for('undici.globalDispatcher.2')];

/**
 * Keeps the caller's async context with requests that undici queues or retries: it runs those in the context of whichever
 * request freed or opened the socket (all versions before 8.12.3 for queues, all versions for retries). The handler
 * object is what stays the same, so the context of its first dispatch is kept beside it. Only Nylas origins pay for it.
 */
export class DispatchContext {
  readonly #targets: Targets;
  readonly #patched = new Set<object>();

  constructor(targets: Targets) {
    this.#targets = targets;
  }

  /** Patches the dispatchers of an `undici` module; a no-op for a module that does not look like one. */
  patchModule(undici: unknown): void {
    const { Agent } = (undici ?? {}) as { Agent?: { prototype?: object } };
    if (Agent?.prototype !== undefined) this.#patch(Agent.prototype);
  }

  /** Patches the dispatchers behind the global fetch, where they are of npm's undici. */
  patchGlobalDispatchers(): void {
    const holder = globalThis as { [key: symbol]: unknown };
    for (const key of GLOBAL_DISPATCHERS) {
      const dispatcher = holder[key];
      if (typeof dispatcher === 'object' && dispatcher !== null)
        this.#patch(Object.getPrototypeOf(dispatcher) as object);
    }
  }

  /** Puts the original methods back. */
  stop(): void {
    for (const prototype of this.#patched) unwrapMethod(prototype, 'dispatch');
    this.#patched.clear();
  }

  #patch(prototype: object): void {
    const owner = ownerOfDispatch(prototype);
    if (owner === undefined || this.#patched.has(owner)) return;
    const callerOf = (dispatcher: unknown, args: unknown[]) =>
      this.#callerOf(dispatcher, args[0] as DispatchOptions | undefined, args[1]);
    const wrapped = wrapMethod(
      owner,
      'dispatch',
      (original) =>
        function (this: unknown, ...args: unknown[]) {
          let caller: Caller | undefined;
          try {
            caller = callerOf(this, args);
          } catch (error) {
            dropError('transport', error);
          }
          if (caller === undefined) return original.apply(this, args);
          const { context, scope } = caller;
          return contextApi.with(context, () => runInScopeOf(scope, () => original.apply(this, args)));
        },
    );
    if (wrapped) this.#patched.add(owner);
  }

  /** The caller of a dispatch that runs in another frame than its first; undefined where nothing is to be mended. */
  #callerOf(dispatcher: unknown, options: DispatchOptions | undefined, handler: unknown): Caller | undefined {
    const origin = options?.origin ?? ownOrigin(dispatcher);
    if (origin === undefined || typeof handler !== 'object' || handler === null) return undefined;
    if (this.#targets.find(origin) === undefined) return undefined;
    const tracked = handler as Handler;
    const caller = tracked[CALLER];
    const context = contextApi.active();
    const scope = currentScope();
    if (caller === undefined) {
      if (Object.isExtensible(tracked)) tracked[CALLER] = { context, scope };
      return undefined;
    }
    return caller.context === context && caller.scope === scope ? undefined : caller;
  }
}

// A Pool or Client used by itself knows its origin under a symbol of undici's own.
function ownOrigin(dispatcher: unknown): string | undefined {
  if (typeof dispatcher !== 'object' || dispatcher === null) return undefined;
  for (const symbol of Object.getOwnPropertySymbols(dispatcher)) {
    if (symbol.description === 'url')
      return (dispatcher as { [key: symbol]: URL | undefined })[symbol]?.origin;
  }
  return undefined;
}

function ownerOfDispatch(prototype: object): object | undefined {
  for (
    let owner: object | null = prototype;
    owner !== null;
    owner = Object.getPrototypeOf(owner) as object | null
  ) {
    if (Object.hasOwn(owner, 'dispatch')) return owner;
  }
  return undefined;
}
