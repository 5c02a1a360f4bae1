/** A request as undici's diagnostics channels show it (undici 6 to 8, and Node's own). */
export interface UndiciRequest {
  readonly origin: string | URL;
  readonly path: string;
  readonly method: string;
  /** Flat list of names and values (undici 6 and up). */
  headers: unknown[] | string;
  addHeader?(name: string, value: string): unknown;
}

/** Message of `undici:request:create`, `undici:request:trailers`. */
export interface UndiciRequestMessage {
  readonly request: UndiciRequest;
}

/** Message of `undici:client:sendHeaders`. */
export interface UndiciSendMessage extends UndiciRequestMessage {
  readonly socket: {
    readonly remoteAddress?: string;
    readonly remotePort?: number;
    readonly alpnProtocol?: unknown;
  };
}

/** Message of `undici:request:headers`; published for informational responses too. */
export interface UndiciResponseMessage extends UndiciRequestMessage {
  readonly response: { readonly statusCode: number; readonly headers: Array<Uint8Array | string> };
}

/** Message of `undici:request:error`; the error may be a string or a DOMException. */
export interface UndiciErrorMessage extends UndiciRequestMessage {
  readonly error: unknown;
}

/** The value of a request header, undefined when it is not sent. `name` in lower case. */
export function requestHeader(request: UndiciRequest, name: string): string | undefined {
  const { headers } = request;
  if (!Array.isArray(headers)) return undefined;
  // From the end: what an instrumentation injects comes last. The name is nearly always written as it is looked for.
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const key = headers[i];
    if (
      key === name ||
      (typeof key === 'string' && key.length === name.length && key.toLowerCase() === name)
    ) {
      const value = headers[i + 1];
      return typeof value === 'string' ? value : String(value);
    }
  }
  return undefined;
}

/** Takes a header off a request before it is written, and returns its value. `name` in lower case. */
export function takeRequestHeader(request: UndiciRequest, name: string): string | undefined {
  const { headers } = request;
  if (!Array.isArray(headers)) return undefined;
  let taken: string | undefined;
  for (let i = headers.length - 2; i >= 0; i -= 2) {
    const key = headers[i];
    if (typeof key === 'string' && key.length === name.length && key.toLowerCase() === name) {
      taken = String(headers[i + 1]);
      headers.splice(i, 2);
    }
  }
  return taken;
}
