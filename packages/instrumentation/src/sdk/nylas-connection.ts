import { currentScope, guarded } from '@nylas-otel/telemetry';
import { type NylasCall, publishCall, requestChannel } from './request-channel.ts';
import { unwrapMethod, wrapMethod } from './wrap.ts';

interface ConnectionRequest {
  readonly method?: string;
  readonly path?: string;
  readonly baseUrl?: string;
}

/** The SDK's default export of nylas 6: static configuration, and the code exchange that bypasses the connection. */
interface NylasStatic {
  readonly apiServer?: string;
  readonly exchangeCodeForToken?: unknown;
}

/** A delta stream of nylas 6; `open` fetches by itself. */
interface DeltaStream {
  readonly path?: string;
  readonly connection?: { requestOptions?(options: object): { readonly url?: URL } };
}

const DEFAULT_BASE_URL = 'https://api.nylas.com';

/** The parts of nylas 6 that send requests. */
export interface Nylas6Parts {
  /** `NylasConnection.prototype`. */
  readonly connection: object;
  /** The class whose static `exchangeCodeForToken` bypasses the connection, where it is known. */
  readonly nylas?: object | undefined;
  readonly sdkVersion: string | undefined;
  /** The API server that `Nylas.config()` set. */
  readonly apiServer: () => string | undefined;
}

/**
 * Patches nylas 6: `NylasConnection.prototype.request`, and the two calls that bypass it. Patching twice is a no-op.
 *
 * @returns what undoes it
 */
export function patchNylas6(parts: Nylas6Parts): () => void {
  const call = (method: string, path: string, baseUrl: string | undefined): NylasCall => ({
    sdkVersion: parts.sdkVersion,
    method,
    path,
    baseUrl: baseUrl || parts.apiServer() || DEFAULT_BASE_URL,
  });
  patchCall(parts.connection, 'request', (_self, options) => {
    const { method, path, baseUrl } = (options ?? {}) as ConnectionRequest;
    return { ...call(method ?? 'GET', path ?? '/', baseUrl), abortIsTimeout: true };
  });
  if (parts.nylas !== undefined) {
    patchCall(parts.nylas, 'exchangeCodeForToken', (self) =>
      call('GET', '/oauth/token', (self as NylasStatic | undefined)?.apiServer),
    );
  }
  return () => {
    unwrapMethod(parts.connection, 'request');
    if (parts.nylas !== undefined) unwrapMethod(parts.nylas, 'exchangeCodeForToken');
  };
}

/**
 * Patches `DeltaStream.prototype.open` of nylas 6, which fetches past the connection. It settles once the stream is
 * open, so the operation covers the opening, not the minutes of the stream.
 *
 * @param exports the module `nylas/lib/models/delta-stream.js`
 * @returns what undoes it, or undefined when there is nothing to patch
 */
export function patchDeltaStream(exports: object, sdkVersion: string | undefined): (() => void) | undefined {
  const prototype = (exports as { default?: { prototype?: object } }).default?.prototype;
  if (prototype === undefined) return undefined;
  patchCall(prototype, 'open', (self) => ({
    sdkVersion,
    method: 'GET',
    path: (self as DeltaStream).path ?? '/delta/streaming',
    baseUrl: baseUrlOf(self as DeltaStream) ?? DEFAULT_BASE_URL,
  }));
  return () => unwrapMethod(prototype, 'open');
}

// The connection knows the configured server only inside the options of a request.
function baseUrlOf({ connection }: DeltaStream): string | undefined {
  const url = connection?.requestOptions?.({ path: '/delta/streaming', method: 'GET' }).url;
  return url?.origin;
}

function patchCall(
  holder: object,
  name: string,
  describe: (self: unknown, first: unknown) => NylasCall,
): void {
  wrapMethod(
    holder,
    name,
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const scope = currentScope();
        if (!requestChannel.start.hasSubscribers || scope?.inSdkCall === true)
          return original.apply(this, args);
        const call = guarded('patch', () => describe(this, args[0]), undefined);
        if (call === undefined) return original.apply(this, args);
        if (scope?.operation !== undefined && !scope.operation.ended) call.operation = scope.operation;
        return publishCall(call, () => original.apply(this, args) as Promise<unknown>);
      },
  );
}
