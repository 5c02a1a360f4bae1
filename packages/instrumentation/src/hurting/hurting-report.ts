import type { ApiVersion, Outcome } from '@nylas-otel/nylas-api';
import type { NylasRequestFacts } from '../requests/facts.ts';

/** Failed requests by kind: what hurts one account while others are well. */
export interface FailureCounts {
  /** 429 of Nylas or of the mail provider. */
  readonly rateLimited: number;
  /** 401 and 403. */
  readonly unauthorized: number;
  /** No answer in time. */
  readonly timedOut: number;
  /** 5xx of Nylas or of the mail provider. */
  readonly serverErrors: number;
}

/** A kind of {@link FailureCounts}. */
export type FailureKind = keyof FailureCounts;

/** Every kind of failure. */
export const FAILURE_KINDS: readonly FailureKind[] = [
  'rateLimited',
  'unauthorized',
  'timedOut',
  'serverErrors',
];

/** A failed request, with what Nylas support asks for. */
export interface HurtingFailure {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly kind: FailureKind;
  readonly method: string;
  readonly template: string;
  /** 0 when there was no response. */
  readonly status: number;
  /** `error.type` of the telemetry contract. */
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
}

/** An account whose requests fail. */
export interface HurtingAccount extends FailureCounts {
  /** The account or grant as telemetry shows it: an opaque id, or the keyed hash of an address. */
  readonly account: string;
  readonly version: ApiVersion;
  /** Failed requests of all kinds, resends included. */
  readonly failures: number;
  /** At most so many more failed before the account was followed. 0 unless very many accounts fail at once. */
  readonly missed: number;
  /** The newest first, at most 5. */
  readonly lastFailures: readonly HurtingFailure[];
}

/** Who was hurt in a stretch of time that ends now. */
export interface HurtingWindow {
  /** The most failures first, at most 50. */
  readonly accounts: readonly HurtingAccount[];
  /** Further accounts that failed, as far as they are followed. */
  readonly more: number;
  /** Failures of requests whose account is not known or must not be shown. */
  readonly unattributed: FailureCounts;
}

/** Which accounts' requests fail in this process, to the minute. */
export interface HurtingReport {
  /** ISO 8601, UTC. */
  readonly time: string;
  /** When the counting began; a window that reaches further back is shorter than its name. */
  readonly since: string;
  readonly last15Minutes: HurtingWindow;
  readonly lastHour: HurtingWindow;
}

const KIND_OF_OUTCOME: { readonly [outcome in Outcome]?: FailureKind } = {
  rate_limited: 'rateLimited',
  provider_limited: 'rateLimited',
  invalid_credentials: 'unauthorized',
  timeout: 'timedOut',
  server_error: 'serverErrors',
  provider_error: 'serverErrors',
};

/** What kind of failure a request was; undefined for one that says nothing of its account. */
export function failureKindOf({ outcome, status }: NylasRequestFacts): FailureKind | undefined {
  return status === 403 ? 'unauthorized' : KIND_OF_OUTCOME[outcome];
}
