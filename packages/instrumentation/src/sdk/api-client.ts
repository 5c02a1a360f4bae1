import { CORRELATION_HEADER, currentScope, guarded, headerIsSafe } from '@nylas-otel/telemetry';
import { type NylasCall, publishCall, requestChannel } from './request-channel.ts';
import { unwrapMethod, wrapMethod } from './wrap.ts';

/** What the patch needs of `APIClient` (nylas 7 and 8). */
interface ApiClient {
  readonly serverUrl: string;
  setRequestHeaders?(options: object): { [name: string]: unknown };
}

interface RequestOptions {
  readonly method?: string;
  readonly path?: string;
  readonly overrides?: { readonly apiUri?: string };
}

// The faces of the client's one choke point, outermost first: a body is read inside `request` and `requestRaw`.
const FACES = ['request', 'requestRaw', 'requestStream', 'sendRequest'] as const;

/** The prototype of an API client, or undefined when it does not look like one. */
export function isApiClientPrototype(prototype: object): boolean {
  return typeof (prototype as { sendRequest?: unknown }).sendRequest === 'function';
}

/**
 * Patches `APIClient.prototype` of nylas 7 and 8: every call publishes on `tracing:nylas:request` and, where it goes
 * through undici's fetch, carries the correlation header that never reaches the wire. Patching twice is a no-op.
 *
 * @returns what undoes it
 */
export function patchApiClient(prototype: object, sdkVersion: string | undefined): () => void {
  const version = sdkVersion ?? guarded('patch', () => versionFromUserAgent(prototype), undefined);
  for (const face of FACES) {
    wrapMethod(
      prototype,
      face,
      (original) =>
        function (this: unknown, ...args: unknown[]) {
          if (!requestChannel.start.hasSubscribers) return original.apply(this, args);
          const call = guarded(
            'patch',
            () => callOf(this as ApiClient, args[0] as RequestOptions, version),
            undefined,
          );
          if (call === undefined) return original.apply(this, args);
          return publishCall(call, () => original.apply(this, args) as Promise<unknown>);
        },
    );
  }
  wrapMethod(
    prototype,
    'newRequest',
    (original) =>
      function (this: unknown, ...args: unknown[]) {
        const request = original.apply(this, args);
        // A promise from 7.12 on, the request itself before.
        return request instanceof Promise ? request.then(correlated) : correlated(request);
      },
  );
  return () => {
    for (const face of [...FACES, 'newRequest']) unwrapMethod(prototype, face);
  };
}

/** The call as it is published; undefined inside another face of the same call. */
function callOf(
  client: ApiClient,
  options: RequestOptions,
  sdkVersion: string | undefined,
): NylasCall | undefined {
  const scope = currentScope();
  if (scope?.inSdkCall === true) return undefined;
  const call: NylasCall = {
    sdkVersion,
    method: options.method ?? 'GET',
    path: options.path ?? '/',
    baseUrl: options.overrides?.apiUri || client.serverUrl,
  };
  if (scope?.operation !== undefined && !scope.operation.ended) call.operation = scope.operation;
  return call;
}

function correlated(request: unknown): unknown {
  return guarded(
    'patch',
    () => {
      const operation = currentScope()?.operation;
      // The SDK's request is of the global class only where it will go through the global fetch.
      if (operation !== undefined && request instanceof Request && headerIsSafe(globalThis.fetch)) {
        request.headers.set(CORRELATION_HEADER, operation.id);
        operation.tagged = true;
      }
      return request;
    },
    request,
  );
}

function versionFromUserAgent(prototype: object): string | undefined {
  const bare = Object.assign(Object.create(prototype) as ApiClient, { headers: {}, apiKey: '' });
  const agent = bare.setRequestHeaders?.({ headers: {}, overrides: {} })['User-Agent'];
  return typeof agent === 'string' ? /v(\d+\.\d+\.\d+)/.exec(agent)?.[1] : undefined;
}
