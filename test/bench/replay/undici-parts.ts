import { createRequire } from 'node:module';
import type { Dispatcher } from 'undici';

const require = createRequire(import.meta.url);

/** What a request tells its maker. */
export interface ReplayHandler {
  onConnect(abort: (error?: Error) => void): void;
  onHeaders(status: number, headers: readonly Buffer[], resume: () => void, statusText: string): boolean;
  onData(chunk: Buffer): boolean;
  onComplete(trailers: readonly Buffer[]): void;
  onError(error: Error): void;
}

/** undici's own request object: it publishes `create`, `headers` and `trailers`, as over a real socket. */
export interface UndiciRequest {
  onConnect(abort: () => void): void;
  onHeaders(status: number, headers: readonly Buffer[], resume: () => void, statusText: string): boolean;
  onComplete(trailers: readonly Buffer[]): void;
  onError(error: Error): void;
}

export interface RequestOptions {
  readonly origin: string;
  readonly path: string;
  readonly method: string;
  readonly headers: readonly string[];
  readonly body: string | null;
}

type RequestClass = new (origin: string, options: RequestOptions, handler: ReplayHandler) => UndiciRequest;
type DispatcherBaseClass = abstract new () => Dispatcher;
interface Symbols {
  readonly kDispatch: symbol;
  readonly kNeedDrain: symbol;
}

// Not exported by undici; its version is pinned.
export const Request: RequestClass = require('undici/lib/core/request.js') as RequestClass;
export const DispatcherBase: DispatcherBaseClass =
  require('undici/lib/dispatcher/dispatcher-base.js') as DispatcherBaseClass;
export const symbols: Symbols = require('undici/lib/core/symbols.js') as Symbols;
