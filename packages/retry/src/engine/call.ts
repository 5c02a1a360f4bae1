import type { Route } from '@nylas-otel/nylas-api';
import type { Verdict } from '../policy/verdict.ts';

/** What the engine gives an attempt. */
export interface AttemptOptions {
  /** `Idempotency-Key` to send; undefined for none. */
  readonly idempotencyKey: string | undefined;
  /** Fires when the attempt must end: deadline, or the caller aborted. */
  readonly signal: AbortSignal | undefined;
  /** Time left until the deadline, in milliseconds; may be Infinity. */
  readonly remainingMs: number;
}

/** An attempt that is over (its headers are there, or it failed). */
export interface Attempted<T> {
  readonly verdict: Verdict;
  /** What the caller will get, for the report: the error or the response. */
  readonly subject: unknown;
  /** Gives the caller the answer, or throws the caller's error. Called at most once, never after `discard`. */
  finish(): T;
  /** Frees what the answer holds, because another attempt follows. */
  discard(): void;
}

/** A call, as a face describes it to the engine. */
export interface Call<T> {
  readonly route: Route;
  /** The grant or account it is for, where the request says it. For gates only, never for telemetry. */
  readonly account: string | undefined;
  /** Tells applications (API keys) apart; no secret. */
  readonly application: string;
  /** Aborts the call. */
  readonly signal: AbortSignal | undefined;
  /** The `Idempotency-Key` that the caller set. */
  readonly givenKey: string | undefined;
  /** True when the body can be sent again. Asked before the first attempt. */
  readonly replayable: boolean;
  /** Makes one attempt. Never rejects; must not start before the call of this function. */
  attempt(options: AttemptOptions): Promise<Attempted<T>>;
}

/** True for the two routes whose sends Nylas makes idempotent (NYLAS 3.8). */
export function isIdempotentSend(route: Route): boolean {
  return (
    route.version === 'v3' &&
    route.method === 'POST' &&
    route.operation === 'send' &&
    route.template.endsWith('/messages/send')
  );
}

/**
 * Under which key a limit is remembered. Nylas limits its admin routes per application and data routes per grant; v2
 * also counts each endpoint by itself.
 */
export function gateKey(route: Route, application: string, account: string | undefined): string {
  const { endpointClass, template } = route;
  const endpoint = route.version === 'v2' ? ` ${template}` : '';
  const perApplication =
    endpointClass === 'admin' ||
    endpointClass === 'v2_application' ||
    endpointClass === 'v2_ip_addresses' ||
    account === undefined;
  return perApplication
    ? `${application} ${endpointClass}${endpoint}`
    : `${application} ${endpointClass}${endpoint} ${account}`;
}
