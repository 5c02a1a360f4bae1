import { findHost, type RetryReason, type Route } from '@nylas-otel/nylas-api';
import { ATTR_NYLAS_REGION } from '@nylas-otel/semantic-conventions';
import {
  createEmitter,
  currentScope,
  type ErrorFacts,
  guarded,
  isInstrumented,
  logOperationFailure,
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
      const failure = verdict.outcome === 'success' ? undefined : errorFacts(verdict);
      own.end(failure);
      logOperationFailure(emitter, own, failure, { resendCount: attempts - 1 });
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
