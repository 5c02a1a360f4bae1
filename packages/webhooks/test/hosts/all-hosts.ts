import { onFetch, onHono, onNext } from './fetch-hosts.ts';
import type { StartHost } from './host.ts';
import { onLambdaV1, onLambdaV2 } from './lambda-hosts.ts';
import { onNestExpress, onNestFastify } from './nest-hosts.ts';
import { nodeHttp, onExpress4, onExpress5, onFastify, onKoa } from './node-hosts.ts';

/** Every adapter in its framework. */
export const HOSTS: readonly (readonly [name: string, start: StartHost])[] = [
  ['node:http', nodeHttp],
  ['Express 5', onExpress5],
  ['Express 4', onExpress4],
  ['Koa', onKoa],
  ['Fastify 5', onFastify],
  ['NestJS on Express', onNestExpress],
  ['NestJS on Fastify', onNestFastify],
  ['fetch', onFetch],
  ['Hono', onHono],
  ['Next.js route handlers', onNext],
  ['Lambda, payload 1.0', onLambdaV1],
  ['Lambda, payload 2.0', onLambdaV2],
];
