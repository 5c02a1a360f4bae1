import type { LoggerLike } from '@nylas-otel/telemetry';
import { DiagConsoleLogger, type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';
import type { LogLevel } from '../options/environment.ts';

const LEVELS: Record<LogLevel, DiagLogLevel> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
};

let standIn = false;

/**
 * Makes the diagnostics of nylas-otel visible where nothing shows OpenTelemetry's `diag`: without, a port in use or a
 * mistyped variable would pass unseen. Only messages of ours are printed; all of OpenTelemetry's are shown by
 * `OTEL_LOG_LEVEL`. A logger that the host has set is left alone.
 *
 * @param logger where to print; default the console (standard error)
 */
export function showDiagnostics(level: LogLevel, logger: LoggerLike | undefined): void {
  if (diagIsSet()) return;
  const standard = process.env.OTEL_LOG_LEVEL?.trim().toUpperCase();
  if (standard) {
    const logLevel = DiagLogLevel[standard as keyof typeof DiagLogLevel] ?? DiagLogLevel.INFO;
    standIn = diag.setLogger(new DiagConsoleLogger(), { logLevel });
  } else if (level !== 'none') {
    diag.setLogger(new OwnMessages(logger), { logLevel: LEVELS[level] });
  }
}

/** Before an SDK sets the logger of `OTEL_LOG_LEVEL` itself: two loggers after one another are reported as a mistake. */
export function handOverDiagnostics(): void {
  if (standIn) diag.disable();
  standIn = false;
}

// The API says nowhere whether a logger is set; its registry is one well-known global.
function diagIsSet(): boolean {
  const registry = (globalThis as { [key: symbol]: { diag?: unknown } | undefined })[
    Symbol.for('opentelemetry.js.api.1')
  ];
  return registry?.diag !== undefined;
}

class OwnMessages implements DiagLogger {
  readonly #logger: LoggerLike | undefined;

  constructor(logger: LoggerLike | undefined) {
    this.#logger = logger;
  }

  error(...message: unknown[]): void {
    this.#print('error', message);
  }
  warn(...message: unknown[]): void {
    this.#print('warn', message);
  }
  info(...message: unknown[]): void {
    this.#print('info', message);
  }
  debug(...message: unknown[]): void {
    this.#print('info', message);
  }
  verbose(...message: unknown[]): void {
    this.#print('info', message);
  }

  #print(severity: 'error' | 'warn' | 'info', message: unknown[]): void {
    if (!/^(@?nylas-otel|watchAccounts)/.test(String(message[0]))) return;
    const line = message.map(inWords).join(' ');
    // console.info goes to standard output, which may be the host's own result.
    if (this.#logger === undefined) console.error(line);
    else (this.#logger[severity] as (line: string) => unknown).call(this.#logger, line);
  }
}

// Of an error its class and code, and where it happened: its message may hold what must not be printed.
function inWords(part: unknown): string {
  if (!(part instanceof Error)) return String(part);
  const code = (part as NodeJS.ErrnoException).code;
  const frame = part.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `(${part.constructor.name}${typeof code === 'string' ? ` ${code}` : ''}${frame === undefined ? '' : ` ${frame.trim()}`})`;
}
