import type { FailureClass, ResponseClass, Route } from '@nylas-otel/nylas-api';
import {
  type AccountIdCapture,
  type ErrorFacts,
  type Operation,
  shownAccountId,
} from '@nylas-otel/telemetry';
import { type Context, type Span, trace } from '@opentelemetry/api';
import type { ForeignSpan } from '../ownership/open-spans.ts';
import { shownId } from '../redaction/header-values.ts';
import type { RouteSeries } from './request-metrics.ts';
import type { Target } from './targets.ts';

/** Records an attempt whose failure was waited for. */
export interface AttemptSettler {
  settled(attempt: Attempt, facts: ErrorFacts | undefined): void;
}

/** One HTTP request to Nylas, from its creation to its response headers or its failure. Recorded exactly once. */
export class Attempt {
  readonly target: Target;
  readonly route: Route;
  readonly method: string;
  /** The request target with its query; never shown. */
  readonly path: string;
  /** `performance.now()` at creation. */
  readonly startedAt: number = performance.now();
  /** The caller's context: the parent of the span. */
  readonly context: Context;
  /** The span active in that context, looked up once. */
  readonly parentSpanId: string | undefined;
  readonly operation: Operation | undefined;
  /** The account as the request names it; never shown as it is. */
  readonly account: string | undefined;
  /** The account is an id that says nothing of a person. */
  readonly accountIsOpaque: boolean;
  readonly caller: string | undefined;
  /** 0 for the first attempt of an operation, else the resend's ordinal, redirects included. */
  resendCount = 0;
  /** Our CLIENT span; undefined while another instrumentation makes it. */
  span: Span | undefined;
  /** `performance.now()` at the response headers or the failure. */
  endedAt = 0;
  /** 0 while there is no response. */
  status = 0;
  /** Values of the response's id headers as they came; read through {@link requestId} and {@link flowId}. */
  rawRequestId: Uint8Array | string | undefined;
  rawFlowId: Uint8Array | string | undefined;
  retryAfter: string | undefined;
  rateLimitReset: string | undefined;
  providerRequests: number | undefined;
  gmailQuota: number | undefined;
  /** What went wrong, as far as the transport could see. */
  failure: ResponseClass | FailureClass | undefined;
  /** `open`: no response yet. `pending`: failed, its body may still say why. `recorded`: done. */
  state: 'open' | 'pending' | 'recorded' = 'open';
  /** That span, where it was found when the request was created. */
  foreign: ForeignSpan | undefined;
  /** The id of the span that another HTTP instrumentation made for this attempt. */
  foreignSpanId: string | undefined;
  /** Its headers went onto a socket. */
  sent = false;
  /** The user's own options want no HTTP span and no `http.client.request.duration` for it. */
  declined = false;
  /** `1.1` or `2` where it is known. */
  protocol = '';
  /** The series it is counted in, found when it began. */
  series: RouteSeries | undefined;
  /** Who records the attempt once it is known what its failure was. */
  settler: AttemptSettler | undefined;
  /** Ends the waiting for the operation's word. */
  pendingTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    target: Target,
    route: Route,
    path: string,
    context: Context,
    operation: Operation | undefined,
    account: string | undefined,
    accountIsOpaque: boolean,
    caller: string | undefined,
  ) {
    this.target = target;
    this.route = route;
    this.method = route.method;
    this.path = path;
    this.context = context;
    this.parentSpanId = trace.getSpanContext(context)?.spanId;
    this.operation = operation;
    this.account = account;
    this.accountIsOpaque = accountIsOpaque;
    this.caller = caller;
  }

  /** The account as telemetry may show it. */
  shownAccount(capture: AccountIdCapture): string | undefined {
    return this.accountIsOpaque && capture === 'id' ? this.account : shownAccountId(this.account, capture);
  }

  /** Nylas's request id, where the header is shaped like one. Decoded when somebody asks. */
  get requestId(): string | undefined {
    return shownId(this.rawRequestId);
  }

  /** The edge's flow id, likewise. */
  get flowId(): string | undefined {
    return shownId(this.rawFlowId);
  }

  /** Records a pending attempt with what its failure turned out to be. */
  settle(facts?: ErrorFacts): void {
    this.settler?.settled(this, facts);
  }
}
