import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Gate } from './scrape-auth.ts';

/** Something that answers GET and HEAD at a path, without a framework. Never rejects. */
export interface Endpoint {
  reply(request: EndpointRequest): Promise<EndpointReply>;
}

/** The parts of a request that matter to an endpoint. */
export interface EndpointRequest {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly acceptEncoding: string | undefined;
}

/** An answer, for an adapter to send. A `HEAD` request's has the headers of the `GET` and no body. */
export interface EndpointReply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const compress = promisify(gzip);
// Below this a compressed answer saves nothing.
const COMPRESS_FROM = 1_024;
const EMPTY: Buffer = Buffer.alloc(0);

/** Answers with what `serve` gives, where the gate (if there is one) admits the request and its method reads only. */
export async function guardedReply(
  gate: Gate | undefined,
  request: EndpointRequest,
  serve: () => Promise<EndpointReply>,
): Promise<EndpointReply> {
  if (gate !== undefined && !gate.admits(request.authorization)) {
    return plainReply(401, 'Unauthorized: this endpoint wants credentials.', {
      'www-authenticate': gate.challenge,
    });
  }
  const head = request.method === 'HEAD';
  if (!head && request.method !== 'GET') {
    return plainReply(405, 'Method Not Allowed: use GET or HEAD.', { allow: 'GET, HEAD' });
  }
  const reply = await serve();
  return head ? { ...reply, body: EMPTY } : reply;
}

/** 200 with this text, compressed where the client takes it and it is long enough. Never cached. */
export async function textReply(
  contentType: string,
  text: string,
  acceptEncoding: string | undefined,
): Promise<EndpointReply> {
  const body = Buffer.from(text, 'utf8');
  const headers = { 'content-type': contentType, 'cache-control': 'no-store', vary: 'accept-encoding' };
  if (body.length < COMPRESS_FROM || !acceptsGzip(acceptEncoding)) return sized(200, headers, body);
  return sized(200, { ...headers, 'content-encoding': 'gzip' }, await compress(body));
}

/** One line of plain text. */
export function plainReply(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): EndpointReply {
  const body = Buffer.from(`${message}\n`, 'utf8');
  return sized(
    status,
    { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store', ...headers },
    body,
  );
}

function sized(status: number, headers: Record<string, string>, body: Buffer): EndpointReply {
  return { status, headers: { ...headers, 'content-length': String(body.length) }, body };
}

/** RFC 9110, 12.5.3: an encoding with weight 0 is refused, `*` stands for those not named. */
function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false;
  let any = false;
  for (const item of acceptEncoding.toLowerCase().split(',')) {
    const [coding, ...parameters] = item.split(';').map((part) => part.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    const accepted = weight === undefined || Number(weight.slice(2)) > 0;
    if (coding === 'gzip' || coding === 'x-gzip') return accepted;
    if (coding === '*') any = accepted;
  }
  return any;
}
