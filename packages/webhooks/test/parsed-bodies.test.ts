import { createServer } from 'node:http';
import { gzipSync } from 'node:zlib';
import { getRequestListener } from '@hono/node-server';
import compression from 'compression';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createWebhookReceiver,
  fastifyWebhooks,
  honoWebhooks,
  koaWebhooks,
  lambdaWebhooks,
  memoryInbox,
  mockNotification,
  type NylasWebhookError,
  nylasWebhooks,
  signWebhook,
} from '../src/index.ts';
import { type Host, hostOf, listening, PATH } from './hosts/host.ts';
import { send } from './hosts/send.ts';

const SECRET = 's3cr3t';
let hosts: Host[] = [];
afterEach(async () => {
  for (const host of hosts) await host.close();
  hosts = [];
});

function receiving() {
  const errors: NylasWebhookError[] = [];
  const inbox = memoryInbox();
  const receiver = createWebhookReceiver({ secret: SECRET, inbox, onError: (error) => errors.push(error) });
  return { receiver, errors, inbox };
}

function signed(compressed = false) {
  const json = Buffer.from(JSON.stringify(mockNotification('message.created')));
  const body = compressed ? gzipSync(json) : json;
  return {
    body,
    headers: {
      'x-nylas-signature': signWebhook(body, SECRET),
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    },
  };
}

describe.each([
  ['Express 5', express],
  ['Express 4', express4 as unknown as typeof express],
])('raw bodies in %s', (_, framework) => {
  async function serve(
    use: (app: express.Express) => void,
    receiver: ReturnType<typeof receiving>['receiver'],
  ) {
    const app = framework();
    use(app);
    app.use(PATH, nylasWebhooks(receiver));
    const host = await listening(createServer(app));
    hosts.push(host);
    return host.port;
  }

  it('explains how to mount us when express.json() ran first, with 503 so that nothing is lost meanwhile', async () => {
    const { receiver, errors } = receiving();
    const port = await serve((app) => app.use(express.json()), receiver);
    const answer = await send(port, signed());
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('already parsed');
    expect(answer.body).toContain('Mount nylasWebhooks() before express.json()');
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_ALREADY_PARSED']);
  });

  it('does not take the text of express.text() for the bytes', async () => {
    const { receiver } = receiving();
    const port = await serve((app) => app.use(express.text({ type: '*/*' })), receiver);
    expect((await send(port, signed())).status).toBe(503);
  });

  it('takes the bytes of express.raw()', async () => {
    const { receiver } = receiving();
    const port = await serve((app) => app.use(express.raw({ type: '*/*' })), receiver);
    expect((await send(port, signed())).status).toBe(200);
  });

  it('explains that express.raw() inflated a compressed delivery', async () => {
    const { receiver, errors } = receiving();
    const port = await serve((app) => app.use(express.raw({ type: '*/*' })), receiver);
    const answer = await send(port, signed(true));
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('inflate: false');
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_CHANGED']);
  });

  it('takes `rawBody`, as Cloud Functions and Nest keep it', async () => {
    const { receiver } = receiving();
    const keep = (request: unknown, _response: unknown, bytes: Buffer) => {
      (request as { rawBody: Buffer }).rawBody = bytes;
    };
    const port = await serve((app) => app.use(express.json({ verify: keep })), receiver);
    expect((await send(port, signed())).status).toBe(200);
  });

  // Nylas accepts no destination whose challenge is answered in chunks, and compression() chunks what it may.
  it('answers with a length behind compression()', async () => {
    const { receiver } = receiving();
    const port = await serve((app) => app.use(compression({ threshold: 0 })), receiver);
    const headers = { 'accept-encoding': 'gzip' };
    const challenge = await send(port, { method: 'GET', query: 'challenge=abc', headers });
    const delivery = signed();
    const stored = await send(port, { ...delivery, headers: { ...delivery.headers, ...headers } });
    expect(
      [challenge, stored].map((answer) => [
        answer.status,
        answer.body,
        answer.headers['content-length'],
        answer.headers['transfer-encoding'],
        answer.headers['content-encoding'],
      ]),
    ).toEqual([
      [200, 'abc', '3', undefined, undefined],
      [200, '', '0', undefined, undefined],
    ]);
  });

  it('holds bytes that somebody kept to the cap', async () => {
    const receiver = createWebhookReceiver({ secret: SECRET, inbox: memoryInbox(), maxBodyBytes: 10 });
    const port = await serve((app) => app.use(express.raw({ type: '*/*' })), receiver);
    expect((await send(port, signed())).status).toBe(413);
  });
});

describe('raw bodies elsewhere', () => {
  it('explains a request that Hono has read', async () => {
    const { receiver, errors } = receiving();
    const app = new Hono();
    app.use(async (context, next) => {
      await context.req.json();
      await next();
    });
    app.all(PATH, honoWebhooks(receiver));
    const host = await listening(createServer(getRequestListener(app.fetch)));
    hosts.push(host);
    expect((await send(host.port, signed())).status).toBe(503);
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_ALREADY_PARSED']);
  });

  it('explains a request that a body parser of Koa has read', async () => {
    const { receiver, errors } = receiving();
    const app = new Koa();
    app.use(async ({ req }, next) => {
      for await (const _chunk of req);
      await next();
    });
    app.use(koaWebhooks(receiver, { path: PATH }));
    const host = await listening(createServer(app.callback()));
    hosts.push(host);
    const answer = await send(host.port, signed());
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('Use koaWebhooks() before koa-bodyparser');
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_ALREADY_PARSED']);
  });

  it('explains a request that an onRequest hook of Fastify has read', async () => {
    const { receiver, errors } = receiving();
    const app = Fastify();
    app.addHook('onRequest', async ({ raw }) => {
      for await (const _chunk of raw);
    });
    app.register(fastifyWebhooks(receiver), { prefix: PATH });
    await app.listen({ port: 0, host: '127.0.0.1' });
    hosts.push({ ...hostOf(app.server), close: () => app.close() });
    const answer = await send(hostOf(app.server).port, signed());
    expect(answer.status).toBe(503);
    expect(answer.body).toContain('earlier onRequest hook');
    expect(errors.map(({ code }) => code)).toEqual(['NYLAS_WEBHOOK_BODY_ALREADY_PARSED']);
  });

  it("explains a Lambda event whose body middy's parser has replaced", async () => {
    const { receiver, errors } = receiving();
    const handler = lambdaWebhooks(receiver);
    const answer = await handler({ httpMethod: 'POST', headers: {}, body: { deltas: [] } });
    expect(answer.statusCode).toBe(503);
    expect(errors[0]?.message).toContain('middy');
  });

  it('does not decode a base64 body over the cap', async () => {
    const { receiver } = receiving();
    const body = 'A'.repeat(4 * 1024 * 1024);
    const answer = await lambdaWebhooks(receiver)({
      httpMethod: 'POST',
      headers: {},
      body,
      isBase64Encoded: true,
    });
    expect(answer.statusCode).toBe(413);
  });
});
