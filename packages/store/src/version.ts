import type { Scope } from '@nylas-otel/telemetry';

/** Scope of what this package emits. */
export const SCOPE: Scope = { name: '@nylas-otel/store', version: '0.1.0' };
