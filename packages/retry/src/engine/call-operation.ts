import { findHost, type RetryReason, type Route } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_REQUEST_RESEND_COUNT,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_TEMPLATE,
  EVENT_NYLAS_CLIENT_ERROR,
} from '@nylas-otel/semantic-conventions';
import {
  createEmitter,
  currentScope,
  type ErrorFacts,
  guarded,
  isInstrumented,
  logsWanted,
  Operation,
} from '@nylas-otel/telemetry';
import type { Verdict } from '../policy/verdict.ts';
import { SCOPE } from '../version.ts';

const emitter = createEmitter(SCOPE);

/**
 * The operation of a call, where a request instrumentation runs in this process: one span around all attempts. An outer
 * layer's operation (the instrumentation's own SDK patch) is joined and left to it.
 */
export interface CallOperation {
  /** Runs an attempt with the operation active. */
  run<T>(work: () => T): T;
  /**
   * Says what an attempt was that will be followed by another. The last one is left to the operation's owner, who knows
   * what the caller got.
   */
  failed(verdict: Verdict): void;
  /** Says that the next attempt is a resend. */
  announceResend(reason: RetryReason): void;
  /** The call is over. */
  end(verdict: Verdict, attempts: number): void;
}

const SILENT: CallOperation = {
  run: (work) => work(),
  failed: () => undefined,
  announceResend: () => undefined,
  end: () => undefined,
};

/** Opens or joins the operation of a call; a silent one without an instrumentation. */
export function beginOperation(route: Route, host: string | undefined): CallOperation {
  if (!isInstrumented()) return SILENT;
  return guarded('retry', () => begin(route, host), SILENT);
}

function begin(route: Route, host: string | undefined): CallOperation {
  const outer = currentScope()?.operation;
  if (outer !== undefined && !outer.ended)
    return joined(
      outer,
      (work) => work(),
      () => undefined,
    );
  const region = host === undefined ? undefined : (findHost(host)?.region ?? 'other');
  const own = new Operation({
    route,
    scope: SCOPE,
    ...(region === undefined ? {} : { attributes: { [ATTR_NYLAS_REGION]: region } }),
  });
  return joined(
    own,
    (work) => own.run(work),
    (verdict, attempts) => {
      own.end(verdict.outcome === 'success' ? undefined : errorFacts(verdict));
      logFailure(own, verdict, attempts);
    },
  );
}

function joined(
  operation: Operation,
  run: CallOperation['run'],
  end: (verdict: Verdict, attempts: number) => void,
): CallOperation {
  return {
    run,
    failed: (verdict) => guarded('retry', () => operation.pending?.settle(errorFacts(verdict)), undefined),
    announceResend: (reason) => operation.announceResend(reason),
    end: (verdict, attempts) => guarded('retry', () => end(verdict, attempts), undefined),
  };
}

function errorFacts(verdict: Verdict): ErrorFacts {
  return {
    outcome: verdict.outcome,
    errorType: verdict.errorType,
    rateLimitSource: verdict.rateLimitSource,
    retryReason: verdict.retryReason,
    status: verdict.status,
    requestId: verdict.requestId,
  };
}

// `nylas.client.error` is said once for a failed operation, by the one who owns it.
function logFailure(operation: Operation, verdict: Verdict, attempts: number): void {
  const { outcome } = verdict;
  if (outcome === 'success' || outcome === 'cancelled' || !logsWanted()) return;
  const { route, previous } = operation;
  const requestId = verdict.requestId ?? previous?.requestId;
  emitter.event({
    name: EVENT_NYLAS_CLIENT_ERROR,
    severity:
      outcome === 'client_error' || outcome === 'provider_limited' || outcome === 'rate_limited'
        ? 'warn'
        : 'error',
    context: operation.context,
    attributes: {
      [ATTR_HTTP_REQUEST_METHOD]: route.method,
      [ATTR_URL_TEMPLATE]: route.template,
      [ATTR_NYLAS_API_VERSION]: route.version,
      [ATTR_NYLAS_OUTCOME]: outcome,
      [ATTR_HTTP_REQUEST_RESEND_COUNT]: attempts - 1,
      ...(verdict.errorType === undefined ? {} : { [ATTR_ERROR_TYPE]: verdict.errorType }),
      ...(verdict.status === 0 ? {} : { [ATTR_HTTP_RESPONSE_STATUS_CODE]: verdict.status }),
      ...(requestId === undefined ? {} : { [ATTR_NYLAS_REQUEST_ID]: requestId }),
    },
    message: [
      `Nylas request failed: ${route.method} ${route.template}`,
      verdict.status === 0 ? 'no response' : `status ${verdict.status}`,
      `error ${verdict.errorType ?? outcome}`,
      `request id ${requestId ?? 'none'}`,
      `flow id ${previous?.flowId ?? 'none'}`,
      `attempt ${attempts}`,
      new Date().toISOString(),
    ].join('; '),
  });
}
