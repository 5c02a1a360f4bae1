const words = (list: string): ReadonlySet<string> => new Set(list.split(/\s+/));

const SMALL_NUMBER = /^\d{1,9}$/;
// Fields of Nylas's objects (NYLAS.md 2.4, 2.7): all that `select` can name.
const OBJECT_FIELDS = words(
  `account_id attachments bcc birthday body busy calendar_id cc child_count company_name conferencing content_id
  content_type created_at date description draft_ids earliest_message_date email emails filename folders from
  given_name grant_id grant_status groups has_attachments has_drafts headers hex_color html_link ical_uid id in_reply_to
  is_primary job_title labels latest_draft_or_message latest_message_received_date latest_message_sent_date location
  master_event_id message_ids metadata name nickname notes object organizer parent_id participants phone_numbers
  provider raw_mime read_only recurrence reminders reply_to resources schedule_id size snippet source starred status
  subject surname thread_id timezone title to total_count tracking_options unread unread_count updated_at visibility
  when`,
);
const isField = (field: string): boolean => OBJECT_FIELDS.has(field);
const FIELD_SETS = words('standard include_headers include_basic_headers include_tracking_options raw_mime');
const VIEWS = words('ids count expanded');

// A kept key is shown with its value where the value is of the documented kind; anything else came from outside.
const PLAIN: readonly [key: string, isPlain: (value: string) => boolean][] = [
  ['limit', (value) => SMALL_NUMBER.test(value)],
  ['offset', (value) => SMALL_NUMBER.test(value)],
  ['select', (value) => value.split(',', 64).every(isField)],
  ['fields', (value) => FIELD_SETS.has(value)],
  ['view', (value) => VIEWS.has(value)],
];

// Names that Nylas documents (NYLAS.md 2.3, 2.5): shown with their value redacted. A name that is not documented came
// from outside and may be anything, an address included, so it is not shown.
const DOCUMENTED = words(
  `access_token access_type account_id account_ids any_email attendees bcc before busy calendar_id cc client_id
  client_secret code code_challenge code_challenge_method credential_id cursor description earliest_message_date email
  end event_type exclude_folders exclude_types expand_recurring from grant_status grant_type group has_attachment
  ical_uid id_token in include_hidden_folders include_types ip latest_message_after latest_message_before location
  login_hint master_event_id message_id metadata_pair notify_participants options order_by page_token parent_id
  phone_number prompt provider q query_imap received_after received_before recurse redirect_uri response_type scope
  search_query_native shared_folder_id shared_from show_cancelled since single_level sort_by source starred start state
  subject tentative_as_busy thread_id timeout title to token unread updated_after updated_before workspace_id`,
);

/** A key that may be shown. */
interface Key {
  /** With its value redacted. */
  readonly redacted: string;
  readonly isPlain: ((value: string) => boolean) | undefined;
}

const keyOf = (name: string, isPlain?: Key['isPlain']): [string, Key] => [
  name,
  { redacted: `${name}=REDACTED`, isPlain },
];
const KEYS: ReadonlyMap<string, Key> = new Map([
  ...[...DOCUMENTED].map((name) => keyOf(name)),
  ...PLAIN.map(([name, isPlain]) => keyOf(name, isPlain)),
]);

const MOST_PARAMETERS = 32;

/**
 * The query of a Nylas URL as telemetry may show it, with its `?`: kept keys as they are, other documented keys with
 * the value `REDACTED`, anything else as `REDACTED`.
 *
 * @param target a request target (`/path?query`)
 * @param start index of the `?`
 */
export function redactQuery(target: string, start: number): string {
  const fragment = target.indexOf('#', start);
  const end = fragment < 0 ? target.length : fragment;
  let shown = '';
  let from = start + 1;
  for (let count = 0; from < end && count < MOST_PARAMETERS; count++) {
    let to = target.indexOf('&', from);
    if (to < 0 || to > end) to = end;
    if (to > from) shown += (shown === '' ? '?' : '&') + shownParameter(target, from, to);
    from = to + 1;
  }
  return shown;
}

function shownParameter(target: string, from: number, to: number): string {
  let equals = target.indexOf('=', from);
  if (equals < 0 || equals > to) equals = to;
  const key = KEYS.get(target.slice(from, equals));
  if (key === undefined) return 'REDACTED';
  return key.isPlain?.(target.slice(equals + 1, to)) === true ? target.slice(from, to) : key.redacted;
}
