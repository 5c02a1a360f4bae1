import type { ApiVersion, Outcome, RateLimitSource } from '@nylas-otel/nylas-api';

/** A finished Nylas request, as {@link NylasInstrumentationConfig.onRequest} sees it. Holds nothing that is secret. */
export interface NylasRequestFacts {
  readonly version: ApiVersion;
  readonly method: string;
  readonly template: string;
  readonly resource: string;
  readonly operation: string;
  /** 0 when there was no response. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly rateLimitSource: RateLimitSource | undefined;
  /** Until the response headers were read, or the failure. */
  readonly durationSeconds: number;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
  /** 0 for the first attempt. */
  readonly resendCount: number;
  /** The account as telemetry shows it (an opaque id, or a hash). */
  readonly account: string | undefined;
}
