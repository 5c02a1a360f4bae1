/**
 * The documented rate limit that a route falls under; the numbers are `LIMITS.nylas[endpointClass]`.
 *
 * v3:
 * - `admin`: applications, authentication, connectors, grants, webhooks (50/s per application)
 * - `data`: messages, threads, drafts, folders, attachments, calendars, events, contacts of one grant (200/s per grant).
 *   Nylas names "Calendar, Contacts, Messages"; the rest of that family is counted in by judgement.
 * - `send`: sending for one grant (200/s per grant, 10/s when the body is multipart)
 * - `other`: no limit is documented
 *
 * v2 (every class also counts towards 500/s per application and endpoint):
 * - `v2_application`: called with the client secret, or no account yet (`/a/...`, `/oauth/...`, `/component/...`)
 * - `v2_account`: called with an access token (50/s per account and endpoint)
 * - `v2_concurrent`: `/messages`, `/threads`, `/contacts`: as `v2_account`, and 5 at a time
 * - `v2_delta_longpoll`, `v2_delta_streaming`: as `v2_account`, and 10 at a time
 * - `v2_ip_addresses`: 10 an hour per application
 */
export type EndpointClass =
  | 'admin'
  | 'data'
  | 'send'
  | 'other'
  | 'v2_application'
  | 'v2_account'
  | 'v2_concurrent'
  | 'v2_delta_longpoll'
  | 'v2_delta_streaming'
  | 'v2_ip_addresses';
