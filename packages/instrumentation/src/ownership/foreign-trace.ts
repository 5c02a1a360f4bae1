import { type Context, propagation, trace } from '@opentelemetry/api';

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

// W3C Trace Context: version, trace id, parent id and flags at fixed places.
const TRACEPARENT_LENGTH = 55;
const TRACE_ID_START = 3;
const TRACE_ID_END = 35;
const SPAN_ID_START = 36;
const SPAN_ID_END = 52;

/** The span id in a `traceparent`, undefined for another format. */
export function spanIdOf(traceparent: string): string | undefined {
  const isTraceparent =
    traceparent.length >= TRACEPARENT_LENGTH && traceparent[2] === '-' && traceparent[SPAN_ID_END] === '-';
  return isTraceparent ? traceparent.slice(SPAN_ID_START, SPAN_ID_END) : undefined;
}

/**
 * True for a header of a trace that is not the caller's: that of a tracer without OpenTelemetry (dd-trace), which makes no span
 * in ours. An OpenTelemetry instrumentation continues the trace of its caller.
 */
export function isOfAnotherTrace(traceparent: string, caller: Context): boolean {
  const traceId = trace.getSpanContext(caller)?.traceId;
  return (
    traceId !== undefined &&
    spanIdOf(traceparent) !== undefined &&
    traceparent.slice(TRACE_ID_START, TRACE_ID_END) !== traceId
  );
}
