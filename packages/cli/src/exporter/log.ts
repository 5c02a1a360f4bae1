import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import { errorInWords } from '../errors.ts';
import type { Settings } from '../options/settings.ts';
import type { Stream } from '../terminal/output.ts';
import type { Redactor } from '../terminal/redactor.ts';

type Level = 'error' | 'warn' | 'info' | 'debug';
const ORDER: readonly Settings['log.level'][] = ['none', 'error', 'warn', 'info', 'debug'];

/** What a log line says beside its words. */
export type LogFields = Readonly<Record<string, unknown>>;

/** How the exporter logs; settings may change at a reload. */
export interface LogOptions {
  readonly stream: Stream;
  readonly redactor: Redactor;
  readonly now: () => number;
  readonly level: Settings['log.level'];
  readonly format: Settings['log.format'];
}

/** The exporter's log: a line each on standard error. Shaped as `LoggerLike` of `@nylas-otel/telemetry`. */
export class Log {
  readonly #stream: Stream;
  readonly #redactor: Redactor;
  readonly #now: () => number;
  #level: number;
  #format: LogOptions['format'];

  constructor({ stream, redactor, now, level, format }: LogOptions) {
    this.#stream = stream;
    this.#redactor = redactor;
    this.#now = now;
    this.#level = ORDER.indexOf(level);
    this.#format = format;
  }

  /** Takes another level and format. */
  become(level: LogOptions['level'], format: LogOptions['format']): void {
    this.#level = ORDER.indexOf(level);
    this.#format = format;
  }

  error(message: string, fields?: LogFields): void {
    this.#write('error', message, fields);
  }
  warn(message: string, fields?: LogFields): void {
    this.#write('warn', message, fields);
  }
  info(message: string, fields?: LogFields): void {
    this.#write('info', message, fields);
  }
  debug(message: string, fields?: LogFields): void {
    this.#write('debug', message, fields);
  }

  #write(level: Level, message: string, fields: LogFields = {}): void {
    if (ORDER.indexOf(level) > this.#level) return;
    const time = new Date(this.#now()).toISOString();
    const line =
      this.#format === 'json'
        ? JSON.stringify({ time, level, message, ...fields })
        : `${time} ${level.toUpperCase().padEnd(5)} ${oneLine(message)}${fieldsInWords(fields)}`;
    this.#stream.write(`${this.#redactor.clean(line)}\n`);
  }
}

function fieldsInWords(fields: LogFields): string {
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${oneLine(typeof value === 'string' ? value : JSON.stringify(value))}`)
    .join('');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ');
}

/** Shows the diagnostics of OpenTelemetry and of our packages in the log. */
export function logDiagnostics(log: Log): void {
  const words = (message: string, rest: unknown[]): string =>
    [message, ...rest.map((part) => (part instanceof Error ? `(${errorInWords(part)})` : String(part)))].join(
      ' ',
    );
  const logger: DiagLogger = {
    error: (message, ...rest) => log.error(words(message, rest)),
    warn: (message, ...rest) => log.warn(words(message, rest)),
    info: (message, ...rest) => log.debug(words(message, rest)),
    debug: (message, ...rest) => log.debug(words(message, rest)),
    verbose: (message, ...rest) => log.debug(words(message, rest)),
  };
  diag.setLogger(logger, { logLevel: DiagLogLevel.INFO, suppressOverrideMessage: true });
}
