import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerType } from '@hono/node-server';
import { serve as serveHono } from '@hono/node-server';
import KoaRouter from '@koa/router';
import { Controller, Get, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { currentScope } from '@nylas-otel/telemetry';
import fastify from 'fastify';
import fastify4 from 'fastify4';
import { Hono } from 'hono';
// @ts-expect-error Koa 3 brings no types.
import KoaModule from 'koa';
import { describe, expect, it, onTestFinished } from 'vitest';
import 'reflect-metadata';
import '../../test/express.ts';
import { send, serve } from '../../test/loopback.ts';
import { parseScrape } from '../../test/prometheus-text.ts';
import { nylasTelemetryFastify } from './fastify.ts';
import { nylasTelemetryHono } from './hono.ts';
import { nylasTelemetryKoa } from './koa.ts';
import { nylasTelemetry } from './nylas-telemetry.ts';

async function callerNow(): Promise<string> {
  await new Promise((resolve) => setImmediate(resolve));
  const caller = currentScope()?.caller;
  return String(typeof caller === 'function' ? caller() : caller);
}

interface KoaContext {
  req: IncomingMessage;
  body: unknown;
}
interface KoaApp {
  use(middleware: unknown): KoaApp;
  callback(): RequestListener;
}
const Koa = KoaModule as new () => KoaApp;

/** What every way of mounting must do; `url` serves /users/:id and POST /users/:id/mail, which answer their caller. */
async function holds(url: string): Promise<void> {
  const scrape = await send(`${url}/metrics`, { headers: { 'accept-encoding': 'identity' } });
  expect(scrape.status).toBe(200);
  expect(scrape.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(parseScrape(scrape.body.toString()).has('target_info')).toBe(true);

  const head = await send(`${url}/metrics`, { method: 'HEAD' });
  expect(head.status).toBe(200);
  expect(head.body).toHaveLength(0);
  expect(Number(head.headers['content-length'])).toBeGreaterThan(50);

  for (const method of ['POST', 'DELETE', 'OPTIONS']) {
    const refused = await send(`${url}/metrics`, {
      method,
      headers: { 'content-type': 'text/xml' },
      body: '<x/>',
    });
    expect([method, refused.status, refused.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }

  expect((await send(`${url}/users/alice@example.com`)).body.toString()).toBe('/users/:id');
  const posted = await send(`${url}/users/42/mail`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', expect: '100-continue' },
    body: JSON.stringify({ text: 'x'.repeat(50_000) }),
  });
  expect(posted.body.toString()).toBe('/users/:id/mail');
  expect((await send(`${url}/nowhere`)).status).toBe(404);
}

describe.each([
  ['Fastify 4', fastify4 as unknown as typeof fastify],
  ['Fastify 5', fastify],
])('%s', (_name, fastify) => {
  const listen = async (app: ReturnType<typeof fastify>): Promise<string> => {
    onTestFinished(() => app.close());
    return app.listen({ port: 0, host: '127.0.0.1' });
  };

  it('serves metrics and names callers as a plugin', async () => {
    const app = fastify();
    await app.register(nylasTelemetryFastify({ callers: true }));
    app.get('/users/:id', () => callerNow());
    app.post('/users/:id/mail', () => callerNow());
    await holds(await listen(app));
  });

  it('holds for routes of child plugins, with their prefix', async () => {
    const app = fastify();
    await app.register(nylasTelemetryFastify({ metrics: false, callers: true }));
    await app.register(
      async (child) => {
        child.get('/mail/:id', () => callerNow());
      },
      { prefix: '/tenants/:tenant' },
    );
    const url = await listen(app);
    expect((await send(`${url}/tenants/acme/mail/7`)).body.toString()).toBe('/tenants/:tenant/mail/:id');
  });
});

describe('Koa', () => {
  it('serves metrics and names callers of @koa/router', async () => {
    const app = new Koa();
    const router = new KoaRouter();
    router.get('/users/:id', async (context: KoaContext) => {
      context.body = await callerNow();
    });
    router.post('/users/:id/mail', async (context: KoaContext) => {
      for await (const _chunk of context.req);
      context.body = await callerNow();
    });
    app.use(nylasTelemetryKoa({ callers: true }));
    app.use(router.routes());
    await holds(await serve(app.callback()));
  });

  it('names nested routes with their prefix', async () => {
    const app = new Koa();
    const inner = new KoaRouter();
    inner.get('/mail/:id', async (context: KoaContext) => {
      context.body = await callerNow();
    });
    const outer = new KoaRouter({ prefix: '/tenants/:tenant' });
    outer.use('/boxes/:box', inner.routes());
    app.use(nylasTelemetryKoa({ metrics: false, callers: true }));
    app.use(outer.routes());
    const url = await serve(app.callback());
    expect((await send(`${url}/tenants/acme/boxes/in/mail/7`)).body.toString()).toBe(
      '/tenants/:tenant/boxes/:box/mail/:id',
    );
  });
});

describe('Hono', () => {
  const listen = (app: Hono): Promise<string> =>
    new Promise((resolve) => {
      const server: ServerType = serveHono(
        { fetch: app.fetch, port: 0, hostname: '127.0.0.1' },
        ({ port }: AddressInfo) => resolve(`http://127.0.0.1:${port}`),
      );
      onTestFinished(() => void server.close());
    });

  it('serves metrics and names callers', async () => {
    const app = new Hono();
    app.use(nylasTelemetryHono({ callers: true }));
    app.get('/users/:id', async (context) => context.text(await callerNow()));
    app.post('/users/:id/mail', async (context) => {
      await context.req.json();
      return context.text(await callerNow());
    });
    await holds(await listen(app));
  });

  it('names the route that a middleware on the way leads to, with the prefix of a nested app', async () => {
    const app = new Hono();
    const inner = new Hono();
    inner.use('*', async (context, next) => {
      context.header('x-caller', await callerNow());
      await next();
    });
    inner.get('/mail/:id', async (context) => context.text(await callerNow()));
    app.use(nylasTelemetryHono({ callers: true }));
    app.route('/tenants/:tenant', inner);
    const url = await listen(app);
    const answer = await send(`${url}/tenants/acme/mail/7`);
    expect(answer.body.toString()).toBe('/tenants/:tenant/mail/:id');
    expect(answer.headers['x-caller']).toBe('/tenants/:tenant/mail/:id');
    expect((await send(`${url}/tenants/acme/nowhere`)).headers['x-caller']).toMatch(
      /^(undefined|\/tenants\/:tenant\/\*)$/,
    );
  });
});

describe('Nest', () => {
  it('serves metrics and names callers over Express', async () => {
    class Users {
      find(): Promise<string> {
        return callerNow();
      }
      send(): Promise<string> {
        return callerNow();
      }
    }
    const decorate = (decorators: MethodDecorator[], key: 'find' | 'send') =>
      Reflect.decorate(
        decorators,
        Users.prototype,
        key,
        Object.getOwnPropertyDescriptor(Users.prototype, key),
      );
    Controller('users')(Users);
    decorate([Get(':id')], 'find');
    const { Post } = await import('@nestjs/common');
    decorate([Post(':id/mail')], 'send');
    Param('id')(Users.prototype, 'find', 0);
    class App {}
    Module({ controllers: [Users] })(App);
    const app = await NestFactory.create(App, { logger: false });
    onTestFinished(() => app.close());
    app.use(nylasTelemetry({ callers: true }));
    await app.listen(0, '127.0.0.1');
    await holds((await app.getUrl()).replace('[::1]', 'localhost'));
  });
});
