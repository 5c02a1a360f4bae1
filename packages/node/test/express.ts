import type { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';

/** As much of Express as the tests use: it brings no types. */
export interface ExpressApp {
  (request: IncomingMessage, response: ServerResponse): void;
  use(...handlers: unknown[]): unknown;
  get(path: unknown, ...handlers: unknown[]): unknown;
  post(path: unknown, ...handlers: unknown[]): unknown;
}

/** Express itself. */
export interface ExpressModule {
  (): ExpressApp;
  Router(options?: { mergeParams?: boolean }): ExpressApp;
  json(): unknown;
}

const require = createRequire(import.meta.url);

// vitest starts its workers with `--conditions import`, under which `require('is-promise')` (router 2) gives its ES
// module and Express 5 fails. Outside vitest it is right; see the child-process tests.
function mendIsPromise(): void {
  const fromRouter = createRequire(createRequire(require.resolve('express')).resolve('router'));
  const file = fromRouter.resolve('is-promise');
  const loaded = fromRouter(file) as { default?: unknown };
  const cached = require.cache[file];
  if (cached !== undefined && typeof loaded.default === 'function') cached.exports = loaded.default;
}

export const express4 = require('express4') as ExpressModule;
mendIsPromise();
export const express5 = require('express') as ExpressModule;
