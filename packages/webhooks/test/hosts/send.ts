import { type Agent, type IncomingHttpHeaders, request } from 'node:http';
import { PATH } from './host.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends exactly what it is given, and nothing a client would add. */
export function send(
  port: number,
  what: {
    readonly method?: string;
    readonly path?: string;
    readonly query?: string | undefined;
    readonly headers?: Record<string, string | readonly string[]>;
    readonly body?: Uint8Array;
    readonly agent?: Agent;
  },
): Promise<Answer> {
  const { method = 'POST', body = new Uint8Array(), agent } = what;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: '127.0.0.1',
        port,
        method,
        path: `${what.path ?? PATH}${what.query === undefined ? '' : `?${what.query}`}`,
        headers: {
          'content-type': 'application/json',
          ...(method === 'GET' ? {} : { 'content-length': String(body.length) }),
          ...(what.headers as Record<string, string | string[]>),
        },
        ...(agent === undefined ? {} : { agent }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
