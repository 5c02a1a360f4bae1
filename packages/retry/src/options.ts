import type { ApiVersion, RetryReason } from '@nylas-otel/nylas-api';
import { NylasRetryState } from './engine/retry-state.ts';
import { NylasRetryOptionsError } from './errors.ts';
import { integer, milliseconds, oneFunction, refuse } from './option-checks.ts';
import type { PolicyNumbers, StopReason } from './policy/decide.ts';

/** A request, as hooks and opt-ins see it. Holds no ids and no query. */
export interface RetryRequest {
  readonly version: ApiVersion;
  /** Upper-case HTTP method. */
  readonly method: string;
  /** Path with its ids replaced: `/v3/grants/{grant_id}/messages`; `other` for an unknown path. */
  readonly template: string;
  /** Such as `messages`. */
  readonly resource: string;
  /** Such as `list`. */
  readonly operation: string;
}

/** A resend that was decided on; it may still be called off while it waits. */
export interface RetryEvent {
  readonly request: RetryRequest;
  /** Number of the attempt that failed, from 1. */
  readonly attempt: number;
  readonly reason: RetryReason;
  /** HTTP status of the attempt that failed; 0 without an answer. */
  readonly status: number;
  /** As on `error.type` in telemetry. */
  readonly errorType: string | undefined;
  /** What is waited first: backoff or `Retry-After`, in milliseconds. Budget and gate may add to it. */
  readonly delayMs: number;
}

/** A call that is given up although its failure might pass. */
export interface GiveUpEvent {
  readonly request: RetryRequest;
  readonly attempts: number;
  readonly reason: StopReason;
  readonly retryAt: Date | undefined;
}

/** A host that serves the Nylas API beside Nylas's own. */
export interface RetryHost {
  /** Host name, with `:port` where it is not the scheme's default. */
  readonly host: string;
  /** The API version it serves. `both`: paths under `/v3` are v3, the rest v2. Default `both`. */
  readonly version?: ApiVersion | 'both';
}

/** Options of `retryingFetch`, `withRetry` and `nylasRetry`. Every one has a default. */
export interface RetryOptions {
  /** Most attempts of a call, the first included: 1 to 100. 1 never resends. Default 5. */
  readonly attempts?: number;
  /**
   * Longest time of a call until its headers, waits and all attempts together, in milliseconds. A `Retry-After` beyond
   * it fails the call at once, with `retryAt` on the error. `Infinity` for none. Default 120,000.
   */
  readonly deadlineMs?: number;
  /** Longest wait before the first resend, in milliseconds; doubles with each. Default 200. */
  readonly baseDelayMs?: number;
  /** The same after 429 and 503, which ask for patience. Default 1,000. */
  readonly throttleDelayMs?: number;
  /** Longest backoff before any resend, in milliseconds. Never shortens a `Retry-After`. Default 30,000. */
  readonly maxDelayMs?: number;
  /** Methods that may be sent again. Default GET, HEAD, PUT and DELETE. */
  readonly methods?: readonly string[];
  /**
   * Send messages again, with an `Idempotency-Key` that we add, as far as the decision table allows. Default true.
   */
  readonly sends?: boolean;
  /**
   * Opts other requests in (POST, PATCH): return true for what may happen twice. Also asked for the sends that no key
   * protects, `POST /v3/grants/{grant_id}/drafts/{draft_id}` and those of API v2: a resend there may deliver twice.
   * Default: none.
   */
  readonly resend?: (request: RetryRequest) => boolean;
  /**
   * Send a message again after an error that the mail **provider** caused (a 504 among them). The provider may have
   * accepted it before it failed, so the recipient **may get it twice**. Default false.
   */
  readonly resendProviderFailures?: boolean;
  /** Makes the `Idempotency-Key` of a send: unique, at most 256 characters. Default: a random UUID. */
  readonly idempotencyKey?: () => string;
  /**
   * Hosts beside those of Nylas that serve its API, a proxy or the simulator: `host` or `host:port`, or the same objects
   * as the instrumentation's option. Default: none.
   */
  readonly hosts?: readonly (string | RetryHost)[];
  /** Budget, gates and limiter. Default: one of the process, shared by all that name none. */
  readonly state?: NylasRetryState;
  /** Called before the wait for each resend. What it throws is dropped. */
  readonly onRetry?: (event: RetryEvent) => void;
  /** Called when a call is given up although its failure might pass. What it throws is dropped. */
  readonly onGiveUp?: (event: GiveUpEvent) => void;
}

/** Options with every default filled in. */
export interface Settings extends PolicyNumbers {
  readonly deadlineMs: number;
  readonly methods: ReadonlySet<string>;
  readonly sends: boolean;
  readonly resend: ((request: RetryRequest) => boolean) | undefined;
  readonly idempotencyKey: () => string;
  readonly hosts: ReadonlyMap<string, ApiVersion | 'both'>;
  readonly state: NylasRetryState;
  readonly onRetry: ((event: RetryEvent) => void) | undefined;
  readonly onGiveUp: ((event: GiveUpEvent) => void) | undefined;
}

const KNOWN: Readonly<Record<keyof RetryOptions, true>> = {
  attempts: true,
  deadlineMs: true,
  baseDelayMs: true,
  throttleDelayMs: true,
  maxDelayMs: true,
  methods: true,
  sends: true,
  resend: true,
  resendProviderFailures: true,
  idempotencyKey: true,
  hosts: true,
  state: true,
  onRetry: true,
  onGiveUp: true,
};
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'POST', 'PATCH', 'OPTIONS']);

/**
 * Checks options and fills in the defaults.
 * @throws {NylasRetryOptionsError} naming the option, the type of its value and the fix
 */
export function resolveOptions(options: RetryOptions = {}): Settings {
  if (typeof options !== 'object' || options === null || Array.isArray(options))
    refuse('options', options, 'an object of options, or nothing');
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(KNOWN, name)) {
      throw new NylasRetryOptionsError(
        name,
        `Unknown option ${name}. Known are ${Object.keys(KNOWN).join(', ')}; budget, mailboxConcurrency, clock and random are options of NylasRetryState.`,
      );
    }
  }
  const baseDelayMs = milliseconds('baseDelayMs', options.baseDelayMs, 200);
  const throttleDelayMs = milliseconds('throttleDelayMs', options.throttleDelayMs, 1_000);
  const maxDelayMs = milliseconds('maxDelayMs', options.maxDelayMs, 30_000);
  const state = options.state ?? NylasRetryState.ofProcess();
  if (!(state instanceof NylasRetryState) && !NylasRetryState.isState(state))
    refuse('state', state, 'a NylasRetryState: state: new NylasRetryState({ ... })');
  return {
    attempts: integer('attempts', options.attempts, 5, 1, 100),
    deadlineMs: milliseconds('deadlineMs', options.deadlineMs, 120_000, { positive: true, infinite: true }),
    baseDelayMs,
    throttleDelayMs,
    maxDelayMs,
    methods: methodSet(options.methods),
    sends: flag('sends', options.sends, true),
    resend: oneFunction('resend', options.resend),
    resendProviderFailures: flag('resendProviderFailures', options.resendProviderFailures, false),
    idempotencyKey: oneFunction('idempotencyKey', options.idempotencyKey) ?? (() => crypto.randomUUID()),
    hosts: hostMap(options.hosts),
    state,
    onRetry: oneFunction('onRetry', options.onRetry),
    onGiveUp: oneFunction('onGiveUp', options.onGiveUp),
  };
}

function flag(name: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  return typeof value === 'boolean' ? value : refuse(name, value, 'true or false');
}

function methodSet(value: readonly string[] | undefined): ReadonlySet<string> {
  if (value === undefined) return new Set(['GET', 'HEAD', 'PUT', 'DELETE']);
  if (!Array.isArray(value)) refuse('methods', value, "a list of HTTP methods, such as ['GET', 'HEAD']");
  for (const [index, method] of value.entries()) {
    if (typeof method !== 'string' || !METHODS.has(method)) {
      refuse(`methods[${index}]`, method, `one of ${[...METHODS].join(', ')}, in upper case`);
    }
  }
  return new Set(value);
}

function hostMap(value: RetryOptions['hosts']): ReadonlyMap<string, ApiVersion | 'both'> {
  const hosts = new Map<string, ApiVersion | 'both'>();
  if (value === undefined) return hosts;
  if (!Array.isArray(value)) refuse('hosts', value, "a list of hosts, such as ['localhost:4010']");
  for (const [index, entry] of (value as readonly unknown[]).entries()) {
    const option = `hosts[${index}]`;
    const { host, version = 'both' } = (
      typeof entry === 'object' && entry !== null ? entry : { host: entry }
    ) as { host?: unknown; version?: unknown };
    if (typeof host !== 'string')
      refuse(option, entry, "a host such as 'localhost:4010', or an object with it");
    if (host === '' || /[/\s?#@]/.test(host)) {
      throw new NylasRetryOptionsError(
        option,
        `Option ${option} is a text that is no host; give a host or host:port without scheme and path, such as 'localhost:4010'.`,
      );
    }
    if (version !== 'v2' && version !== 'v3' && version !== 'both')
      refuse(`${option}.version`, version, "'v2', 'v3' or 'both'");
    hosts.set(host.toLowerCase(), version);
  }
  return hosts;
}
