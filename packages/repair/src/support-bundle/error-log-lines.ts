import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { createInterface } from 'node:readline';

/** One error as a bundle shows it. */
export interface BundleError {
  /** Unix milliseconds. */
  readonly time: number;
  readonly name: string | undefined;
  readonly errorType: string | undefined;
  readonly status: number | undefined;
  readonly method: string | undefined;
  readonly template: string | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
  readonly traceId: string | undefined;
  readonly message: string | undefined;
}

/** What a log had to say of an account. */
export interface ErrorLogReading {
  /** The newest, oldest first. */
  readonly errors: readonly BundleError[];
  /** Lines that were no JSON object with a time. */
  readonly unreadable: number;
  /** How many errors of the account there were in all. */
  readonly total: number;
}

const LONGEST_LINE = 64 * 1024;

/** Reads a JSON-lines error log and its older files (`path.1`, ...), line by line: each line is checked by itself. */
export async function readErrorLog(
  path: string,
  concerns: (accountId: string | undefined) => boolean,
  since: number,
  most: number,
): Promise<ErrorLogReading> {
  const errors: BundleError[] = [];
  let unreadable = 0;
  let total = 0;
  for (const file of await logFiles(path)) {
    for await (const line of linesOf(file)) {
      if (line.trim() === '') continue;
      const parsed = parseLine(line);
      if (parsed === undefined) {
        unreadable++;
        continue;
      }
      if (parsed.error.time < since || !concerns(parsed.account)) continue;
      total++;
      errors.push(parsed.error);
      if (errors.length > most) errors.shift();
    }
  }
  errors.sort((a, b) => a.time - b.time);
  return { errors, unreadable, total };
}

const MOST_FILES = 100;

/** The file and its older ones, oldest first. */
async function logFiles(path: string): Promise<string[]> {
  const files = [path];
  for (let n = 1; n <= MOST_FILES && (await exists(`${path}.${n}`)); n++) files.unshift(`${path}.${n}`);
  return files;
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}

async function* linesOf(file: string): AsyncIterable<string> {
  const stream = createReadStream(file, 'utf8');
  try {
    yield* createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  } finally {
    stream.destroy();
  }
}

/** One line of ours, of pino or of winston; undefined when it is none. */
function parseLine(
  line: string,
): { readonly error: BundleError; readonly account: string | undefined } | undefined {
  if (line.length > LONGEST_LINE) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Readonly<Record<string, unknown>>;
  const time = timeOf(fields.time ?? fields.timestamp);
  if (time === undefined) return undefined;
  return {
    account: textOf(fields['nylas.grant.id']) ?? textOf(fields['nylas.account.id']),
    error: errorOf(time, fields),
  };
}

/** Picks what a bundle shows out of named fields. */
export function errorOf(time: number, fields: Readonly<Record<string, unknown>>): BundleError {
  const status = fields['http.response.status_code'] ?? fields.status;
  return {
    time,
    name: textOf(fields['event.name']),
    errorType: textOf(fields['error.type']) ?? textOf(fields.errorType),
    status: typeof status === 'number' ? status : undefined,
    method: textOf(fields['http.request.method']) ?? textOf(fields.method),
    template: textOf(fields['url.template']) ?? textOf(fields.template),
    requestId: idOf(fields['nylas.request.id']) ?? idOf(fields.requestId),
    flowId: idOf(fields['nylas.flow.id']) ?? idOf(fields.flowId),
    traceId: idOf(fields.trace_id),
    message: textOf(fields.message) ?? textOf(fields.msg),
  };
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : value;
  return typeof time === 'number' && time > 0 && time < 8.64e15 ? time : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1_024) : undefined;
}

function idOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,128}$/.test(value) ? value : undefined;
}
