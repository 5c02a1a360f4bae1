import { TELEMETRY_COMPONENTS, type TelemetryComponent } from '@nylas-otel/semantic-conventions';
import { diag } from '@opentelemetry/api';
import { processState } from './process-state.ts';

interface HookErrors {
  readonly counts: Map<TelemetryComponent, number>;
  lastReport: number;
}

// Born at 0, so that the first failure is seen by `increase()`.
const errors = processState(
  'hook-errors',
  (): HookErrors => ({
    counts: new Map(TELEMETRY_COMPONENTS.map((component) => [component, 0])),
    lastReport: 0,
  }),
);

// One line a second at most: a hook that fails on every request must not flood the host's log.
const REPORT_INTERVAL_MS = 1_000;

/**
 * Takes a failure inside our own code: counted in `nylas.telemetry.errors`, logged through OpenTelemetry's `diag`
 * (at most once a second), and dropped. Never throws.
 */
export function dropError(component: TelemetryComponent, error: unknown): void {
  try {
    errors.counts.set(component, (errors.counts.get(component) ?? 0) + 1);
    const now = Date.now();
    if (now - errors.lastReport >= REPORT_INTERVAL_MS || now < errors.lastReport) {
      errors.lastReport = now;
      diag.error(`nylas-otel: a ${component} hook failed and was dropped; the host is not affected.`, error);
    }
  } catch {
    // A host may install a diag logger that throws; nothing of ours may reach it.
  }
}

/** Calls `work`; a failure is dropped (see {@link dropError}) and `fallback` is returned. */
export function guarded<T>(component: TelemetryComponent, work: () => T, fallback: T): T {
  try {
    return work();
  } catch (error) {
    dropError(component, error);
    return fallback;
  }
}

/** Wraps a listener of one message so that its failure is dropped (see {@link dropError}). */
export function guardListener<M>(
  component: TelemetryComponent,
  listener: (message: M) => void,
): (message: M) => void {
  return (message) => {
    try {
      listener(message);
    } catch (error) {
      dropError(component, error);
    }
  };
}

/** Failures dropped so far, by component, in plain numbers. */
export function droppedErrors(): ReadonlyMap<TelemetryComponent, number> {
  return errors.counts;
}
