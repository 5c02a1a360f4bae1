import type { IncomingMessage, ServerResponse } from 'node:http';
import type { BodyLimits, WebhookRequest, WebhookResponse } from '../receiver/exchange.ts';
import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { type MaybeParsed, readNodeBody } from './node-body.ts';

/** A handler for `node:http`, Express 4 and 5, Connect, and what is shaped like them. */
export interface NodeWebhooks {
  (request: IncomingMessage, response: ServerResponse, next?: (error?: unknown) => void): void;
  readonly receiver: WebhookReceiver;
}

const REMEDY =
  'Mount nylasWebhooks() before express.json(): app.use("/webhooks/nylas", nylasWebhooks({...})), or keep the bytes as ' +
  'a Buffer in `request.rawBody`.';

/**
 * Receives webhooks with `node:http` (`createServer(nylasWebhooks({...}))`) and Express
 * (`app.use('/webhooks/nylas', nylasWebhooks({...}))`, before body parsers). Answers every request that reaches it.
 *
 * @param options of a receiver of its own, or a receiver to share
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function nylasWebhooks(options: WebhookOptions | WebhookReceiver): NodeWebhooks {
  const receiver = receiverOf(options);
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    receiver.deliver(nodeRequest(request, REMEDY), (answer) => answerNode(request, response, answer));
  };
  return Object.assign(handle, { receiver });
}

/** A `node:http` request as the receiver takes it. */
export function nodeRequest(request: IncomingMessage, remedy: string): WebhookRequest {
  return new NodeRequest(request, remedy);
}

// A class: one object a delivery instead of four closures.
class NodeRequest implements WebhookRequest {
  readonly #request: IncomingMessage;
  readonly #remedy: string;

  constructor(request: IncomingMessage, remedy: string) {
    this.#request = request;
    this.#remedy = remedy;
  }

  get method(): string {
    return this.#request.method ?? '';
  }

  get query(): string {
    const url = this.#request.url ?? '';
    const mark = url.indexOf('?');
    return mark === -1 ? '' : url.slice(mark + 1);
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  }

  readBody(limits: BodyLimits, done: (body: Uint8Array) => void, failed: (error: unknown) => void): void {
    readNodeBody(this.#request as MaybeParsed, limits, this.#remedy, done, failed);
  }
}

/** Headers of the answer, with the end of the connection where the rest of a body that was begun is not waited for. */
export function nodeHeaders(request: IncomingMessage, answer: WebhookResponse): Record<string, string> {
  const cutOff = !request.complete && request.readableDidRead && request.httpVersionMajor === 1;
  return cutOff ? { ...answer.headers, connection: 'close' } : answer.headers;
}

function answerNode(request: IncomingMessage, response: ServerResponse, answer: WebhookResponse): void {
  // Somebody else answered (a time-out of the host), or nobody is there any more.
  if (response.headersSent || response.destroyed) return;
  try {
    // The length is told even of nothing: a middleware that wraps end() would have it chunked.
    response.writeHead(answer.status, nodeHeaders(request, answer));
    response.end(answer.body);
  } catch {
    response.destroy();
  }
}
