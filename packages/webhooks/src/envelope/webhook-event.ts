import type { ApiVersion } from '@nylas-otel/nylas-api';

/** An object read from JSON. */
export type JsonObject = { readonly [key: string]: unknown };

/** One event of a delivery: plain data, the same for both generations of the API; survives JSON. */
export interface WebhookEvent {
  /** What it is recognised by when it comes again: built of the notification id (v3) or of the delta (v2). */
  readonly key: string;
  readonly version: ApiVersion;
  /** The type as delivered, suffixes included: `message.created.truncated`. An open string. */
  readonly type: string;
  /** The trigger it belongs to, to route on: `message.created`. */
  readonly trigger: string;
  /** v3: the notification's id, the same on every attempt. v2 has none. */
  readonly id?: string | undefined;
  /** When it happened, Unix time in milliseconds; Nylas gives whole seconds. */
  readonly time?: number | undefined;
  /** v3: which attempt this delivery is, from 1, where Nylas says it. */
  readonly attempt?: number | undefined;
  /** Grant id (v3) or account id (v2). */
  readonly accountId?: string | undefined;
  /** v3: id of the Nylas application. */
  readonly applicationId?: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
  /** v3: `/google/emails/realtime`. */
  readonly source?: string | undefined;
  /** v3: the version of the CloudEvents envelope. */
  readonly specVersion?: string | undefined;
  /** Id of the message, event, calendar, job, ... it is about. */
  readonly objectId?: string | undefined;
  /** True when Nylas left the body out because of its size: read the object with its id. */
  readonly truncated: boolean;
  /** True when the fields were chosen by a field customisation of yours. */
  readonly transformed: boolean;
  /** v3: the envelope's `data` (with `object`, `application_id`, ...). v2: the delta's `object_data`. */
  readonly data: JsonObject;
  /** Fields of the envelope that are not named above. */
  readonly extensions?: JsonObject | undefined;
}

/** What a body was that cannot be read. */
export type EnvelopeFault = 'bad_gzip' | 'not_json' | 'unknown_shape';

/** What a verified body holds. Some deltas of a v2 batch may be unreadable beside good ones. */
export interface Envelope {
  readonly events: readonly WebhookEvent[];
  readonly fault?: EnvelopeFault;
}
