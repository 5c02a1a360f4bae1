import type { FaultName, FaultOptions, FaultRule } from '../faults/fault-rule.ts';
import type { Simulator } from '../simulator.ts';

/** Something that goes wrong at Nylas, by a name that a test can say. Play it with `nylas.play(...)`. */
export interface FaultScript {
  /** For messages: what it is. */
  readonly name: string;
  /** Makes it so. */
  readonly play: (simulator: Simulator) => void;
}

/** Which requests a fault hits, and how often. */
export interface Hits
  extends Pick<FaultRule, 'route' | 'method' | 'grant' | 'account' | 'after' | 'probability'> {
  /** How many requests. Default: every one, until the faults are cleared. */
  readonly times?: number;
}

function faulty(name: string, fault: FaultName, hits: Hits = {}, options: FaultOptions = {}): FaultScript {
  return { name, play: (simulator) => void simulator.faults.add({ fault, ...hits, options }) };
}

const LIMITS = {
  nylas: 'rate_limit_nylas',
  provider: 'rate_limit_provider',
  unknown: 'rate_limit_ambiguous',
  mailbox: 'rate_limit_concurrency',
} as const;

/**
 * Requests are answered 429: by Nylas, by the mail provider, by nobody knows who, or because too many are under way on a
 * Microsoft mailbox.
 * @param options `retryAfter`: the header, in whole seconds or as text; `null` for none
 */
export function rateLimited(
  by: keyof typeof LIMITS,
  options: Hits & { readonly retryAfter?: number | string | null } = {},
): FaultScript {
  const { retryAfter, ...hits } = options;
  return faulty(`rate limited by ${by}`, LIMITS[by], hits, retryAfter === undefined ? {} : { retryAfter });
}

/** The API key is refused: 401. */
export const keyRefused = (hits?: Hits): FaultScript => faulty('key refused', 'unauthorized', hits);
/** The key belongs to another region: 401. */
export const wrongRegion = (hits?: Hits): FaultScript => faulty('wrong region', 'wrong_region', hits);
/** The user did not grant what the call needs: 403. */
export const scopesMissing = (hits?: Hits): FaultScript => faulty('scopes missing', 'forbidden_scopes', hits);
/** Nylas switched the application off: every call is answered 403. */
export const applicationDisabled = (hits?: Hits): FaultScript =>
  faulty('application disabled', 'application_disabled', hits);
/** The object a notification told of is not there yet, or not any more: 404. */
export const notThereYet = (hits: Hits = { times: 1 }): FaultScript =>
  faulty('not there yet', 'not_found', hits);
/** Nylas itself fails: 500. */
export const nylasFails = (hits?: Hits): FaultScript => faulty('Nylas fails', 'internal_error', hits);
/** The edge in front of Nylas fails: 502 with HTML, which is no JSON. */
export const badGateway = (hits?: Hits): FaultScript => faulty('bad gateway', 'bad_gateway_html', hits);
/** Nylas or Exchange is too busy: 503. */
export const unavailable = (hits?: Hits): FaultScript => faulty('unavailable', 'unavailable', hits);
/** The mail provider fails: 500 with a `provider_error`. */
export const providerFails = (hits?: Hits): FaultScript => faulty('provider fails', 'provider_failure', hits);
/** The mail provider takes too long: 504. */
export const providerTimesOut = (hits?: Hits): FaultScript =>
  faulty('provider times out', 'provider_timeout', hits);
/** The mail goes out, and the client is told 504: who sends again sends twice. */
export const sentButTimedOut = (hits: Hits = { times: 1 }): FaultScript =>
  faulty('sent, but timed out', 'sent_then_504', hits);
/** Answers take so many milliseconds longer. */
export const slow = (ms: number, hits?: Hits): FaultScript => faulty('slow', 'slow', hits, { ms });
/** Requests are never answered. */
export const hangs = (hits?: Hits): FaultScript => faulty('hangs', 'stalled_headers', hits);
/** Connections are cut before an answer. */
export const connectionDrops = (hits?: Hits): FaultScript =>
  faulty('connection drops', 'reset_before_headers', hits);
/** Answers break off in the middle. */
export const answerBreaksOff = (hits?: Hits): FaultScript =>
  faulty('answer breaks off', 'reset_mid_body', hits);
/** v2 says 200, and in the body that sending failed. */
export const sendFailsQuietly = (hits?: Hits): FaultScript =>
  faulty('send fails quietly', 'v2_200_with_failures', hits);
/** Any fault of the catalogue, by its name. */
export const fault = (name: FaultName, hits?: Hits, options?: FaultOptions): FaultScript =>
  faulty(name, name, hits, options);
