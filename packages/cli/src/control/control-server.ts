import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { type Gate, plainReply } from '@nylas-otel/node/parts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import { closeServer } from '../exporter/listener.ts';
import type { ProgressReport } from '../terminal/progress-line.ts';

/** Runs an operation by name; rejects with a NylasOtelError that the caller is told. */
export type Dispatch = (
  name: string,
  input: unknown,
  call: { readonly signal: AbortSignal; progress(report: ProgressReport): void },
) => Promise<unknown>;

const MOST_INPUT_BYTES = 1_048_576;

/**
 * Answers `POST /v1/<operation>` with lines of JSON: any number of `{"progress"}`, then `{"result"}` or `{"error"}`.
 *
 * @param gate who may ask; undefined on the Unix socket, which only its owner can open
 */
export function controlHandler(
  dispatch: Dispatch,
  gate: Gate | undefined,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (gate !== undefined && !gate.admits(request.headers.authorization)) {
      const { status, headers, body } = plainReply(401, 'Unauthorized: the admin listener wants its token.', {
        'www-authenticate': gate.challenge,
      });
      response.writeHead(status, headers).end(body);
      return;
    }
    const name = /^\/v1\/([\w.-]+)$/.exec(request.url ?? '')?.[1];
    if (request.method !== 'POST' || name === undefined) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found: POST /v1/<operation>\n');
      return;
    }
    void serve(dispatch, name, request, response);
  };
}

async function serve(
  dispatch: Dispatch,
  name: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  response.on('close', () => {
    if (!response.writableFinished) left.abort();
  });
  const line = (value: object): void => {
    if (!response.destroyed) response.write(`${JSON.stringify(value)}\n`);
  };
  try {
    const input = await readInput(request);
    response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    const result = await dispatch(name, input, {
      signal: left.signal,
      progress: (report) => line({ progress: report }),
    });
    line({ result: result ?? null });
  } catch (error) {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    line({ error: told(error) });
  } finally {
    response.end();
  }
}

function told(error: unknown): { exit: string; message: string; fix: string } {
  if (error instanceof NylasOtelError) {
    const { exit, message, fix } = error;
    return { exit, message, fix };
  }
  return {
    exit: 'bug',
    message: `The exporter failed at it (${errorInWords(error)}).`,
    fix: 'Look at the log of the exporter.',
  };
}

async function readInput(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_INPUT_BYTES) {
      throw new NylasOtelError('usage', 'The input is larger than 1 MiB.', 'Send less.');
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as unknown;
  } catch (error) {
    throw new NylasOtelError('usage', 'The input is no JSON.', 'Send a JSON object.', { cause: error });
  }
}

/** A socket that is open. */
export interface ControlSocket {
  readonly path: string;
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the Unix socket, for its owner alone.
 *
 * @throws NylasOtelError when a living exporter has it
 * @throws Error of the system where it cannot be made
 */
export async function openControlSocket(path: string, dispatch: Dispatch): Promise<ControlSocket> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (await answers(path)) {
    throw new NylasOtelError(
      'busy',
      `Another exporter answers at ${path}.`,
      'End it, or give this one its own --data-dir, --application or --socket.',
    );
  }
  // What a process that was killed left behind.
  rmSync(path, { force: true });
  const server = createServer(controlHandler(dispatch, undefined));
  const before = process.umask(0o177);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  } finally {
    process.umask(before);
  }
  chmodSync(path, 0o600);
  return { path, close: (graceMs) => closeServer(server, graceMs) };
}

/** True when something takes connections at the socket. */
export function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
