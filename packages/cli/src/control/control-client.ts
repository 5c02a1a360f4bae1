import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { errorInWords, NylasOtelError } from '../errors.ts';
import { EXIT_CODES, type ExitName } from '../exit-codes.ts';
import type { ProgressReport } from '../terminal/progress-line.ts';

interface Line {
  readonly progress?: ProgressReport;
  readonly result?: unknown;
  readonly error?: { readonly exit: string; readonly message: string; readonly fix: string };
}

/**
 * Asks the exporter at a Unix socket to run an operation.
 *
 * @throws NylasOtelError with what the exporter said, or when it went away before the end
 */
export async function askExporter<Result>(
  socketPath: string,
  name: string,
  input: unknown,
  { signal, progress }: { readonly signal: AbortSignal; progress(report: ProgressReport): void },
): Promise<Result> {
  const response = await new Promise<AsyncIterable<Buffer> & NodeJS.ReadableStream>((resolve, reject) => {
    const call = request({ socketPath, path: `/v1/${name}`, method: 'POST', signal }, resolve);
    call.once('error', (error) => reject(signal.aborted ? interrupted() : gone(error)));
    call.end(JSON.stringify(input));
  });
  try {
    for await (const text of createInterface({ input: response })) {
      const line = JSON.parse(text) as Line;
      if (line.progress !== undefined) progress(line.progress);
      if (line.error !== undefined) throw asError(line.error);
      if ('result' in line) return line.result as Result;
    }
  } catch (error) {
    if (error instanceof NylasOtelError) throw error;
    throw signal.aborted ? interrupted() : gone(error);
  }
  throw gone(new Error('no result'));
}

function asError({ exit, message, fix }: NonNullable<Line['error']>): NylasOtelError {
  return new NylasOtelError(Object.hasOwn(EXIT_CODES, exit) ? (exit as ExitName) : 'bug', message, fix);
}

function gone(cause: unknown): NylasOtelError {
  return new NylasOtelError(
    'unreachable',
    `The running exporter did not answer to the end (${errorInWords(cause)}).`,
    'If it was stopped, run the command again: what was begun is resumed.',
    { cause },
  );
}

function interrupted(): NylasOtelError {
  return new NylasOtelError(
    'interrupted',
    'Interrupted.',
    'Run the command again: what was begun is resumed.',
  );
}
