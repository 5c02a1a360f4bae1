import { NylasRetryOptionsError } from '../errors.ts';
import { describeType } from '../option-checks.ts';
import { type RetryOptions, resolveOptions } from '../options.ts';
import { type ApiClient, retryApiClient } from './sdk-client.ts';
import { type Connection, retryConnection } from './sdk-connection.ts';

/** The class of SDK 6: static, it makes a connection for each access token. */
interface Nylas6 {
  with(accessToken: string): object;
  readonly exchangeCodeForToken: unknown;
}

/**
 * Makes the calls of a Nylas SDK client retry. Takes a client of SDK 7 or 8 (`new Nylas({ apiKey })`), and for SDK 6 the
 * class `Nylas` (all its connections, also later ones) or one connection (`Nylas.with(token)`). The client is changed in
 * place and returned; calling it again replaces the options. Calls that fail reject with the SDK's own error, with
 * `attempts` and `retryAt` on it.
 *
 * Not covered, because they bypass the client: `exchangeCodeForToken` and delta streams of SDK 6.
 *
 * @throws {NylasRetryOptionsError} naming the option, the type of its value and the fix
 */
export function withRetry<C extends object>(client: C, options?: RetryOptions): C {
  const settings = resolveOptions(options);
  const { apiClient } = client as { apiClient?: unknown };
  if (isApiClient(apiClient)) retryApiClient(apiClient, settings);
  else if (isNylas6(client)) retryConnection(prototypeOf(client), settings);
  else if (isConnection(client)) retryConnection(client, settings);
  else {
    throw new NylasRetryOptionsError(
      'client',
      `withRetry() got ${typeof client === 'function' ? 'a class or function' : describeType(client)} that is no Nylas client. ` +
        'Pass new Nylas({ apiKey }) of SDK 7 or 8, or the class Nylas or Nylas.with(token) of SDK 6.',
    );
  }
  return client;
}

function prototypeOf(nylas: Nylas6): Connection {
  return Object.getPrototypeOf(nylas.with('x')) as Connection;
}

function isApiClient(value: unknown): value is ApiClient {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { sendRequest?: unknown }).sendRequest === 'function' &&
    typeof (value as { newRequest?: unknown }).newRequest === 'function'
  );
}

function isNylas6(value: object): value is Nylas6 {
  const { with: connect, exchangeCodeForToken } = value as { with?: unknown; exchangeCodeForToken?: unknown };
  return typeof connect === 'function' && typeof exchangeCodeForToken === 'function';
}

function isConnection(value: object): value is Connection {
  const { request, newRequest } = value as { request?: unknown; newRequest?: unknown };
  return typeof request === 'function' && typeof newRequest === 'function';
}
