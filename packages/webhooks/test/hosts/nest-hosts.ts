import 'reflect-metadata';
import type { Server } from 'node:net';
import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { mountNestWebhooks, type WebhookReceiver } from '../../src/index.ts';
import { type Host, hostOf, PATH, type StartHost } from './host.ts';

class AppModule {}
// Decorators need a compiler option; calling them is the same.
Module({})(AppModule);

export const onNestExpress: StartHost = async (receiver) =>
  await start(await NestFactory.create(AppModule, new ExpressAdapter(), { logger: false }), receiver);

export const onNestFastify: StartHost = async (receiver) =>
  await start(await NestFactory.create(AppModule, new FastifyAdapter(), { logger: false }), receiver);

async function start(app: INestApplication, receiver: WebhookReceiver): Promise<Host> {
  mountNestWebhooks(app, PATH, receiver);
  await app.listen(0, '127.0.0.1');
  return { ...hostOf(app.getHttpServer() as Server), close: () => app.close() };
}
