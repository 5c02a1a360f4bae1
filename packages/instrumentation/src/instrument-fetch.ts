import { accountFromPath, classifyFailure, classifyResponse } from '@nylas-otel/nylas-api';
import {
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_REGION,
} from '@nylas-otel/semantic-conventions';
import {
  CORRELATION_HEADER,
  createEmitter,
  currentScope,
  type ErrorFacts,
  guarded,
  headerIsSafe,
  logOperationFailure,
  Operation,
  shownAccountId,
} from '@nylas-otel/telemetry';
import { shownId } from './redaction/header-values.ts';
import { type RequestTelemetry, requestTelemetry } from './request-telemetry.ts';
import { routeOf } from './requests/targets.ts';
import { SCOPE } from './version.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

const emitter = createEmitter(SCOPE);

/** An operation of ours under way, and its account as telemetry shows it. */
interface Traced {
  readonly operation: Operation;
  readonly account: string | undefined;
}

/** Most of an error body that is read beside the caller, in bytes. */
const MOST_BODY = 16 * 1024;
/** How long an operation waits for an error body, in milliseconds. */
const BODY_WAIT_MS = 1_000;

/**
 * A fetch whose Nylas requests are operations: a span in the caller's frame (the right parent under queueing and
 * retries), and error types read from the body. Other requests pass through untouched. Error bodies of JSON are read
 * beside the caller, up to 16 KiB; a successful body is never touched, and the operation ends at its headers.
 *
 * @param fetch default: the global fetch at each call
 */
export function instrumentFetch(fetch?: Fetch): typeof globalThis.fetch {
  const instrumented = (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const inner: Fetch = fetch ?? globalThis.fetch;
    const traced = guarded('patch', () => begin(requestTelemetry(), input, init), undefined);
    if (traced === undefined) return inner(input, init);
    const { operation } = traced;
    const tagged = headerIsSafe(inner) ? tag(operation, input, init) : init;
    return operation
      .run(() => inner(input, tagged))
      .then(
        (response) => {
          guarded('patch', () => settle(traced, response), undefined);
          return response;
        },
        (error: unknown) => {
          guarded('patch', () => finish(traced, { ...classifyFailure(error), status: 0 }), undefined);
          throw error;
        },
      );
  };
  requestTelemetry().startIfIdle(instrumentFetch);
  return instrumented;
}

function begin(
  telemetry: RequestTelemetry,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Traced | undefined {
  // An outer layer (the SDK patch, retry) has the operation already.
  const outer = currentScope()?.operation;
  if (outer !== undefined && !outer.ended) return undefined;
  const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
  const target = telemetry.targets.find(url.origin);
  if (target === undefined) return undefined;
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  const path = url.pathname + url.search;
  const route = routeOf(target, method, path);
  const named = accountFromPath(route, path) ?? currentScope()?.account;
  const account = shownAccountId(named, telemetry.config.captureAccountId);
  const name = route.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID;
  const operation = new Operation({
    route,
    scope: SCOPE,
    attributes: { [ATTR_NYLAS_REGION]: target.region, ...(account === undefined ? {} : { [name]: account }) },
  });
  return { operation, account };
}

function tag(
  operation: Operation,
  input: string | URL | Request,
  init: RequestInit | undefined,
): RequestInit {
  const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  headers.set(CORRELATION_HEADER, operation.id);
  operation.tagged = true;
  return { ...init, headers };
}

function settle(traced: Traced, response: Response): void {
  const { operation } = traced;
  if (response.status < 400) {
    finish(traced, undefined);
    return;
  }
  const failed = (body: unknown) => finish(traced, classify(operation, response, body));
  const json = response.headers.get('content-type')?.includes('json') === true;
  if (!json || response.bodyUsed || response.body === null) {
    failed(undefined);
    return;
  }
  const timer = setTimeout(() => failed(undefined), BODY_WAIT_MS);
  timer.unref();
  readStart(response.clone())
    .then(parsed, () => undefined)
    .then((body) => {
      clearTimeout(timer);
      failed(body);
    });
}

function finish({ operation, account }: Traced, failure: ErrorFacts | undefined): void {
  if (operation.ended) return;
  operation.end(failure);
  logOperationFailure(emitter, operation, failure, { account });
}

function classify({ route }: Operation, response: Response, body: unknown): ErrorFacts {
  const answer = classifyResponse({
    version: route.version,
    status: response.status,
    route,
    header: (name) => response.headers.get(name) ?? undefined,
    ...(body === undefined ? {} : { body }),
  });
  return {
    ...answer,
    status: response.status,
    requestId: shownId(answer.requestId),
    flowId: shownId(response.headers.get('x-fastly-id') ?? undefined),
  };
}

async function readStart(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += value.byteLength;
    if (size > MOST_BODY) {
      void reader.cancel();
      break;
    }
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_BODY);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
