import { appendFile, rename, stat } from 'node:fs/promises';
import {
  checkedBy,
  kindOf,
  NylasAccountsConfigError,
  number,
  objectOption,
  refuseUnknown,
} from '@nylas-otel/accounts/tracking';
import { dropError, type LoggerLike } from '@nylas-otel/telemetry';

/** Options of {@link errorLog}. */
export interface ErrorLogOptions {
  /** The file, one JSON object a line; older ones are `path.1`, `path.2`, ... */
  readonly path: string;
  /** Bytes a file may have until the next one is begun. Default 10 MiB. */
  readonly maxBytes?: number;
  /** How many older files are kept. Default 3, at least 1. */
  readonly keep?: number;
}

/** A logger that writes what went wrong to a file, for `supportBundle` and `nylas-otel support-bundle --error-log`. */
export interface ErrorLog extends LoggerLike {
  info(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
  error(message: string, fields?: object): void;
  /** Resolves when everything so far is written. */
  flush(): Promise<void>;
  /** Writes what is left and takes no more. */
  close(): Promise<void>;
}

const MOST_WAITING = 10_000;
const LONGEST_MESSAGE = 1_024;
const LONGEST_VALUE = 512;

/**
 * Opens a log of errors, to give as `logger` to anything of nylas-otel. Lines are written in the background in their order; when more
 * than 10,000 wait (a full disk), further ones are dropped and counted. Never throws into the host later on.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function errorLog(options: ErrorLogOptions): ErrorLog {
  return checkedBy('errorLog', () => {
    const given = objectOption(
      'options',
      options,
      'an object such as { path: "/var/log/nylas-errors.jsonl" }',
    );
    refuseUnknown(given, ['path', 'maxBytes', 'keep'], '');
    const { path } = given;
    if (typeof path !== 'string' || path === '')
      throw new NylasAccountsConfigError(
        'path',
        `path must be a file name, got ${kindOf(path)}.`,
        'Give for example "/var/log/nylas-errors.jsonl".',
      );
    return new FileLog(
      path,
      number(given, 'maxBytes', 10 * 1024 * 1024, 1_024, 1e12, 'bytes'),
      Math.floor(number(given, 'keep', 3, 1, 100, 'files')),
    );
  });
}

class FileLog implements ErrorLog {
  readonly #path: string;
  readonly #maxBytes: number;
  readonly #keep: number;
  #waiting: string[] = [];
  #dropped = 0;
  #writing: Promise<void> | undefined;
  #size: number | undefined;
  #closed = false;

  constructor(path: string, maxBytes: number, keep: number) {
    this.#path = path;
    this.#maxBytes = maxBytes;
    this.#keep = keep;
  }

  info(message: string, fields?: object): void {
    // Transitions and incidents are history a bundle needs; other good news is not.
    const name = (fields as Record<string, unknown> | undefined)?.['event.name'];
    if (typeof name === 'string') this.#take('info', message, fields);
  }

  warn(message: string, fields?: object): void {
    this.#take('warn', message, fields);
  }

  error(message: string, fields?: object): void {
    this.#take('error', message, fields);
  }

  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  #take(level: string, message: string, fields: object | undefined): void {
    if (this.#closed) return;
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++;
      return;
    }
    this.#waiting.push(lineOf(level, message, fields));
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
  }

  async #write(): Promise<void> {
    // Lines of one turn of the event loop become one write.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      if (this.#dropped > 0) {
        lines.push(
          lineOf('warn', `${this.#dropped} lines were dropped: the log cannot be written fast enough`, {}),
        );
        this.#dropped = 0;
      }
      try {
        for (const batch of batches(lines, this.#maxBytes)) await this.#append(batch);
      } catch (error) {
        this.#size = undefined;
        dropError('log', error);
      }
    }
  }

  async #append(text: string): Promise<void> {
    this.#size ??= await sizeOf(this.#path);
    const bytes = Buffer.byteLength(text);
    if (this.#size > 0 && this.#size + bytes > this.#maxBytes) await this.#rotate();
    // Error logs hold account ids: for the owner only.
    await appendFile(this.#path, text, { mode: 0o600 });
    this.#size += bytes;
  }

  async #rotate(): Promise<void> {
    for (let n = this.#keep; n >= 1; n--) {
      const older = n === 1 ? this.#path : `${this.#path}.${n - 1}`;
      await rename(older, `${this.#path}.${n}`).catch(ignoreMissing);
    }
    this.#size = 0;
  }
}

function lineOf(level: string, message: string, fields: object | undefined): string {
  const line: Record<string, unknown> = { time: new Date().toISOString(), level };
  for (const [name, value] of Object.entries(fields ?? {})) {
    if (typeof value === 'string') line[name] = value.slice(0, LONGEST_VALUE);
    else if (typeof value === 'number' || typeof value === 'boolean') line[name] = value;
  }
  line.message = String(message).slice(0, LONGEST_MESSAGE);
  return `${JSON.stringify(line)}\n`;
}

function* batches(lines: readonly string[], maxBytes: number): Iterable<string> {
  let batch = '';
  let bytes = 0;
  for (const line of lines) {
    const more = Buffer.byteLength(line);
    if (bytes > 0 && bytes + more > maxBytes) {
      yield batch;
      batch = '';
      bytes = 0;
    }
    batch += line;
    bytes += more;
  }
  if (bytes > 0) yield batch;
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    ignoreMissing(error);
    return 0;
  }
}

function ignoreMissing(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
}
