import { createServer } from 'node:http';
import express from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import Koa from 'koa';
import { fastifyWebhooks, koaWebhooks, nylasWebhooks } from '../../src/index.ts';
import { hostOf, listening, PATH, type StartHost } from './host.ts';

export const nodeHttp: StartHost = (receiver) => listening(createServer(nylasWebhooks(receiver)));

// With the parsers of a usual application behind it.
export const onExpress5: StartHost = (receiver) => {
  const app = express();
  app.use(PATH, nylasWebhooks(receiver));
  app.use(express.json());
  return listening(createServer(app));
};

export const onExpress4: StartHost = (receiver) => {
  const app = express4();
  app.use(PATH, nylasWebhooks(receiver));
  app.use(express4.json());
  return listening(createServer(app));
};

export const onKoa: StartHost = (receiver) => {
  const app = new Koa();
  app.use(koaWebhooks(receiver, { path: PATH }));
  return listening(createServer(app.callback()));
};

export const onFastify: StartHost = async (receiver) => {
  const app = Fastify();
  app.register(fastifyWebhooks(receiver), { prefix: PATH });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { ...hostOf(app.server), close: () => app.close() };
};
