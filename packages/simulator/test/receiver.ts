import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { signWebhook } from '@nylas-otel/webhooks';

/** A notification as it arrived. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly wire: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the simulator sent
  readonly body: any;
}

/** A receiver on loopback whose answers a test chooses. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: Received[];
  /** Challenges that were asked. */
  readonly challenges: string[];
  /** Statuses for the next notifications; 200 after that. 0 cuts the connection. */
  answers: (number | { readonly status: number; readonly retryAfter: string })[];
  /** Status for every notification, where `answers` has none. */
  always: number;
  /** Takes notifications and never answers. */
  silent: boolean;
  /** Answers challenges wrongly. */
  deaf: boolean;
  /** Whether everything that arrived was signed with this secret. */
  signedWith(secret: string): boolean;
  /** Types of what arrived: of v3 notifications and v2 deltas. */
  types(): string[];
  close(): Promise<void>;
}

/** Starts a receiver. */
export async function startReceiver(): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const challenge = new URL(request.url ?? '/', 'http://x').searchParams.get('challenge');
    if (challenge !== null) {
      receiver.challenges.push(challenge);
      const body = receiver.deaf ? 'what?' : challenge;
      response.writeHead(200, { 'content-length': Buffer.byteLength(body) }).end(body);
      return;
    }
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const wire = Buffer.concat(chunks);
    const plain = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire) : wire;
    receiver.received.push({ headers: request.headers, wire, body: JSON.parse(plain.toString()) });
    if (receiver.silent) return;
    const answer = receiver.answers.shift() ?? receiver.always;
    if (answer === 0) response.destroy();
    else if (typeof answer === 'number') response.writeHead(answer).end();
    else response.writeHead(answer.status, { 'retry-after': answer.retryAfter }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    challenges: [],
    answers: [],
    always: 200,
    silent: false,
    deaf: false,
    signedWith: (secret) =>
      receiver.received.every(
        ({ headers, wire }) => headers['x-nylas-signature'] === signWebhook(wire, secret),
      ),
    types: () =>
      receiver.received.flatMap(({ body }) =>
        body.deltas === undefined ? [body.type] : body.deltas.map((delta: { type: string }) => delta.type),
      ),
    close,
    [Symbol.asyncDispose]: close,
  };
  return receiver;
}
