import { matchRoute, type Route } from '@nylas-otel/nylas-api';
import { insideAttempt } from '../engine/attempt-scope.ts';
import type { Attempted, Call } from '../engine/call.ts';
import { runCall } from '../engine/run-call.ts';
import type { Settings } from '../options.ts';
import { judgeAnswer, type Verdict } from '../policy/verdict.ts';
import { isReplayable } from './replayable-body.ts';
import { identity } from './request-target.ts';
import { SeenResponse, watchHttp } from './response-tap.ts';
import { judgeSdkError } from './sdk-verdict.ts';

/** Options of a request of SDK 6, as its models make them. */
interface ConnectionRequest {
  readonly path?: string;
  readonly method?: string;
  readonly baseUrl?: string;
  readonly body?: unknown;
  readonly formData?: Readonly<Record<string, { readonly value?: unknown } | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A `NylasConnection` of SDK 6, or its prototype. */
export interface Connection {
  readonly accessToken?: string | null;
  readonly clientId?: string;
  request(options: ConnectionRequest): Promise<unknown>;
  newRequest(options: ConnectionRequest): unknown;
}

const RETRYING = Symbol.for('nylas-otel.retrying');

/** Makes `request` of a connection, or of the class of all connections, retry. */
export function retryConnection(holder: Connection, settings: Settings): void {
  const marked = holder as Connection & { [RETRYING]?: Settings };
  const again = Object.hasOwn(holder, RETRYING);
  Object.defineProperty(marked, RETRYING, { value: settings, configurable: true, enumerable: false });
  if (again) return;
  const descriptor = Object.getOwnPropertyDescriptor(holder, 'request');
  const original = (): Connection['request'] =>
    (descriptor?.value as Connection['request'] | undefined) ??
    (Object.getPrototypeOf(holder) as Connection).request;
  Object.defineProperty(holder, 'request', {
    configurable: true,
    enumerable: descriptor?.enumerable ?? false,
    writable: true,
    value: function request(this: Connection, options: ConnectionRequest): Promise<unknown> {
      const inForce = marked[RETRYING] ?? settings;
      if (insideAttempt()) return original().call(this, options);
      return runCall(describe(this, original(), options, inForce), inForce);
    },
  });
}

function describe(
  connection: Connection,
  request: Connection['request'],
  options: ConnectionRequest,
  settings: Settings,
): Call<unknown> {
  const path = options.path ?? '/';
  const route = matchRoute('v2', options.method ?? 'GET', path);
  // The client secret is one for the process and not at hand; the client id stands for it.
  const credential = connection.accessToken ?? connection.clientId;
  return {
    route,
    ...identity(route, path, credential ? `Bearer ${credential}` : undefined),
    signal: undefined,
    givenKey: undefined,
    replayable: isReplayableRequest(options),
    attempt: () => attempt(connection, request, options, route, settings),
  };
}

async function attempt(
  connection: Connection,
  request: Connection['request'],
  options: ConnectionRequest,
  route: Route,
  settings: Settings,
): Promise<Attempted<unknown>> {
  const seen = new SeenResponse();
  const { clock } = settings.state;
  const { version } = route;
  try {
    // SDK 6 writes into its options: a second attempt with the same object would turn a body to JSON twice.
    const result = await watchHttp(seen, () => request.call(connection, { ...options }));
    const header = (name: string): string | undefined => seen.header(name);
    return {
      verdict: judgeAnswer({ version, route, status: seen.status || 200, header, body: result }, clock.now()),
      subject: undefined,
      finish: () => result,
      discard: () => undefined,
    };
  } catch (error) {
    return {
      verdict: asTimeout(judgeSdkError(error, seen, route, clock.now())),
      subject: error,
      finish: () => {
        throw error;
      },
      discard: () => undefined,
    };
  }
}

// Nobody but the SDK's own time-out can abort a request of SDK 6.
function asTimeout(verdict: Verdict): Verdict {
  return verdict.outcome === 'cancelled'
    ? { ...verdict, outcome: 'timeout', errorType: 'timeout', retryable: true, retryReason: 'timeout' }
    : verdict;
}

// Plain bodies become JSON at each attempt; a file may be a stream.
function isReplayableRequest({ body, formData }: ConnectionRequest): boolean {
  const { pipe, getReader } = (body ?? {}) as { pipe?: unknown; getReader?: unknown };
  if (typeof pipe === 'function' || typeof getReader === 'function') return false;
  return Object.values(formData ?? {}).every((part) => isReplayable(part?.value));
}
