/** The parts of undici 6, 7 and 8 that an interceptor meets. undici itself is not imported: any version may be in use. */
export interface DispatchOptions {
  readonly origin?: string | URL;
  readonly path: string;
  readonly method: string;
  readonly body?: unknown;
  readonly headers?: RequestHeaders;
  readonly upgrade?: unknown;
}

/** Request headers: an object, a flat list, pairs, or nothing. */
export type RequestHeaders =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[]
  | Iterable<readonly [string, string]>
  | null
  | undefined;

export type Dispatch = (options: DispatchOptions, handler: object) => boolean;

/** Controls the connection of a request: undici 7 and 8. */
export interface Controller {
  readonly aborted: boolean;
  readonly paused: boolean;
  readonly reason: unknown;
  rawHeaders?: unknown;
  rawTrailers?: unknown;
  abort(reason?: unknown): void;
  pause(): void;
  resume(): void;
}

export type ResponseHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A handler as undici 7 and 8 know it. */
export interface ModernHandler {
  onRequestStart?(controller: Controller, context: unknown): void;
  onRequestUpgrade?(controller: Controller, status: number, headers: ResponseHeaders, socket: unknown): void;
  onResponseStart?(controller: Controller, status: number, headers: ResponseHeaders, message?: string): void;
  onResponseData?(controller: Controller, chunk: Buffer): void;
  onResponseEnd?(controller: Controller, trailers: ResponseHeaders): void;
  onResponseError?(controller: Controller, error: unknown): void;
  onBodySent?(...args: unknown[]): void;
  onRequestSent?(): void;
  onResponseStarted?(): void;
}

/** A handler as undici 6 knows it. */
export interface LegacyHandler {
  onConnect?(abort: (reason?: unknown) => void, context?: unknown): void;
  onUpgrade?(status: number, headers: readonly Buffer[], socket: unknown): void;
  onHeaders?(status: number, headers: readonly Buffer[], resume: () => void, message: string): boolean;
  onData?(chunk: Buffer): boolean;
  onComplete?(trailers: readonly Buffer[] | null): void;
  onError?(error: unknown): void;
  onBodySent?(...args: unknown[]): void;
  onRequestSent?(): void;
  onResponseStarted?(): void;
}

/** True for a handler of undici 7 and 8. */
export function isModern(handler: object): handler is ModernHandler {
  return typeof (handler as { onRequestStart?: unknown }).onRequestStart === 'function';
}

/** The value of a request header, whichever form they come in. */
export function requestHeader(headers: RequestHeaders, name: string): string | undefined {
  for (const [key, value] of pairs(headers)) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** The headers with one more, which is known not to be there. */
export function withRequestHeader(headers: RequestHeaders, name: string, value: string): RequestHeaders {
  if (headers === null || headers === undefined) return { [name]: value };
  if (Array.isArray(headers)) return [...(headers as readonly string[]), name, value];
  if (Symbol.iterator in headers) return [...pairs(headers).flat(), name, value];
  return { ...headers, [name]: value };
}

function pairs(headers: RequestHeaders): [string, string][] {
  if (headers === null || headers === undefined) return [];
  if (Array.isArray(headers)) {
    const flat = headers as readonly unknown[];
    // A list of pairs is taken by some versions too.
    if (Array.isArray(flat[0])) return (flat as [string, string][]).map(([key, value]) => [key, value]);
    const result: [string, string][] = [];
    for (let index = 0; index + 1 < flat.length; index += 2) {
      result.push([String(flat[index]), String(flat[index + 1])]);
    }
    return result;
  }
  if (Symbol.iterator in headers) {
    return [...(headers as Iterable<readonly [string, string]>)].map(([key, value]) => [key, value]);
  }
  const result: [string, string][] = [];
  for (const [key, value] of Object.entries(headers)) {
    if (value !== undefined) result.push([key, typeof value === 'string' ? value : String(value)]);
  }
  return result;
}
