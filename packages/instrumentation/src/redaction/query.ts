import { KEPT_QUERY_KEYS } from '@nylas-otel/semantic-conventions';

const KEPT: ReadonlySet<string> = new Set(KEPT_QUERY_KEYS);

// Names that Nylas documents (NYLAS.md 2.3, 2.5): shown with their value redacted. A name that is not documented came
// from outside and may be anything, an address included, so it is not shown.
const DOCUMENTED: ReadonlySet<string> = new Set(
  `access_token access_type account_id account_ids any_email attendees bcc before busy calendar_id cc client_id
  client_secret code code_challenge code_challenge_method credential_id cursor description earliest_message_date email
  end event_type exclude_folders exclude_types expand_recurring from grant_status grant_type group has_attachment
  ical_uid id_token in include_hidden_folders include_types ip latest_message_after latest_message_before location
  login_hint master_event_id message_id metadata_pair notify_participants options order_by page_token parent_id
  phone_number prompt provider q query_imap received_after received_before recurse redirect_uri response_type scope
  search_query_native shared_folder_id shared_from show_cancelled since single_level sort_by source starred start state
  subject tentative_as_busy thread_id timeout title to token unread updated_after updated_before workspace_id`.split(
    /\s+/,
  ),
);

const MOST_PARAMETERS = 32;
// Numbers and lists of field names; nothing that could be an address or a sentence.
const PLAIN_VALUE = /^[A-Za-z0-9_,]{1,120}$/;

/**
 * The query of a Nylas URL as telemetry may show it, with its `?`: kept keys as they are, other documented keys with
 * the value `REDACTED`, anything else as `REDACTED`.
 *
 * @param target a request target (`/path?query`)
 * @param start index of the `?`
 */
export function redactQuery(target: string, start: number): string {
  const end = target.indexOf('#', start);
  const parameters = target.slice(start + 1, end < 0 ? undefined : end).split('&', MOST_PARAMETERS);
  let shown = '';
  for (const parameter of parameters) {
    if (parameter === '') continue;
    const equals = parameter.indexOf('=');
    const key = equals < 0 ? parameter : parameter.slice(0, equals);
    const value = equals < 0 ? '' : parameter.slice(equals + 1);
    shown += shown === '' ? '?' : '&';
    if (KEPT.has(key) && PLAIN_VALUE.test(value)) shown += `${key}=${value}`;
    else if (KEPT.has(key) || DOCUMENTED.has(key)) shown += `${key}=REDACTED`;
    else shown += 'REDACTED';
  }
  return shown;
}
