import type { MetricName } from '@nylas-otel/semantic-conventions';
import type { Tracer } from '@opentelemetry/api';
import type { CountTable } from './count-table.ts';
import { instrumentHub, type LateHistogram, type Report, type Scope } from './instruments.ts';
import { emitLogEvent, type LogEvent } from './log-events.ts';
import { tracerFor } from './tracers.ts';

/** How a package emits: its scope over the process's one set of instruments, tracers and log sinks. */
export interface Emitter {
  readonly scope: Scope;
  /** The counter or up-down counter of the contract with this name, in plain numbers, bounded. */
  count(name: MetricName): CountTable;
  /** The histogram of the contract with this name. */
  histogram(name: MetricName): LateHistogram;
  /** Reports a gauge (or a counter kept elsewhere) at each collect; returns what ends it. */
  observe(name: MetricName, observer: (report: Report) => void): () => void;
  /** Emits a log event to OpenTelemetry and to plain loggers. Never throws. */
  event(event: LogEvent): void;
  /** The tracer of the scope, of the provider bound last. */
  tracer(): Tracer;
}

/** Makes the emitter of a package. Two copies of a package share one set of instruments. */
export function createEmitter(scope: Scope): Emitter {
  return {
    scope,
    count: (name) => instrumentHub.count(name, scope),
    histogram: (name) => instrumentHub.histogram(name, scope),
    observe: (name, observer) => instrumentHub.observe(name, scope, observer),
    event: (event) => emitLogEvent(scope, event),
    tracer: () => tracerFor(scope),
  };
}
