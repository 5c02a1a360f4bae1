/** Names of the faults, in the order of the table in the README. */
export const FAULT_NAMES = [
  'rate_limit_nylas',
  'rate_limit_provider',
  'rate_limit_ambiguous',
  'rate_limit_concurrency',
  'unauthorized',
  'wrong_region',
  'grant_expired',
  'forbidden_scopes',
  'application_disabled',
  'not_found',
  'conflict',
  'concurrent_request',
  'resource_blocked',
  'internal_error',
  'provider_failure',
  'bad_gateway_html',
  'unavailable',
  'provider_timeout',
  'sent_then_504',
  'edge_520',
  'flat_error',
  'oauth_error',
  'empty_200',
  'malformed_json',
  'huge_body',
  'early_hints',
  'redirect',
  'slow',
  'stalled_headers',
  'stalled_body',
  'reset_before_headers',
  'reset_mid_body',
  'v2_200_with_failures',
  'v2_500_without_type',
  'v2_401_plain_text',
] as const;

/** Name of a fault. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** Details of a fault; each fault uses those that mean something to it and ignores the rest. */
export interface FaultOptions {
  /** HTTP status, where the fault has none of its own: `provider_failure`, `flat_error`, `redirect`, `empty_200`, `oauth_error`. */
  readonly status?: number;
  /** `Retry-After` header: whole seconds, or any value as text (an HTTP date, nonsense). `null` leaves the header out. */
  readonly retryAfter?: number | string | null;
  /** Replaces the error's message. */
  readonly message?: string;
  /** Replaces the error's type. */
  readonly type?: string;
  /** `error.provider_error`: an object or a text; `null` leaves it out. */
  readonly providerError?: Readonly<Record<string, unknown>> | string | null;
  /** Milliseconds: the delay of `slow` (default 1000), of `early_hints` before the answer (default 0), of a `provider_timeout` (default 0; Nylas takes about 90,000). */
  readonly ms?: number;
  /** Bytes: size of a `huge_body` (default 8 MiB); bytes sent before `stalled_body` and `reset_mid_body` stop (default half). */
  readonly bytes?: number;
}

/** What to do to which requests. */
export interface FaultRule {
  /** The fault. */
  readonly fault: FaultName;
  /**
   * Which routes: a template as in the documentation (`/v3/grants/{grant_id}/messages`), or a pattern over the real
   * path with `*` (within a segment) and `**` (any rest). Default: every route but the control interface.
   */
  readonly route?: string;
  /** Upper-case HTTP method. Default: any. */
  readonly method?: string;
  /** Only this v3 grant: its id or address. */
  readonly grant?: string;
  /** Only this v2 account: its id or address. */
  readonly account?: string;
  /** Stop after so many requests were hit. Default: never. */
  readonly times?: number;
  /** Chance per request in [0, 1], drawn from the seed. Default 1. */
  readonly probability?: number;
  /** Let so many matching requests pass first. Default 0. */
  readonly after?: number;
  /** Details of the fault. */
  readonly options?: FaultOptions;
}

/** A rule that is switched on, with what it did so far. */
export interface ActiveFault {
  readonly id: string;
  readonly rule: FaultRule;
  /** Requests that matched, hit or not. */
  readonly seen: number;
  /** Requests that were hit. */
  readonly hits: number;
}

/** Switches faults on and off. The first rule that matches and fires wins, oldest first. */
export interface FaultControl {
  /**
   * Switches a rule on and returns its id.
   * @throws {SimulatorError} when the rule is not valid; the message names the field
   */
  add(rule: FaultRule): string;
  /** Switches one rule off; false when it was not on. */
  remove(id: string): boolean;
  /** Switches every rule off. */
  clear(): void;
  /** The rules that are on (also those whose `times` are used up). */
  list(): readonly ActiveFault[];
}
