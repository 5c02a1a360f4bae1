export * from './attribute-names.ts';
export * from './attribute-values.ts';
export { ATTRIBUTES, type AttributeDefinition, type AttributeName, type Signal } from './attributes.ts';
export * from './event-names.ts';
export { EVENTS, type EventDefinition, type EventName } from './events.ts';
export * from './metric-names.ts';
export {
  METRICS,
  type MetricDefinition,
  type MetricKind,
  type MetricName,
  type Stability,
} from './metrics.ts';
export {
  ALLOWED_FROM_OUTSIDE,
  type AllowedFromOutside,
  KEPT_QUERY_KEYS,
  type KeptQueryKey,
  NEVER_IN_TELEMETRY,
  REDACTED,
} from './privacy.ts';
export { prometheusLabel, prometheusName } from './prometheus-name.ts';
export { SPANS, type SpanDefinition, type SpanId } from './spans.ts';
