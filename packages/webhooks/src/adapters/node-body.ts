import type { IncomingMessage } from 'node:http';
import { bodyAlreadyParsed, NylasWebhookError } from '../errors.ts';
import type { BodyLimits } from '../receiver/exchange.ts';

/** A request whose body a framework may have read: `body` (Express) or `rawBody` (Cloud Functions, Nest). */
export type MaybeParsed = IncomingMessage & { readonly body?: unknown; readonly rawBody?: unknown };

// A sender that announces too much hears 413 rather than a broken connection, if it ends within this.
const MOST_DISCARDED = 16 * 1024 * 1024;

/**
 * The wire bytes of a `node:http` request: what somebody kept of them as bytes, else the stream.
 *
 * @param remedy told when the body is gone: how to mount the receiver in this framework
 */
export function readNodeBody(
  request: MaybeParsed,
  limits: BodyLimits,
  remedy: string,
  done: (body: Uint8Array) => void,
  failed: (error: unknown) => void,
): void {
  const kept = keptBytes(request);
  if (kept !== undefined) done(takeWhole(kept, limits));
  else if (request.readableDidRead || request.readableEnded)
    failed(bodyAlreadyParsed('express.json() or another body parser ran first', remedy));
  else readStream(request, limits, done, failed);
}

/** Bytes that are there already, under the same limits. */
export function takeWhole(bytes: Uint8Array, limits: BodyLimits): Uint8Array {
  if (bytes.length > limits.maxBytes) throw bodyTooLarge(limits.maxBytes);
  limits.take(bytes.length);
  return bytes;
}

/** The error for a body over the cap. */
export function bodyTooLarge(maxBytes: number): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_BODY_TOO_LARGE',
    `A webhook delivery was larger than ${maxBytes} bytes and was refused with 413; Nylas does not send it again. ` +
      'If it was genuine, raise `maxBodyBytes`.',
  );
}

/** The error for a sender that went away. */
export function bodyAborted(cause?: unknown): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_BODY_ABORTED',
    'The sender of a webhook delivery went away before its body was complete.',
    { cause },
  );
}

// A string is no substitute: what was decoded cannot be encoded back for certain.
function keptBytes(request: MaybeParsed): Uint8Array | undefined {
  if (request.rawBody instanceof Uint8Array) return request.rawBody;
  return request.body instanceof Uint8Array ? request.body : undefined;
}

function readStream(
  request: IncomingMessage,
  limits: BodyLimits,
  done: (body: Uint8Array) => void,
  failed: (error: unknown) => void,
): void {
  const { maxBytes } = limits;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let fault: unknown =
    Number(request.headers['content-length']) > maxBytes ? bodyTooLarge(maxBytes) : undefined;
  let settled = false;
  const fail = (error: unknown): void => {
    settled = true;
    request.off('data', onData);
    request.resume();
    failed(error);
  };
  const onData = (chunk: Uint8Array): void => {
    size += chunk.length;
    if (fault !== undefined) {
      if (size > MOST_DISCARDED) fail(fault);
      return;
    }
    try {
      if (size > maxBytes) throw bodyTooLarge(maxBytes);
      limits.take(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      fault = error;
      chunks.length = 0;
    }
  };
  const onEnd = (): void => {
    if (settled) return;
    if (fault !== undefined) {
      fail(fault);
      return;
    }
    // No listener is taken off after a whole body: that costs more than it frees, as the request ends here.
    settled = true;
    done(chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks));
  };
  // HTTP/1 tells a sender that went away as an error to whoever listens for one, HTTP/2 as an end. Where the host itself closes
  // a request there is neither, and the time is up at the deadline. It stays: a late error without a listener would end the process.
  request.on('error', (error) => {
    if (!settled) fail(bodyAborted(error));
  });
  if (request.destroyed) fail(bodyAborted());
  else {
    request.on('data', onData);
    request.on('end', onEnd);
    limits.onLate(fail);
  }
}
