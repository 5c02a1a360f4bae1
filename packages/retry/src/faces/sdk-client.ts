import { matchRoute } from '@nylas-otel/nylas-api';
import { insideAttempt } from '../engine/attempt-scope.ts';
import { type Attempted, type AttemptOptions, type Call, isIdempotentSend } from '../engine/call.ts';
import { runCall } from '../engine/run-call.ts';
import type { Settings } from '../options.ts';
import { judgeAnswer } from '../policy/verdict.ts';
import { isReplayable } from './replayable-body.ts';
import { identity } from './request-target.ts';
import { SeenResponse, tapRequest, watchHttp } from './response-tap.ts';
import { IDEMPOTENCY_KEY } from './retrying-fetch.ts';
import { judgeSdkError } from './sdk-verdict.ts';

interface Overrides {
  readonly apiKey?: string;
  readonly apiUri?: string;
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Options of a request of SDK 7 and 8, as its resources make them. */
interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly serializedBody?: unknown;
  readonly form?: unknown;
  readonly overrides?: Overrides;
}

/** `nylas.apiClient` of SDK 7 and 8: every call goes through its `sendRequest`. */
export interface ApiClient {
  readonly apiKey?: string;
  readonly serverUrl?: string;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly headers?: Readonly<Record<string, string>>;
  sendRequest(options: SdkRequest): Promise<Response>;
  newRequest(options: SdkRequest): Request | Promise<Request>;
}

const RETRYING = Symbol.for('nylas-otel.retrying');
type Marked = { [RETRYING]?: Settings };

/** Makes a client's `sendRequest` retry; the client's own stays what makes each attempt. */
export function retryApiClient(client: ApiClient, settings: Settings): void {
  const marked = client as ApiClient & Marked;
  const again = marked[RETRYING] !== undefined;
  Object.defineProperty(marked, RETRYING, { value: settings, configurable: true, enumerable: false });
  if (again) return;
  // A method set on the client itself (a test's stub) is kept; the class's is looked up at each call, as an
  // instrumentation may patch it later.
  const own = Object.getOwnPropertyDescriptor(client, 'sendRequest')?.value as
    | ApiClient['sendRequest']
    | undefined;
  const original = (): ApiClient['sendRequest'] =>
    own ?? (Object.getPrototypeOf(client) as ApiClient).sendRequest;
  Object.defineProperty(client, 'sendRequest', {
    configurable: true,
    enumerable: false,
    writable: true,
    value: function sendRequest(this: ApiClient, request: SdkRequest): Promise<Response> {
      const inForce = marked[RETRYING] ?? settings;
      if (insideAttempt()) return original().call(this, request);
      const call = describe(this, original(), request, inForce);
      return runCall(call, inForce, hostOf(request.overrides?.apiUri ?? this.serverUrl));
    },
  });
}

function describe(
  client: ApiClient,
  sendRequest: ApiClient['sendRequest'],
  request: SdkRequest,
  settings: Settings,
): Call<Response> {
  const route = matchRoute('v3', request.method, request.path);
  const key = request.overrides?.apiKey ?? client.apiKey;
  const form: EncodedForm = { request: undefined, key: undefined };
  return {
    route,
    ...identity(route, request.path, key === undefined ? undefined : `Bearer ${key}`),
    signal: undefined,
    givenKey: isIdempotentSend(route) ? givenKey(client, request) : undefined,
    replayable: isReplayable(request.form) && isReplayable(request.serializedBody),
    attempt: (options) => attempt(client, sendRequest, request, route, settings, options, form),
  };
}

async function attempt(
  client: ApiClient,
  sendRequest: ApiClient['sendRequest'],
  request: SdkRequest,
  route: Call<Response>['route'],
  settings: Settings,
  options: AttemptOptions,
  form: EncodedForm,
): Promise<Attempted<Response>> {
  const seen = new SeenResponse();
  const kept = request.form === undefined || options.idempotencyKey === undefined ? undefined : form;
  try {
    const response = await watchHttp(seen, () =>
      sendRequest.call(
        tapped(client, seen, options.idempotencyKey, kept),
        requestFor(client, request, options),
      ),
    );
    const header = (name: string): string | undefined => response.headers.get(name) ?? undefined;
    const { version } = route;
    return {
      verdict: judgeAnswer({ version, route, status: response.status, header }, settings.state.clock.now()),
      subject: response,
      finish: () => response,
      discard: () => void response.body?.cancel?.().then(undefined, () => undefined),
    };
  } catch (error) {
    return {
      verdict: judgeSdkError(error, seen, route, settings.state.clock.now()),
      subject: error,
      finish: () => {
        throw error;
      },
      discard: () => undefined,
    };
  }
}

/**
 * A multipart send as it went out first. Each encoding has another boundary, and Nylas refuses a key that comes back
 * with another payload: an attempt with the same key sends the same bytes.
 */
interface EncodedForm {
  request: Request | undefined;
  key: string | undefined;
}

/** The client as one attempt sees it: its requests tell what came back. */
function tapped(
  client: ApiClient,
  seen: SeenResponse,
  key: string | undefined,
  form: EncodedForm | undefined,
): ApiClient {
  const tap = (request: Request): Request => {
    if (form !== undefined) {
      form.request = request;
      form.key = key;
    }
    const sent = form === undefined ? request : request.clone();
    // A request of node-fetch is not of the global class; its response is seen on Node's channels.
    return sent instanceof Request ? tapRequest(sent, seen) : sent;
  };
  return Object.create(client, {
    newRequest: {
      value: (options: SdkRequest) => {
        if (form?.request !== undefined && form.key === key) return tap(form.request);
        const request = client.newRequest(options);
        // A promise from 7.12 on, the request itself before.
        return request instanceof Promise ? request.then(tap) : tap(request);
      },
    },
  }) as ApiClient;
}

// The SDK takes a time-out of 1,000 and more as milliseconds in every version.
const LEAST_TIMEOUT_MS = 1_000;
// Its timer must fire before ours, so that the error is its own.
const TIMER_SLACK_MS = 10;

function requestFor(
  client: ApiClient,
  request: SdkRequest,
  { idempotencyKey, remainingMs }: AttemptOptions,
): SdkRequest {
  const overrides: { timeout?: number; headers?: Record<string, string> } = {};
  if (idempotencyKey !== undefined)
    overrides.headers = { ...request.overrides?.headers, [IDEMPOTENCY_KEY]: idempotencyKey };
  const left = Math.floor(remainingMs) - TIMER_SLACK_MS;
  if (left >= LEAST_TIMEOUT_MS && left < timeoutOf(client, request)) overrides.timeout = left;
  // A copy for each attempt: some versions of the SDK write into the options.
  return { ...request, overrides: { ...request.overrides, ...overrides } };
}

function timeoutOf(client: ApiClient, { overrides }: SdkRequest): number {
  const given = overrides?.timeout;
  if (given === undefined || given === 0) return client.timeout ?? Number.POSITIVE_INFINITY;
  return given >= LEAST_TIMEOUT_MS ? given : given * 1_000;
}

function givenKey(client: ApiClient, request: SdkRequest): string | undefined {
  for (const headers of [request.overrides?.headers, client.headers, request.headers]) {
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (name.toLowerCase() === IDEMPOTENCY_KEY.toLowerCase()) return value;
    }
  }
  return undefined;
}

function hostOf(uri: string | undefined): string | undefined {
  return uri !== undefined && URL.canParse(uri) ? new URL(uri).hostname : undefined;
}
