export type { AttributeDefinition, AttributeName, Signal } from './attribute-definition.ts';
export * from './attribute-names.ts';
export * from './attribute-values.ts';
export { ATTRIBUTES } from './attributes.ts';
export * from './event-names.ts';
export { EVENTS, type EventDefinition, type EventName } from './events.ts';
export type { MetricDefinition, MetricKind, MetricName, Stability } from './metric-definition.ts';
export * from './metric-names.ts';
export { METRICS } from './metrics.ts';
export {
  ALLOWED_FROM_OUTSIDE,
  type AllowedFromOutside,
  KEPT_QUERY_KEYS,
  type KeptQueryKey,
  NEVER_IN_TELEMETRY,
  REDACTED,
} from './privacy.ts';
export { type PrometheusNameOptions, prometheusLabel, prometheusName } from './prometheus-name.ts';
export { SPANS, type SpanDefinition, type SpanId } from './spans.ts';
