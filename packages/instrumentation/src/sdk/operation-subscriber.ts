import {
  accountFromPath,
  classifyFailure,
  classifyResponse,
  type FailureClass,
  type Route,
  readSdkError,
} from '@nylas-otel/nylas-api';
import {
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_REGION,
} from '@nylas-otel/semantic-conventions';
import {
  createEmitter,
  currentScope,
  type ErrorFacts,
  guardListener,
  logOperationFailure,
  Operation,
  shownAccountId,
} from '@nylas-otel/telemetry';
import type { ResolvedConfig } from '../config.ts';
import { shownErrorMessage } from '../redaction/error-message.ts';
import { shownId } from '../redaction/header-values.ts';
import { routeOf, type Targets } from '../requests/targets.ts';
import { SCOPE } from '../version.ts';
import { type NylasCall, requestChannel } from './request-channel.ts';

const emitter = createEmitter(SCOPE);

/** Turns SDK calls into operations: the span around all attempts, and the reading of the SDK's errors. */
export class OperationSubscriber {
  readonly #config: ResolvedConfig;
  readonly #targets: Targets;
  /** Calls whose operation was opened here. */
  readonly #own = new WeakSet<NylasCall>();
  #stop: (() => void) | undefined;

  constructor(config: ResolvedConfig, targets: Targets) {
    this.#config = config;
    this.#targets = targets;
  }

  /** Subscribes. */
  start(): void {
    if (this.#stop !== undefined) return;
    const started = guardListener('patch', (call: unknown) => this.#started(call as NylasCall));
    const settled = guardListener('patch', (call: unknown) => this.#settled(call as NylasCall));
    requestChannel.start.subscribe(started);
    requestChannel.asyncEnd.subscribe(settled);
    this.#stop = () => {
      requestChannel.start.unsubscribe(started);
      requestChannel.asyncEnd.unsubscribe(settled);
    };
  }

  /** Unsubscribes; calls under way end without a span end. */
  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #started(call: NylasCall): void {
    // An outer layer (retry) opened the operation: join it, its owner ends it.
    if (call.operation !== undefined) return;
    const target = this.#targets.find(originOf(call.baseUrl));
    if (target === undefined) return;
    const route = routeOf(target, call.method, call.path);
    const named = accountFromPath(route, call.path) ?? currentScope()?.account;
    const account = shownAccountId(named, this.#config.captureAccountId);
    const operation = new Operation({
      route,
      scope: SCOPE,
      sdkVersion: call.sdkVersion,
      attributes: {
        [ATTR_NYLAS_REGION]: target.region,
        ...(account === undefined ? {} : { [accountAttribute(route)]: account }),
      },
    });
    call.operation = operation;
    call.run = (work) => operation.run(work);
    this.#own.add(call);
  }

  #settled(call: NylasCall): void {
    const { operation } = call;
    if (operation === undefined) return;
    const failure = failureOf(call, operation);
    if (!this.#own.has(call)) {
      // Joined: say what this attempt was, and leave the end to the owner.
      if (failure !== undefined) operation.pending?.settle(failure);
      return;
    }
    operation.end(failure);
    if (failure === undefined) return;
    const { captureAccountId, captureErrorMessage } = this.#config;
    const account = accountFromPath(operation.route, call.path) ?? operation.account;
    logOperationFailure(emitter, operation, failure, {
      account: shownAccountId(account, captureAccountId),
      message: captureErrorMessage ? shownErrorMessage(call.error) : undefined,
    });
  }
}

/** The attribute that carries the account of a route's version. */
function accountAttribute(route: Route): string {
  return route.version === 'v3' ? ATTR_NYLAS_GRANT_ID : ATTR_NYLAS_ACCOUNT_ID;
}

const TIMEOUT: FailureClass = {
  outcome: 'timeout',
  errorType: 'timeout',
  retryable: true,
  retryReason: 'timeout',
};

/** What a settled call turned out to be; undefined for a success. */
function failureOf(call: NylasCall, operation: Operation): ErrorFacts | undefined {
  if (call.error === undefined) return partialFailure(call, operation.route);
  const facts = readSdkError(call.error);
  // The SDK loses the status of an error whose body it cannot parse; the transport saw it.
  const waiting = operation.pending as { status?: number } | undefined;
  const seen = waiting?.status ?? operation.previous?.status ?? 0;
  const status = facts?.statusCode ?? seen;
  if (status >= 300) {
    const error = {
      ...(facts?.type === undefined ? {} : { type: facts.type }),
      ...(facts?.hasProviderError === true ? { provider_error: {} } : {}),
    };
    const { version } = operation.route;
    const answer = classifyResponse({
      version,
      status,
      route: operation.route,
      ...(facts?.header === undefined ? {} : { header: (name: string) => facts.header?.(name) }),
      ...(facts === undefined
        ? {}
        : { body: version === 'v3' ? { error } : { ...error, ...wordsOf(call.error) } }),
    });
    return {
      ...answer,
      status,
      requestId: shownId(facts?.requestId) ?? shownId(answer.requestId),
      flowId: shownId(facts?.flowId),
    };
  }
  let failure = classifyFailure(call.error);
  if (failure.outcome === 'cancelled' && call.abortIsTimeout === true) failure = TIMEOUT;
  // A body that could not be parsed is no network failure of the attempt: its headers were read.
  return { ...failure, status: seen };
}

// v2 says what is wrong with an account in words only. They are looked at and go nowhere.
function wordsOf(error: unknown): { readonly message?: string } {
  return error instanceof Error ? { message: error.message } : {};
}

// API v2 answers 200 to a send that failed for some recipients (NYLAS.md 3.4); only the body says so.
function partialFailure(call: NylasCall, route: Route): ErrorFacts | undefined {
  if (route.version !== 'v2' || route.operation !== 'send') return undefined;
  const answer = classifyResponse({ version: 'v2', status: 200, route, body: call.result });
  return answer.outcome === 'success' ? undefined : { ...answer, status: 200 };
}

/** Origin of a base URL, cheap for the usual one without a path. */
function originOf(baseUrl: string): string {
  const slash = baseUrl.indexOf('/', baseUrl.indexOf('://') + 3);
  return slash < 0 ? baseUrl : baseUrl.slice(0, slash);
}
