import { gzipSync } from 'node:zlib';
import type { Exchange, NodeResponse } from './exchange.ts';
import { type Reply, StreamedBody } from './reply.ts';

/** Nylas compresses above about this many bytes. */
const COMPRESS_ABOVE = 200;
const CHUNK = 65_536;
/** Level 1: half the time of the default for nearly the same size on JSON. */
const FAST = { level: 1 };

/** Writes a reply and closes the record. Safe to call when the client is gone. */
export function sendReply(x: Exchange, reply: Reply): void {
  const { response, record } = x;
  if (response.destroyed || response.writableEnded || response.headersSent) return;
  // Nylas's clock, which may run faster than ours.
  const headers: string[] = ['date', new Date(x.world.clock.now()).toUTCString(), 'content-type', reply.type];
  let payload: string | Buffer | StreamedBody = reply.body;
  let length: number;
  if (payload instanceof StreamedBody) {
    length = payload.length;
  } else {
    length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    if (length > COMPRESS_ABOVE && x.world.settings.compress && reply.compress !== false && acceptsGzip(x)) {
      payload = gzipSync(payload, FAST);
      length = payload.length;
      headers.push('content-encoding', 'gzip', 'vary', 'accept-encoding');
    }
  }
  if (reply.live === undefined) headers.push('content-length', String(length));
  if (x.version === 'v3') {
    if (reply.edge !== true) headers.push('x-request-id', x.requestId);
    headers.push('x-fastly-id', flowId(x.requestId));
  }
  if (reply.headers !== undefined) for (const part of reply.headers) headers.push(part);
  record.status = reply.status;
  writeHead(response, reply.status, headers);
  if (reply.live !== undefined) {
    reply.live(response);
  } else if (reply.wire !== undefined) {
    endBadly(x, payload, length, reply.wire.how, reply.wire.afterBytes);
  } else if (payload instanceof StreamedBody) {
    void stream(response, payload, payload.length).then((whole) => {
      if (whole) response.end();
    });
  } else {
    response.end(payload as string);
  }
  x.world.requests.answered(record);
}

/** Drops the connection (HTTP/1.1) or the stream (HTTP/2) without a word. */
export function resetConnection(response: NodeResponse): void {
  if ('stream' in response) {
    // 2 is INTERNAL_ERROR: the client sees RST_STREAM.
    response.stream?.close(2);
    return;
  }
  const { socket } = response;
  if (socket === null || socket.destroyed) return;
  // Only a bare TCP socket can send RST; a TLS socket is cut.
  if ('encrypted' in socket) socket.destroy();
  else socket.resetAndDestroy();
}

/** `x-fastly-id` of an answer: derived, so that it costs nothing and can be checked. */
function flowId(requestId: string): string {
  return `${requestId.slice(-12)}-${requestId.slice(0, 10)}`;
}

function acceptsGzip(x: Exchange): boolean {
  const accepted = x.request.headers['accept-encoding'];
  return typeof accepted === 'string' && accepted.includes('gzip');
}

function writeHead(response: NodeResponse, status: number, headers: string[]): void {
  if (!('stream' in response)) {
    response.writeHead(status, headers);
    return;
  }
  const fields: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) fields[headers[i] as string] = headers[i + 1] as string;
  response.writeHead(status, fields);
}

function endBadly(
  x: Exchange,
  payload: string | Buffer | StreamedBody,
  length: number,
  how: 'stall' | 'reset',
  afterBytes: number | undefined,
): void {
  const { response } = x;
  const upTo = Math.min(afterBytes ?? Math.ceil(length / 2), Math.max(0, length - 1));
  const afterwards = (): void => {
    // A stalled answer stays open until the client leaves or the simulator closes.
    if (how === 'reset') resetConnection(response);
  };
  if (payload instanceof StreamedBody) {
    void stream(response, payload, upTo).then(afterwards);
    return;
  }
  const part = (typeof payload === 'string' ? Buffer.from(payload) : payload).subarray(0, upTo);
  if (part.length === 0) {
    // HTTP/2 sent them with writeHead.
    if (!('stream' in response)) response.flushHeaders();
    setImmediate(afterwards);
    return;
  }
  // Only when the bytes are handed to the system: a reset would overtake them.
  writeTo(response, part, () => setImmediate(afterwards));
}

/** The two kinds of response type `write` differently and do the same. */
function writeTo(response: NodeResponse, part: Buffer, done?: () => void): boolean {
  return 'stream' in response ? response.write(part, 'utf8', done) : response.write(part, done);
}

/** Sends `upTo` bytes of a made-up body with back-pressure; false when the client left. */
async function stream(response: NodeResponse, body: StreamedBody, upTo: number): Promise<boolean> {
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, upTo)), body.byte);
  for (let sent = 0; sent < upTo; sent += chunk.length) {
    if (response.destroyed) return false;
    const part = upTo - sent < chunk.length ? chunk.subarray(0, upTo - sent) : chunk;
    if (!writeTo(response, part)) {
      const gone = await new Promise<boolean>((resolve) => {
        const settle = (value: boolean) => (): void => {
          response.off('drain', onDrain);
          response.off('close', onClose);
          resolve(value);
        };
        const onDrain = settle(false);
        const onClose = settle(true);
        response.once('drain', onDrain);
        response.once('close', onClose);
      });
      if (gone) return false;
    }
  }
  return !response.destroyed;
}
