import type { FailureClass, ResponseClass, Route } from '@nylas-otel/nylas-api';
import type { ErrorFacts, Operation } from '@nylas-otel/telemetry';
import type { Context, Span } from '@opentelemetry/api';
import type { Target } from './targets.ts';

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
  readonly operation: Operation | undefined;
  /** The account as the request names it; never shown as it is. */
  readonly account: string | undefined;
  readonly caller: string | undefined;
  /** 0 for the first attempt of an operation, else the resend's ordinal, redirects included. */
  resendCount = 0;
  /** Our CLIENT span; undefined while another instrumentation makes it. */
  span: Span | undefined;
  /** `performance.now()` at the response headers or the failure. */
  endedAt = 0;
  /** 0 while there is no response. */
  status = 0;
  requestId: string | undefined;
  flowId: string | undefined;
  retryAfter: string | undefined;
  rateLimitReset: string | undefined;
  providerRequests: number | undefined;
  gmailQuota: number | undefined;
  /** What went wrong, as far as the transport could see. */
  failure: ResponseClass | FailureClass | undefined;
  /** `open`: no response yet. `pending`: failed, its body may still say why. `recorded`: done. */
  state: 'open' | 'pending' | 'recorded' = 'open';
  /** The id of the span that another HTTP instrumentation made for this attempt. */
  foreignSpanId: string | undefined;
  /** Its headers went onto a socket. */
  sent = false;
  /** The user's own options want no HTTP span and no `http.client.request.duration` for it. */
  declined = false;
  /** `1.1` or `2` where it is known. */
  protocol = '';
  /** Called with what the failure turned out to be. */
  settle: (facts?: ErrorFacts) => void = () => {};

  constructor(
    target: Target,
    route: Route,
    path: string,
    context: Context,
    operation: Operation | undefined,
    account: string | undefined,
    caller: string | undefined,
  ) {
    this.target = target;
    this.route = route;
    this.method = route.method;
    this.path = path;
    this.context = context;
    this.operation = operation;
    this.account = account;
    this.caller = caller;
  }
}
