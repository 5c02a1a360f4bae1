import { classifyFailure, classifyResponse } from '@nylas-otel/nylas-api';
import {
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_REGION,
} from '@nylas-otel/semantic-conventions';
import {
  CORRELATION_HEADER,
  currentScope,
  type ErrorFacts,
  guarded,
  headerIsSafe,
  Operation,
  shownAccountId,
} from '@nylas-otel/telemetry';
import { shownId } from './redaction/header-values.ts';
import { type RequestTelemetry, requestTelemetry } from './request-telemetry.ts';
import { accountOf } from './requests/attempt-span.ts';
import { logFailure } from './requests/failure-log.ts';
import { routeOf } from './requests/targets.ts';
import { SCOPE } from './version.ts';

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

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
    const telemetry = requestTelemetry();
    const operation = guarded('patch', () => begin(telemetry, input, init), undefined);
    if (operation === undefined) return inner(input, init);
    const tagged = headerIsSafe(inner) ? tag(operation, input, init) : init;
    return operation
      .run(() => inner(input, tagged))
      .then(
        (response) => {
          guarded('patch', () => settle(telemetry, operation, response), undefined);
          return response;
        },
        (error: unknown) => {
          guarded(
            'patch',
            () => finish(telemetry, operation, { ...classifyFailure(error), status: 0 }),
            undefined,
          );
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
): Operation | undefined {
  // An outer layer (the SDK patch, retry) has the operation already.
  const outer = currentScope()?.operation;
  if (outer !== undefined && !outer.ended) return undefined;
  const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
  const target = telemetry.targets.find(url.origin);
  if (target === undefined) return undefined;
  const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
  const path = url.pathname + url.search;
  const route = routeOf(target, method, path);
  const named = accountOf(route, path) ?? currentScope()?.account;
  const account = shownAccountId(named, telemetry.config.captureAccountId);
  const name = route.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID;
  return new Operation({
    route,
    scope: SCOPE,
    attributes: { [ATTR_NYLAS_REGION]: target.region, ...(account === undefined ? {} : { [name]: account }) },
  });
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

function settle(telemetry: RequestTelemetry, operation: Operation, response: Response): void {
  const failed = response.status >= 400;
  if (!failed) {
    finish(telemetry, operation, undefined);
    return;
  }
  const json = response.headers.get('content-type')?.includes('json') === true;
  if (!json || response.bodyUsed || response.body === null) {
    finish(telemetry, operation, classify(operation, response, undefined));
    return;
  }
  const timer = setTimeout(
    () => finish(telemetry, operation, classify(operation, response, undefined)),
    BODY_WAIT_MS,
  );
  timer.unref();
  readStart(response.clone()).then(
    (text) => {
      clearTimeout(timer);
      finish(telemetry, operation, classify(operation, response, parsed(text)));
    },
    () => {
      clearTimeout(timer);
      finish(telemetry, operation, classify(operation, response, undefined));
    },
  );
}

function finish(telemetry: RequestTelemetry, operation: Operation, failure: ErrorFacts | undefined): void {
  if (operation.ended) return;
  const { route } = operation;
  operation.end(failure);
  if (failure === undefined || failure.outcome === 'cancelled') return;
  const { previous } = operation;
  logFailure(
    {
      version: route.version,
      method: route.method,
      template: route.template,
      resource: route.resource,
      operation: route.operation,
      status: failure.status ?? 0,
      outcome: failure.outcome,
      errorType: failure.errorType,
      rateLimitSource: failure.rateLimitSource,
      durationSeconds: 0,
      requestId: failure.requestId ?? previous?.requestId,
      flowId: failure.flowId ?? previous?.flowId,
      resendCount: Math.max(0, operation.requests - 1),
      account: shownAccountId(operation.account, telemetry.config.captureAccountId),
    },
    operation.context,
  );
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
