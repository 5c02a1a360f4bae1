import { bodyAlreadyParsed } from '../errors.ts';
import type { BodyLimits, WebhookRequest } from '../receiver/exchange.ts';
import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { bodyAborted, bodyTooLarge } from './node-body.ts';

/** A handler for frameworks that speak `Request` and `Response`. */
export interface FetchWebhooks {
  (request: Request): Promise<Response>;
  readonly receiver: WebhookReceiver;
}

const REMEDY =
  'Give the request to the receiver before anything calls request.json(), .text() or .arrayBuffer() on it.';

/**
 * Receives webhooks as a function from `Request` to `Response`. Needs `node:crypto` and `node:zlib`.
 *
 * @param options of a receiver of its own, or a receiver to share
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function fetchWebhooks(options: WebhookOptions | WebhookReceiver): FetchWebhooks {
  const receiver = receiverOf(options);
  const handle = async (request: Request): Promise<Response> => {
    const { status, headers, body } = await receiver.receive(fetchRequest(request));
    return new Response(body, { status, headers });
  };
  return Object.assign(handle, { receiver });
}

function fetchRequest(request: Request): WebhookRequest {
  return {
    method: request.method,
    get query() {
      const { url } = request;
      const mark = url.indexOf('?');
      const hash = url.indexOf('#');
      return mark === -1 ? '' : url.slice(mark + 1, hash === -1 ? url.length : hash);
    },
    header: (name) => request.headers.get(name) ?? undefined,
    readBody(limits, done, failed) {
      readFetchBody(request, limits).then(done, failed);
    },
  };
}

async function readFetchBody(request: Request, limits: BodyLimits): Promise<Uint8Array> {
  if (request.bodyUsed) throw bodyAlreadyParsed('request.json() or the like was called first', REMEDY);
  return request.body === null ? new Uint8Array() : await readWeb(request, request.body, limits);
}

// A sender that announces too much hears 413 rather than a broken connection, if it ends within this.
const MOST_DISCARDED = 16 * 1024 * 1024;

async function readWeb(
  request: Request,
  stream: ReadableStream<Uint8Array>,
  limits: BodyLimits,
): Promise<Uint8Array> {
  const { maxBytes } = limits;
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let fault: unknown =
    Number(request.headers.get('content-length')) > maxBytes ? bodyTooLarge(maxBytes) : undefined;
  const next = async () => {
    try {
      return await reader.read();
    } catch (error) {
      throw bodyAborted(error);
    }
  };
  try {
    while (true) {
      const { done, value } = await limits.race(next());
      if (done) break;
      size += value.length;
      if (fault === undefined) {
        try {
          if (size > maxBytes) throw bodyTooLarge(maxBytes);
          limits.take(value.length);
          chunks.push(value);
        } catch (error) {
          fault = error;
          chunks.length = 0;
        }
      } else if (size > MOST_DISCARDED) break;
    }
    if (fault !== undefined) throw fault;
    return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks);
  } catch (error) {
    // Not awaited: a stream that hangs would hold the answer back.
    reader.cancel().catch(() => undefined);
    throw error;
  }
}
