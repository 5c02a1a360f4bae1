import { propagation } from '@opentelemetry/api';

// `propagation.fields()` asks the global propagator; its answer changes when an SDK starts, hardly ever after.
const REFRESH_MS = 1_000;
const ALWAYS = ['traceparent'];
let fields: readonly string[] = ALWAYS;
let refreshedAt = Number.NEGATIVE_INFINITY;

/** Headers by which another instrumentation's injected trace context is recognised. */
export function propagationFields(now: number): readonly string[] {
  if (now - refreshedAt > REFRESH_MS) {
    refreshedAt = now;
    const configured = propagation.fields().filter((field) => field !== 'baggage' && field !== 'tracestate');
    fields = configured.length === 0 ? ALWAYS : configured.map((field) => field.toLowerCase());
  }
  return fields;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-([0-9a-f]{16})-[0-9a-f]{2}/;

/** The span id in a `traceparent` (W3C Trace Context), undefined for another format. */
export function spanIdOf(traceparent: string): string | undefined {
  return TRACEPARENT.exec(traceparent)?.[1];
}
