import type { Scope } from './instruments.ts';

/** Scope of what this package itself emits. */
export const SCOPE: Scope = { name: '@nylas-otel/telemetry', version: '0.1.0' };
