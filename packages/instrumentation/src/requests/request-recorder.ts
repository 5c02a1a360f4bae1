import {
  accountFromPath,
  classifyFailure,
  classifyResponse,
  type FailureClass,
  isOpaqueId,
  type Outcome,
  type RateLimitSource,
  type ResponseClass,
  type RetryReason,
  type Route,
  uuidAccountFromPath,
} from '@nylas-otel/nylas-api';
import {
  createEmitter,
  currentScope,
  dropError,
  type ErrorFacts,
  findOperation,
  guarded,
  logRequestFailure,
  type Operation,
  type PreviousAttempt,
  publishAccountSignal,
  type RequestScope,
} from '@nylas-otel/telemetry';
import type { Context } from '@opentelemetry/api';
import type { ResolvedConfig } from '../config.ts';
import type { HurtingAccounts } from '../hurting/hurting-accounts.ts';
import { SCOPE } from '../version.ts';
import { Attempt, type AttemptSettler } from './attempt.ts';
import { endAttemptSpan } from './attempt-span.ts';
import type { NylasRequestFacts } from './facts.ts';
import type { RequestMetrics } from './request-metrics.ts';
import { hasRequestSubscribers, tellRequestSubscribers } from './request-subscribers.ts';
import { Resends } from './resends.ts';
import type { Target } from './targets.ts';

const emitter = createEmitter(SCOPE);

/** What a transport sees when a request is created. */
export interface BegunRequest {
  readonly target: Target;
  readonly route: Route;
  readonly path: string;
  /** The async context of the channel: right for node:http, sometimes wrong for undici. */
  readonly context: Context;
  /** The operation's id from the correlation header. */
  readonly operationId: string | undefined;
}

// How long a failed attempt waits for its operation to say what the error body meant. Unread bodies must not wait for ever.
const PENDING_MS = 5_000;

/**
 * Turns what the transports see into records: one an attempt, whatever the order of events and the sampling. Metrics,
 * the end of the span, log events and account signals all come from here.
 */
export class RequestRecorder implements AttemptSettler {
  readonly #config: ResolvedConfig;
  readonly #metrics: RequestMetrics;
  readonly #hurting: HurtingAccounts;
  readonly #resends = new Resends();

  constructor(config: ResolvedConfig, metrics: RequestMetrics, hurting: HurtingAccounts) {
    this.#config = config;
    this.#metrics = metrics;
    this.#hurting = hurting;
  }

  /** A request was created. The attempt's parent is its operation's context, else the given one. */
  begin(request: BegunRequest): Attempt {
    const scope = currentScope();
    const operation = operationOf(request, scope);
    operation?.pending?.settle();
    const { route, path } = request;
    const grant = uuidAccountFromPath(route, path);
    const account = grant ?? this.#account(route, path, operation, scope);
    const attempt = new Attempt(
      request.target,
      route,
      path,
      operation?.context ?? request.context,
      operation,
      account,
      grant !== undefined || (account !== undefined && isOpaqueId(account)),
      this.#caller(operation, scope?.caller),
    );
    const resend = this.#resends.find(attempt);
    attempt.resendCount = resend.count;
    if (resend.inferred !== undefined) this.#metrics.retried(attempt, resend.inferred);
    this.#metrics.began(attempt);
    return attempt;
  }

  /** The response headers were read (status 200 and up). */
  responded(attempt: Attempt): void {
    if (attempt.state !== 'open') return;
    attempt.endedAt = performance.now();
    if (attempt.status < 400) {
      this.#record(attempt, 'success', undefined, undefined);
      return;
    }
    attempt.failure = classifyResponse({
      version: attempt.route.version,
      status: attempt.status,
      route: attempt.route,
      header: (name) => headerOf(attempt, name),
    });
    this.#await(attempt);
  }

  /** The request failed before its response headers. */
  failed(attempt: Attempt, error: unknown): void {
    if (attempt.state !== 'open') return;
    attempt.endedAt = performance.now();
    attempt.failure = classifyFailure(error);
    this.#await(attempt);
  }

  // With an operation, the reader of the body (the SDK) knows more than the transport: wait for it, with a bound.
  #await(attempt: Attempt): void {
    const { operation } = attempt;
    if (operation === undefined || operation.ended) {
      // node:http reports an abort after the SDK's promise has settled.
      this.#settle(attempt, operation?.failure);
      return;
    }
    attempt.state = 'pending';
    attempt.settler = this;
    attempt.pendingTimer = setTimeout(() => attempt.settle(), PENDING_MS);
    attempt.pendingTimer.unref();
    operation.pending = attempt;
  }

  /** See {@link AttemptSettler}. */
  settled(attempt: Attempt, facts: ErrorFacts | undefined): void {
    clearTimeout(attempt.pendingTimer);
    this.#settle(attempt, facts);
  }

  #settle(attempt: Attempt, facts: ErrorFacts | undefined): void {
    if (attempt.state === 'recorded') return;
    const { operation } = attempt;
    if (operation?.pending === attempt) operation.pending = undefined;
    const failure = attempt.failure as ResponseClass | FailureClass;
    const said = facts !== undefined && describes(facts, attempt) ? facts : undefined;
    const outcome = said?.outcome ?? failure.outcome;
    const errorType = said === undefined ? failure.errorType : (said.errorType ?? failure.errorType);
    const rateLimit =
      said?.rateLimitSource ?? ('rateLimitSource' in failure ? failure.rateLimitSource : undefined);
    const retryReason = said?.retryReason ?? failure.retryReason;
    if (operation !== undefined) {
      operation.previous = previousOf(attempt, retryReason);
    }
    if (retryReason !== undefined) this.#resends.failed(attempt, retryReason);
    this.#record(attempt, outcome, outcome === 'cancelled' ? undefined : errorType, rateLimit);
    // Who read the body knows more, also that it says nothing of the account.
    const spoke = said !== undefined && 'accountSignal' in said ? said : failure;
    const signal = 'accountSignal' in spoke ? spoke.accountSignal : undefined;
    if (signal !== undefined && attempt.account !== undefined) {
      publishAccountSignal({
        account: attempt.account,
        version: attempt.route.version,
        signal,
        time: Date.now(),
      });
    }
  }

  #record(
    attempt: Attempt,
    outcome: Outcome,
    errorType: string | undefined,
    rateLimit: RateLimitSource | undefined,
  ): void {
    attempt.state = 'recorded';
    if (outcome === 'success') this.#resends.succeeded(attempt);
    if (attempt.operation !== undefined && outcome === 'success')
      attempt.operation.previous = previousOf(attempt);
    const { span } = attempt;
    if (span !== undefined) {
      try {
        endAttemptSpan(span, attempt, errorType, rateLimit);
      } catch (error) {
        dropError('span', error);
      }
    }
    this.#metrics.recorded(attempt, outcome, errorType, rateLimit);
    const { onRequest } = this.#config;
    const told = onRequest !== undefined || hasRequestSubscribers();
    if (!told && outcome === 'success') return;
    const facts = this.#facts(attempt, outcome, errorType, rateLimit);
    if (outcome !== 'success' && outcome !== 'cancelled') {
      this.#hurting.failed(facts);
      if (attempt.operation === undefined) logRequestFailure(emitter, facts, attempt.context);
    }
    if (!told) return;
    tellRequestSubscribers(facts);
    if (onRequest !== undefined) guarded('subscriber', () => onRequest(facts), undefined);
  }

  #facts(
    attempt: Attempt,
    outcome: Outcome,
    errorType: string | undefined,
    rateLimitSource: RateLimitSource | undefined,
  ): NylasRequestFacts {
    const { route } = attempt;
    return {
      version: route.version,
      method: route.method,
      template: route.template,
      resource: route.resource,
      operation: route.operation,
      status: attempt.status,
      outcome,
      errorType,
      rateLimitSource,
      durationSeconds: (attempt.endedAt - attempt.startedAt) / 1_000,
      requestId: attempt.requestId,
      flowId: attempt.flowId,
      resendCount: attempt.resendCount,
      account: attempt.shownAccount(this.#config.captureAccountId),
    };
  }

  #account(
    route: Route,
    path: string,
    operation: Operation | undefined,
    scope: RequestScope | undefined,
  ): string | undefined {
    return accountFromPath(route, path) ?? operation?.account ?? scope?.account ?? this.#identify(route);
  }

  #identify(route: Attempt['route']): string | undefined {
    const { identifyAccount } = this.#config;
    if (identifyAccount === undefined) return undefined;
    try {
      return identifyAccount({ version: route.version, method: route.method, template: route.template });
    } catch (error) {
      dropError('hook', error);
      return undefined;
    }
  }

  #caller(
    operation: Operation | undefined,
    scoped: string | (() => string | undefined) | undefined,
  ): string | undefined {
    if (!this.#config.callers) return undefined;
    const caller = operation?.caller ?? scoped;
    try {
      const name = typeof caller === 'function' ? caller() : caller;
      return name === undefined ? undefined : this.#metrics.callerLabel(name);
    } catch (error) {
      dropError('hook', error);
      return undefined;
    }
  }
}

// The ids are decoded only if somebody asks.
function previousOf(attempt: Attempt, retryReason?: RetryReason): PreviousAttempt {
  return {
    status: attempt.status,
    retryReason,
    get requestId() {
      return attempt.requestId;
    },
    get flowId() {
      return attempt.flowId;
    },
  };
}

function headerOf(attempt: Attempt, name: string): string | undefined {
  switch (name) {
    case 'retry-after':
      return attempt.retryAfter;
    case 'x-ratelimit-reset':
      return attempt.rateLimitReset;
    case 'x-request-id':
      return attempt.requestId;
    default:
      return undefined;
  }
}

// A channel may run in another request's context: an operation found there counts only while it is under way and does
// not tag its requests.
function operationOf(request: BegunRequest, scope: RequestScope | undefined): Operation | undefined {
  const tagged = request.operationId === undefined ? undefined : findOperation(request.operationId);
  if (tagged !== undefined) return tagged;
  const active = scope?.operation;
  return active === undefined || active.ended || active.tagged ? undefined : active;
}

// What the operation ended with is this attempt's story when it is about the same answer, or both had none.
function describes(facts: ErrorFacts, attempt: Attempt): boolean {
  return (facts.status ?? 0) === attempt.status;
}
