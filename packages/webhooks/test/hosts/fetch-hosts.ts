import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { fetchWebhooks, honoWebhooks, nextWebhooks } from '../../src/index.ts';
import { listening, PATH, type StartHost } from './host.ts';

export const onFetch: StartHost = (receiver) =>
  listening(createServer(getRequestListener(fetchWebhooks(receiver))));

export const onHono: StartHost = (receiver) => {
  const app = new Hono();
  app.all(PATH, honoWebhooks(receiver));
  return listening(createServer(getRequestListener(app.fetch)));
};

// Next.js calls the export named like the method and answers others with 405 itself.
export const onNext: StartHost = (receiver) => {
  const route = nextWebhooks(receiver);
  const handle = (request: Request): Promise<Response> | Response =>
    request.method === 'GET' || request.method === 'POST'
      ? route[request.method](request)
      : new Response(null, { status: 405 });
  return listening(createServer(getRequestListener(handle)));
};
