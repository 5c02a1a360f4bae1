import {
  ATTR_CLOUDEVENTS_EVENT_ID,
  ATTR_CLOUDEVENTS_EVENT_SUBJECT,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_URL_FULL,
  ATTR_URL_QUERY,
} from './attribute-names.ts';

/** Query keys whose values stay in `url.full` and `url.query`; they hold no content and no identity. */
export const KEPT_QUERY_KEYS = ['limit', 'offset', 'select', 'fields', 'view'] as const;
/** One of {@link KEPT_QUERY_KEYS}. */
export type KeptQueryKey = (typeof KEPT_QUERY_KEYS)[number];

/** What stands for the value of every other query key. */
export const REDACTED = 'REDACTED';

/** One thing from outside that telemetry may hold, and where. */
export interface AllowedFromOutside {
  readonly what: string;
  /** The attributes it may appear in. */
  readonly attributes: readonly string[];
}

/** The closed list of what came from outside and may appear, on spans and log events only. */
export const ALLOWED_FROM_OUTSIDE: readonly AllowedFromOutside[] = [
  {
    what: 'the id of a grant or account when it is opaque, a keyed hash of it when it is an address',
    attributes: [ATTR_NYLAS_GRANT_ID, ATTR_NYLAS_ACCOUNT_ID, ATTR_CLOUDEVENTS_EVENT_SUBJECT],
  },
  { what: 'the request id of Nylas', attributes: [ATTR_NYLAS_REQUEST_ID] },
  { what: 'the flow id of Nylas', attributes: [ATTR_NYLAS_FLOW_ID] },
  { what: 'the id of a webhook notification', attributes: [ATTR_CLOUDEVENTS_EVENT_ID] },
  {
    what: 'the values of the query keys `limit`, `offset`, `select`, `fields`, `view`; of other keys the name alone',
    attributes: [ATTR_URL_FULL, ATTR_URL_QUERY],
  },
];

/** What telemetry never holds, on any signal. */
export const NEVER_IN_TELEMETRY: readonly string[] = [
  'API keys, access and refresh tokens, client secrets, webhook secrets',
  'webhook signatures',
  'e-mail addresses, also where an address serves as a grant or calendar id',
  'names of people',
  'subjects, bodies, attachments, contact and event contents',
  'search text',
  'raw paths and raw query strings',
  'error messages of Nylas or the mail provider, unless `captureErrorMessage` is on',
];
