import type { AccountSignal, Outcome, RetryReason, Route } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_REQUEST_COUNT,
  ATTR_NYLAS_RESOURCE,
  ATTR_NYLAS_RETRY_COUNT,
  ATTR_NYLAS_SDK_VERSION,
} from '@nylas-otel/semantic-conventions';
import {
  type Attributes,
  type Context,
  context as contextApi,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { forgetOperation, rememberOperation } from './correlation.ts';
import { dropError } from './guard.ts';
import type { Scope } from './instruments.ts';
import { processState } from './process-state.ts';
import { currentScope, type RequestScope, runInScope } from './request-scope.ts';
import { tracerFor } from './tracers.ts';

/** Why the next attempt of an operation is a resend, said by whoever retries. */
export interface Resend {
  readonly reason: RetryReason;
}

/** What an attempt leaves behind for the next one of the same operation. */
export interface PreviousAttempt {
  /** 0 when there was no response. */
  readonly status: number;
  readonly retryReason: RetryReason | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
}

/** An attempt that waits for a better answer to what went wrong (its body) before it is recorded. */
export interface PendingAttempt {
  /** Records the attempt with what is known, at most once. */
  settle(errorType?: ErrorFacts): void;
}

/** What a failure turned out to be, as `nylas-api` classified it. */
export interface ErrorFacts {
  readonly outcome: Outcome;
  readonly errorType?: string | undefined;
  readonly rateLimitSource?: 'nylas' | 'provider' | 'unknown' | undefined;
  readonly retryReason?: RetryReason | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly flowId?: string | undefined;
  /** What the answer says of the account; v2 says it in the words of the body only. */
  readonly accountSignal?: AccountSignal | undefined;
}

/** How an operation begins. */
export interface OperationStart {
  readonly route: Route;
  /** Scope of the emitting package. */
  readonly scope: Scope;
  /** Version of the `nylas` SDK, where the call comes from it. */
  readonly sdkVersion?: string | undefined;
  /** Attributes beside the standard ones: region, account. Must be safe. */
  readonly attributes?: Attributes;
}

const ids = processState('operation-ids', () => ({
  prefix: Math.random().toString(36).slice(2, 8),
  next: 0,
}));

/**
 * One call of the user's code, with all its attempts: the INTERNAL span `nylas {resource}.{operation}` in the caller's
 * context, and what its attempts need to find their parent, ordinal and cause.
 */
export class Operation {
  /** Travels with requests as the correlation header; means nothing outside this process. */
  readonly id: string;
  readonly route: Route;
  /** The context of the caller, with the operation's span active. */
  readonly context: Context;
  readonly span: Span;
  /** The span active in the caller's frame, undefined without one. */
  readonly parentSpanId: string | undefined;
  /** The account and caller of the caller's frame (see {@link RequestScope}). */
  readonly account: string | undefined;
  readonly caller: RequestScope['caller'];
  /** HTTP requests so far. */
  requests = 0;
  /** Requests that were resends after a failure (redirects are no retries). */
  retries = 0;
  /** Set by whoever retries, before each resend; taken by the attempt. */
  nextResend: Resend | undefined;
  /** The attempt before this one. */
  previous: PreviousAttempt | undefined;
  /** The attempt whose failure is still being read. */
  pending: PendingAttempt | undefined;
  /** Its requests carry the correlation header: one without it belongs to somebody else. */
  tagged = false;
  /** What the operation ended with; undefined for a success, and while it is under way. */
  failure: ErrorFacts | undefined;
  #ended = false;

  constructor(start: OperationStart) {
    const { route } = start;
    this.id = `${ids.prefix}-${(ids.next++).toString(36)}`;
    this.route = route;
    const parent = contextApi.active();
    const scope = currentScope();
    this.parentSpanId = trace.getSpanContext(parent)?.spanId;
    this.account = scope?.account;
    this.caller = scope?.caller;
    this.span = tracerFor(start.scope).startSpan(
      `nylas ${route.resource}.${route.operation}`,
      {
        kind: SpanKind.INTERNAL,
        attributes: {
          [ATTR_NYLAS_API_VERSION]: route.version,
          [ATTR_NYLAS_RESOURCE]: route.resource,
          [ATTR_NYLAS_OPERATION]: route.operation,
          [ATTR_NYLAS_PROXIED]: route.proxied,
          ...(start.sdkVersion === undefined ? {} : { [ATTR_NYLAS_SDK_VERSION]: start.sdkVersion }),
          ...start.attributes,
        },
      },
      parent,
    );
    this.context = trace.setSpan(parent, this.span);
    rememberOperation(this);
  }

  /** True after {@link end}. A context kept by a socket may outlive the operation. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Runs `work` with this operation active: for attempts made in its async context, and as the parent span. */
  run<T>(work: () => T): T {
    return contextApi.with(this.context, () => runInScope({ operation: this }, work));
  }

  /** Says that the next attempt is a resend, so that it is not inferred a second time. */
  announceResend(reason: RetryReason): void {
    this.nextResend = { reason };
  }

  /** Ends the operation, at most once. A caller's own abort (`cancelled`) is no error. Never throws. */
  end(failure?: ErrorFacts): void {
    if (this.#ended) return;
    this.#ended = true;
    this.failure = failure;
    try {
      forgetOperation(this.id);
      this.pending?.settle(failure);
      this.span.setAttribute(ATTR_NYLAS_REQUEST_COUNT, this.requests);
      this.span.setAttribute(ATTR_NYLAS_RETRY_COUNT, this.retries);
      if (failure !== undefined && failure.outcome !== 'cancelled' && failure.outcome !== 'success') {
        this.span.setAttribute(ATTR_ERROR_TYPE, failure.errorType ?? '_OTHER');
        this.span.setStatus({ code: SpanStatusCode.ERROR });
      }
      this.span.end();
    } catch (error) {
      dropError('span', error);
    }
  }
}
