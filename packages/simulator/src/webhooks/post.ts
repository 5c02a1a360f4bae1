import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { gzipSync } from 'node:zlib';
import { parseRetryAfter } from '@nylas-otel/nylas-api';
import { signWebhook } from '@nylas-otel/webhooks';
import type { AttemptResult } from './attempts.ts';

/** What is sent where. */
export interface Parcel {
  readonly url: string;
  readonly secret: string;
  readonly compressed: boolean;
  readonly json: string;
}

/** Connections to one receiver at a time; more parcels wait for one to be free. */
const CONNECTIONS = 64;
const OPTIONS = { keepAlive: true, maxSockets: CONNECTIONS };

/**
 * Posts signed notifications. With Node's own client and not with `fetch`, which tests replace and instrument: what Nylas
 * sends is no request of theirs.
 */
export class Postman {
  readonly #http = new HttpAgent(OPTIONS);
  readonly #https = new HttpsAgent(OPTIONS);

  /**
   * Posts one; never rejects.
   * @param timeoutMs real milliseconds the receiver has
   */
  post(parcel: Parcel, timeoutMs: number): Promise<AttemptResult> {
    const plain = Buffer.from(parcel.json);
    const wire = parcel.compressed ? gzipSync(plain, { level: 1 }) : plain;
    const secure = parcel.url.startsWith('https:');
    return new Promise((resolve) => {
      const answered = (response: IncomingMessage): void => {
        const { statusCode = 0, headers } = response;
        response.resume();
        response.on('error', () => {});
        const seconds =
          statusCode === 429 ? parseRetryAfter(headers['retry-after'] ?? '', Date.now()) : undefined;
        resolve({ status: statusCode, retryAfterMs: seconds === undefined ? undefined : seconds * 1000 });
      };
      const request = (secure ? httpsRequest : httpRequest)(
        parcel.url,
        {
          method: 'POST',
          agent: secure ? this.#https : this.#http,
          headers: {
            'content-type': 'application/json',
            'content-length': wire.length,
            'user-agent': 'Nylas-Webhooks (simulated)',
            'x-nylas-signature': signWebhook(wire, parcel.secret),
            ...(parcel.compressed ? { 'content-encoding': 'gzip' } : {}),
          },
        },
        answered,
      );
      request.on('error', () => resolve({ status: 0, retryAfterMs: undefined }));
      // From when it has a connection: waiting for one is no fault of the receiver.
      request.once('socket', () => {
        const timer = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs);
        timer.unref();
        request.once('close', () => clearTimeout(timer));
      });
      request.end(wire);
    });
  }

  /** Asks for a challenge, with the same client; a stand-in for `fetch` where it is only a GET. */
  readonly get: typeof fetch = (input, init) => {
    const url = String(input);
    const secure = url.startsWith('https:');
    return new Promise((resolve, reject) => {
      const request = (secure ? httpsRequest : httpRequest)(
        url,
        { agent: secure ? this.#https : this.#http, ...(init?.signal ? { signal: init.signal } : {}) },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => resolve(answerOf(response, Buffer.concat(chunks))));
        },
      );
      request.on('error', reject);
      request.end();
    });
  };

  /** Closes idle connections, and ends what is under way. */
  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}

function answerOf({ statusCode = 0, rawHeaders }: IncomingMessage, body: Buffer): Response {
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2)
    headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  // A status without a body, or none that a Response can have, is no answer to a challenge anyway.
  const status =
    statusCode >= 200 && statusCode !== 204 && statusCode !== 205 && statusCode !== 304 ? statusCode : 500;
  return new Response(body, { status, headers });
}
