import { guarded } from '@nylas-otel/telemetry';
import { isApiClientPrototype, patchApiClient } from './api-client.ts';
import { patchNylas6 } from './nylas-connection.ts';

interface Nylas6Class {
  with(accessToken: string): { requestOptions?(options: object): { headers?: { [name: string]: unknown } } };
  readonly apiServer?: string;
}

/**
 * Patches whatever `nylas` gives: the module, its class (6, 7 or 8), or a client made by it.
 *
 * @param nylas exports of the module, the `Nylas` class, a `Nylas` client (7, 8) or a connection (6)
 * @param sdkVersion where it is known; else read off the user agent
 * @returns what undoes it, or undefined when nothing that could be patched was found
 */
export function patchNylas(nylas: unknown, sdkVersion?: string): (() => void) | undefined {
  const candidate = classOrClient(nylas);
  if (candidate === undefined) return undefined;
  if (typeof candidate === 'function') {
    if (isNylas6Class(candidate)) return patchClass6(candidate, sdkVersion);
    const client = guarded(
      'patch',
      () => new (candidate as new (config: object) => object)({ apiKey: '' }),
      undefined,
    );
    return client === undefined ? undefined : patchClient(client, sdkVersion);
  }
  return patchClient(candidate, sdkVersion);
}

function classOrClient(nylas: unknown): object | undefined {
  if (typeof nylas === 'function') return nylas;
  if (typeof nylas !== 'object' || nylas === null) return undefined;
  const { default: main } = nylas as { default?: unknown };
  // An ES module of a CommonJS package nests the default once more.
  return main === undefined || main === nylas ? nylas : classOrClient(main);
}

function isNylas6Class(candidate: object): candidate is Nylas6Class {
  const { with: connect, exchangeCodeForToken } = candidate as {
    with?: unknown;
    exchangeCodeForToken?: unknown;
  };
  return typeof connect === 'function' && typeof exchangeCodeForToken === 'function';
}

function patchClass6(nylas: Nylas6Class, sdkVersion: string | undefined): (() => void) | undefined {
  return guarded(
    'patch',
    () => {
      const connection = nylas.with('x');
      return patchNylas6({
        connection: Object.getPrototypeOf(connection) as object,
        nylas,
        sdkVersion: sdkVersion ?? versionOf6(connection),
        apiServer: () => nylas.apiServer,
      });
    },
    undefined,
  );
}

function patchClient(client: object, sdkVersion: string | undefined): (() => void) | undefined {
  const { apiClient } = client as { apiClient?: unknown };
  const holder = typeof apiClient === 'object' && apiClient !== null ? apiClient : client;
  const prototype = Object.getPrototypeOf(holder) as object | null;
  if (prototype === null) return undefined;
  if (isApiClientPrototype(prototype)) return patchApiClient(prototype, sdkVersion);
  // A connection of nylas 6: has `request` and `newRequest`, and no `sendRequest`.
  const { request, newRequest } = prototype as { request?: unknown; newRequest?: unknown };
  if (typeof request !== 'function' || typeof newRequest !== 'function') return undefined;
  return patchNylas6({
    connection: prototype,
    sdkVersion: sdkVersion ?? versionOf6(client),
    apiServer: () => undefined,
  });
}

function versionOf6(connection: object): string | undefined {
  return guarded(
    'patch',
    () => {
      const { requestOptions } = connection as ReturnType<Nylas6Class['with']>;
      const options = requestOptions?.call(connection, {
        path: '/account',
        baseUrl: 'https://api.nylas.com',
      });
      const agent = options?.headers?.['User-Agent'];
      return typeof agent === 'string' ? /v(\d+\.\d+\.\d+)/.exec(agent)?.[1] : undefined;
    },
    undefined,
  );
}
