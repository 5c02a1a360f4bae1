import { type Attributes, type Context, context as contextApi, trace } from '@opentelemetry/api';
import { dropError } from './guard.ts';
import type { Scope } from './instruments.ts';
import { processState } from './process-state.ts';

/** Severity of a log event, as OpenTelemetry numbers it (logs data model, SeverityNumber). */
export type Severity = 'info' | 'warn' | 'error';
const SEVERITY_NUMBER: Record<Severity, number> = { info: 9, warn: 13, error: 17 };

/** One log event: a name of the contract, attributes, and the line a person reads. */
export interface LogEvent {
  readonly name: string;
  readonly severity: Severity;
  readonly attributes: Attributes;
  /** One line, safe to paste: nothing that TELEMETRY.md keeps out. */
  readonly message: string;
  /** The context whose trace and span the event belongs to; default: the active one. */
  readonly context?: Context;
}

/** Anything shaped like pino, winston or console. */
export interface LoggerLike {
  info(...args: never[]): unknown;
  warn(...args: never[]): unknown;
  error(...args: never[]): unknown;
}

/** What OpenTelemetry's `Logger` and `LoggerProvider` need to be for us, on api 1.9 (api-logs) and 1.10 alike. */
export interface LoggerProviderLike {
  getLogger(name: string, version?: string): { emit(record: Record<string, unknown>): void };
}

interface Sinks {
  readonly providers: Map<object, LoggerProviderLike>;
  /** Loggers, with how many asked for each. */
  readonly loggers: Map<LoggerLike, number>;
}

const sinks = processState('log-sinks', (): Sinks => ({ providers: new Map(), loggers: new Map() }));

/** Binds an OpenTelemetry logger provider for `owner`; without one the global provider is used. */
export function bindLoggerProvider(owner: object, provider: LoggerProviderLike): void {
  sinks.providers.set(owner, provider);
}

/** Takes back what {@link bindLoggerProvider} gave. */
export function unbindLoggerProvider(owner: object): void {
  sinks.providers.delete(owner);
}

/** Sends events to a plain logger too (pino, winston, console); returns what removes it.
 * A logger that several parts add gets each event once. */
export function addLogger(logger: LoggerLike): () => void {
  sinks.loggers.set(logger, (sinks.loggers.get(logger) ?? 0) + 1);
  let added = true;
  return () => {
    const count = sinks.loggers.get(logger) ?? 0;
    if (!added) return;
    added = false;
    if (count > 1) sinks.loggers.set(logger, count - 1);
    else sinks.loggers.delete(logger);
  };
}

/** True when somebody would see an event; hot paths ask before they build one. */
export function logsWanted(): boolean {
  return sinks.loggers.size > 0 || sinks.providers.size > 0 || globalLoggerProvider() !== undefined;
}

/** Emits an event under `scope`, to OpenTelemetry and to plain loggers. Never throws. */
export function emitLogEvent(scope: Scope, event: LogEvent): void {
  const context = event.context ?? contextApi.active();
  for (const provider of loggerProviders()) {
    try {
      provider.getLogger(scope.name, scope.version).emit({
        eventName: event.name,
        severityNumber: SEVERITY_NUMBER[event.severity],
        severityText: event.severity.toUpperCase(),
        body: event.message,
        attributes: event.attributes,
        context,
      });
    } catch (error) {
      dropError('log', error);
    }
  }
  for (const logger of sinks.loggers.keys()) {
    try {
      writeTo(logger, event, context);
    } catch (error) {
      dropError('log', error);
    }
  }
}

function loggerProviders(): Iterable<LoggerProviderLike> {
  if (sinks.providers.size > 0) return new Set(sinks.providers.values());
  const global = globalLoggerProvider();
  return global === undefined ? [] : [global];
}

const API_GLOBAL = Symbol.for('opentelemetry.js.api.1');
const LOGS_GLOBAL = Symbol.for('io.opentelemetry.js.api.logs');

// The logs API is part of @opentelemetry/api from 1.10 and the package api-logs before; both keep their provider in a
// well-known global. Importing either by name would break services on the other.
function globalLoggerProvider(): LoggerProviderLike | undefined {
  const holder = globalThis as {
    [API_GLOBAL]?: { logs?: LoggerProviderLike };
    [LOGS_GLOBAL]?: (version: number) => LoggerProviderLike | undefined;
  };
  const merged = holder[API_GLOBAL]?.logs;
  if (merged !== undefined) return merged;
  const separate = holder[LOGS_GLOBAL];
  return typeof separate === 'function' ? separate(1) : undefined;
}

function writeTo(logger: LoggerLike, event: LogEvent, context: Context): void {
  const spanContext = trace.getSpanContext(context);
  const fields = {
    'event.name': event.name,
    ...event.attributes,
    ...(spanContext !== undefined && trace.isSpanContextValid(spanContext)
      ? { trace_id: spanContext.traceId, span_id: spanContext.spanId }
      : {}),
  };
  const write = logger[event.severity] as (this: LoggerLike, ...args: unknown[]) => unknown;
  if (isPino(logger)) write.call(logger, fields, event.message);
  else write.call(logger, event.message, fields);
}

// pino takes the fields first; winston and console take the message first.
function isPino(logger: LoggerLike): boolean {
  return typeof (logger as { bindings?: unknown }).bindings === 'function';
}
