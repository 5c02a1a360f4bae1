import { diag } from '@opentelemetry/api';
import type { FamilyDescriptor } from '../families/family.ts';

// One line an instrument: a caller that is wrong once is wrong on every request.
const reported = new WeakSet<FamilyDescriptor>();

/**
 * Whether a value may be recorded. Counters and histograms take finite numbers from 0 up: one NaN or Infinity would
 * spoil a sum for ever. Gauges take every number.
 */
export function acceptable(descriptor: FamilyDescriptor, value: unknown): value is number {
  const { kind, observable } = descriptor;
  if (typeof value === 'number') {
    if (kind === 'gauge') return true;
    if (Number.isFinite(value) && (value >= 0 || kind === 'updowncounter' || observable)) return true;
  }
  if (!reported.has(descriptor)) {
    reported.add(descriptor);
    const shown = typeof value === 'number' ? String(value) : `a ${value === null ? 'null' : typeof value}`;
    diag.warn(
      `nylas-otel: metric "${descriptor.name}" (${kind}) was given ${shown}; such values are dropped.`,
    );
  }
  return false;
}
