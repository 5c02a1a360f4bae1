import type { EndpointClass } from './endpoint-class.ts';

/** One documented limit: at most `max` of `what` within `windowSeconds`, counted for each `per`. */
export interface Limit {
  /** What is counted. */
  readonly what: 'requests' | 'concurrent_requests' | 'sends' | 'gmail_quota_units' | 'upload_bytes';
  /** The highest number that is still allowed. */
  readonly max: number;
  /** Length of the window in seconds; 0: at any one moment. */
  readonly windowSeconds: number;
  /** What has a count of its own. `mailbox`: one user at the provider; `project`: one Google Cloud project. */
  readonly per: 'application' | 'application_endpoint' | 'grant' | 'account_endpoint' | 'mailbox' | 'project';
  /** True when only requests with a multipart body count. */
  readonly multipart?: boolean;
}

/** Providers that Nylas lists limits of. EWS limits are set by the server's administrator, so there is no number. */
export type LimitedProvider = 'google' | 'microsoft' | 'icloud';

/** Documented limits of Nylas and of the mail providers behind it. */
export interface Limits {
  /** Nylas's own, by the `endpointClass` of a route. Empty: none documented. */
  readonly nylas: Readonly<Record<EndpointClass, readonly Limit[]>>;
  /** The providers' own, as Nylas lists them. */
  readonly providers: Readonly<Record<LimitedProvider, readonly Limit[]>>;
  /** How long an Exchange server's throttling lasts, in seconds (about 20 minutes). */
  readonly exchangeThrottleSeconds: number;
}

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const V2_APPLICATION: Limit = { what: 'requests', max: 500, windowSeconds: 1, per: 'application_endpoint' };
const V2_ACCOUNT: Limit = { what: 'requests', max: 50, windowSeconds: 1, per: 'account_endpoint' };

/**
 * Limits from Nylas's rate-limit pages (v3: dev-guide/platform/rate-limits, v2: api/rate-limits). Plans and providers
 * may differ, and v3 sends no `X-RateLimit-*` headers to tell.
 */
export const LIMITS: Limits = {
  nylas: {
    admin: [{ what: 'requests', max: 50, windowSeconds: 1, per: 'application' }],
    data: [{ what: 'requests', max: 200, windowSeconds: 1, per: 'grant' }],
    send: [
      { what: 'requests', max: 200, windowSeconds: 1, per: 'grant' },
      { what: 'requests', max: 10, windowSeconds: 1, per: 'grant', multipart: true },
    ],
    other: [],
    v2_application: [V2_APPLICATION],
    v2_account: [V2_APPLICATION, V2_ACCOUNT],
    v2_concurrent: [
      V2_APPLICATION,
      V2_ACCOUNT,
      { what: 'concurrent_requests', max: 5, windowSeconds: 0, per: 'account_endpoint' },
    ],
    v2_delta_longpoll: [
      V2_APPLICATION,
      V2_ACCOUNT,
      { what: 'concurrent_requests', max: 10, windowSeconds: 0, per: 'account_endpoint' },
    ],
    v2_delta_streaming: [
      V2_APPLICATION,
      V2_ACCOUNT,
      { what: 'concurrent_requests', max: 10, windowSeconds: 0, per: 'account_endpoint' },
    ],
    v2_ip_addresses: [{ what: 'requests', max: 10, windowSeconds: HOUR, per: 'application' }],
  },
  providers: {
    google: [
      { what: 'requests', max: 10_000, windowSeconds: MINUTE, per: 'project' },
      { what: 'requests', max: 600, windowSeconds: MINUTE, per: 'mailbox' },
      { what: 'sends', max: 2_000, windowSeconds: DAY, per: 'mailbox' },
      { what: 'gmail_quota_units', max: 1_200_000, windowSeconds: MINUTE, per: 'project' },
      // Projects created from 1 May 2026; older ones keep 250 units a second.
      { what: 'gmail_quota_units', max: 6_000, windowSeconds: MINUTE, per: 'mailbox' },
    ],
    microsoft: [
      { what: 'requests', max: 10_000, windowSeconds: 10 * MINUTE, per: 'mailbox' },
      { what: 'concurrent_requests', max: 4, windowSeconds: 0, per: 'mailbox' },
      { what: 'upload_bytes', max: 150 * 1024 * 1024, windowSeconds: 5 * MINUTE, per: 'mailbox' },
      { what: 'sends', max: 30, windowSeconds: MINUTE, per: 'mailbox' },
    ],
    icloud: [{ what: 'sends', max: 1_000, windowSeconds: DAY, per: 'mailbox' }],
  },
  exchangeThrottleSeconds: 20 * MINUTE,
};
