import type { Scope } from '@nylas-otel/telemetry';

/** Scope of the spans, metrics and log events of this package. */
export const SCOPE: Scope = { name: '@nylas-otel/instrumentation', version: '0.1.0' };
