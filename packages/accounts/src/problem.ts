import type { Outcome } from '@nylas-otel/nylas-api';
import type { Failure } from './nylas-request.ts';
import type { Profile } from './profile.ts';

/**
 * What keeps a watch from reading the accounts; while there is one, they keep their last known state.
 * - `invalid_credentials`: 401 on the list: a wrong key or secret, or another region's host
 * - `forbidden`: 403 on the list: the application is disabled
 * - `not_found`: 404 or a redirect: a wrong client id or base URL
 * - `rejected`: another 4xx
 * - `unreadable`: an answer that is no list of accounts
 * - `rate_limited`, `unavailable`: passing; said after three failures in a row
 */
export type ProblemKind =
  | 'invalid_credentials'
  | 'forbidden'
  | 'not_found'
  | 'rejected'
  | 'unreadable'
  | 'rate_limited'
  | 'unavailable';

/** A problem of a watch, for people. */
export interface WatchProblem {
  readonly kind: ProblemKind;
  /** One sentence on what is wrong and one on what to do; holds no secret. */
  readonly message: string;
  /** Unix milliseconds since when. */
  readonly since: number;
  readonly outcome: Outcome;
  /** HTTP status; 0 when there was no response. */
  readonly status: number;
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  readonly flowId: string | undefined;
}

/** Whose list it is, for the words of a problem. */
export interface WatchIdentity {
  readonly application: string;
  readonly profile: Profile;
  /** Host name of the API, as telemetry may show it. */
  readonly host: string;
  /** The region, unless a base URL was given. */
  readonly region: string | undefined;
}

/** Which kind of problem a failed list request points to. */
export function problemKind({ status, outcome, unreadable }: Failure): ProblemKind {
  if (unreadable) return 'unreadable';
  if (status === 401 || outcome === 'invalid_credentials') return 'invalid_credentials';
  if (status === 403) return 'forbidden';
  if (status === 404 || (status >= 300 && status < 400)) return 'not_found';
  if (status === 408) return 'unavailable';
  if (status === 429) return 'rate_limited';
  if (status >= 400 && status < 500) return 'rejected';
  return 'unavailable';
}

const LASTING: ReadonlySet<ProblemKind> = new Set<ProblemKind>([
  'invalid_credentials',
  'forbidden',
  'not_found',
  'rejected',
]);

/** True for problems that waiting does not solve: they are said at once, and single accounts are not asked about. */
export function isLasting(kind: ProblemKind): boolean {
  return LASTING.has(kind);
}

/** The problem in words. */
export function describeProblem(
  kind: ProblemKind,
  failure: Failure,
  identity: WatchIdentity,
  since: number,
): WatchProblem {
  const { outcome, status, errorType, requestId, flowId } = failure;
  const message = `Nylas accounts of application '${identity.application}': ${sentences(kind, failure, identity)} Until then the accounts keep their last known state.`;
  return { kind, message, since, outcome, status, errorType, requestId, flowId };
}

function sentences(
  kind: ProblemKind,
  { status, errorType }: Failure,
  { profile, host, region }: WatchIdentity,
): string {
  const asked = `GET ${profile.listTemplate} at ${host}`;
  const credentials = profile.version === 'v3' ? 'apiKey' : 'clientId and clientSecret';
  switch (kind) {
    case 'invalid_credentials':
      return (
        `Nylas refuses the credentials (${status} on ${asked}). ` +
        `Check that ${credentials} are of this application and not revoked or expired, and that ` +
        `${region === undefined ? 'baseUrl leads to' : `region '${region}' is`} the application's region: ` +
        `another region answers 401 to every key.`
      );
    case 'forbidden':
      return (
        `Nylas does not let it list accounts (403 on ${asked}). ` +
        `Look in the Nylas dashboard whether the application is disabled or its plan has ended.`
      );
    case 'not_found':
      return (
        `there is no such list (${status} on ${asked}). ` +
        `Check baseUrl${profile.version === 'v2' ? ' and clientId' : ''}.`
      );
    case 'rejected':
      return `Nylas rejects the request (${status} ${errorType ?? ''} on ${asked}). Report it with the request id.`;
    case 'unreadable':
      return (
        `the answer to ${asked} is no list of accounts. ` +
        `Check whether baseUrl leads to Nylas and no proxy answers in its place.`
      );
    case 'rate_limited':
      return (
        `the rate limit is used up (429 on ${asked}). ` +
        `Lower requestsPerSecond, or find what else of the application makes so many requests; it goes on by itself.`
      );
    case 'unavailable':
      return (
        `Nylas cannot be read (${status === 0 ? (errorType ?? 'no answer') : status} on ${asked}). ` +
        `Check the network and status.nylas.com; it goes on by itself.`
      );
  }
}
