import { type Tracer, type TracerProvider, trace } from '@opentelemetry/api';
import type { Scope } from './instruments.ts';
import { processState } from './process-state.ts';

interface Tracers {
  readonly providers: Map<object, TracerProvider>;
  readonly cache: Map<string, Tracer>;
}

const state = processState('tracers', (): Tracers => ({ providers: new Map(), cache: new Map() }));

/** Binds a tracer provider for `owner`; without one the global (proxy) provider is used. The last one bound wins. */
export function bindTracerProvider(owner: object, provider: TracerProvider): void {
  state.providers.delete(owner);
  state.providers.set(owner, provider);
  state.cache.clear();
}

/** Takes back what {@link bindTracerProvider} gave. */
export function unbindTracerProvider(owner: object): void {
  if (state.providers.delete(owner)) state.cache.clear();
}

/** The tracer of a scope. The API's global provider is a proxy, so an SDK registered later is used at once. */
export function tracerFor(scope: Scope): Tracer {
  let tracer = state.cache.get(scope.name);
  if (tracer === undefined) {
    const provider = [...state.providers.values()].at(-1) ?? trace.getTracerProvider();
    tracer = provider.getTracer(scope.name, scope.version);
    state.cache.set(scope.name, tracer);
  }
  return tracer;
}
