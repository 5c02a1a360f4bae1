import type { Scope } from '@nylas-otel/telemetry';

/** Scope under which this package emits. */
export const SCOPE: Scope = { name: '@nylas-otel/webhooks', version: '0.1.0' };
