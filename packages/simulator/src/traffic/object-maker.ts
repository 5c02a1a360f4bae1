import type { JsonObject, Mailboxes, Owner } from '../data/mailbox.ts';
import { companyName, eventTitle, person, subjectLine } from '../data/names.ts';
import { hashOf, hex8 } from '../data/random.ts';
import { hasLabels, type V2Kinds } from '../data/v2-objects.ts';
import type { V3Kinds } from '../data/v3-objects.ts';
import type { ObjectName } from './change-log.ts';

/** What is needed to make an object up. */
export interface Making {
  readonly version: 'v2' | 'v3';
  readonly owner: Owner;
  readonly mailboxes: Mailboxes;
  readonly v3: V3Kinds;
  readonly v2: V2Kinds;
  /** Unix seconds. */
  readonly now: number;
  /** Goes up with every object made, so that no two are alike. */
  readonly serial: number;
}

type Maker = (making: Making, hash: number) => JsonObject;

const DAY = 86_400;
const HOUR = 3600;
const self = ({ owner }: Making): JsonObject => ({ name: owner.name, email: owner.email });
const ownerField = ({ version, owner }: Making): JsonObject =>
  version === 'v3' ? { grant_id: owner.id } : { account_id: owner.id };

/** What a new object has where the script says nothing. */
const MAKERS: Readonly<Record<Exclude<ObjectName, 'thread'>, Maker>> = {
  message: (making, hash) => {
    const subject = subjectLine(hash);
    return {
      subject,
      from: [person(hash)],
      to: [self(making)],
      cc: [],
      bcc: [],
      reply_to: [],
      date: making.now,
      snippet: `${subject}: see below.`,
      body: `<p>${subject}: see below.</p>`,
      unread: true,
      starred: false,
      ...placeOf(making),
    };
  },
  draft: (making, hash) => ({
    subject: subjectLine(hash),
    from: [self(making)],
    to: [person(hash)],
    cc: [],
    bcc: [],
    reply_to: [],
    date: making.now,
    snippet: 'Not finished yet.',
    body: '<p>Not finished yet.</p>',
    ...(making.version === 'v2' ? { version: 0, files: [] } : { attachments: [] }),
  }),
  folder: (making) =>
    making.version === 'v3'
      ? { name: `Project ${making.serial}`, parent_id: null, system_folder: false, attributes: [] }
      : { name: null, display_name: `Project ${making.serial}` },
  calendar: (making) => ({
    name: `Team ${making.serial}`,
    description: '',
    location: '',
    timezone: 'Europe/Berlin',
    is_primary: false,
    read_only: false,
    metadata: {},
  }),
  event: (making, hash) => ({
    calendar_id: primaryCalendar(making),
    title: eventTitle(hash),
    description: '',
    status: 'confirmed',
    busy: true,
    read_only: false,
    location: null,
    ical_uid: `${hex8(hash)}@example.com`,
    participants: [{ ...person(hash), status: 'noreply' }],
    when: {
      object: 'timespan',
      start_time: making.now + DAY,
      end_time: making.now + DAY + HOUR,
    },
    ...(making.version === 'v3' ? { created_at: making.now, updated_at: making.now } : {}),
  }),
  contact: (_making, hash) => {
    const { name, email } = person(hash);
    const space = name.indexOf(' ');
    return {
      given_name: name.slice(0, space),
      surname: name.slice(space + 1),
      source: 'address_book',
      emails: [{ type: 'work', email }],
      phone_numbers: [],
      groups: [],
      company_name: companyName(hash),
    };
  },
};

/** Makes an object up; what the script says wins. */
export function makeObject(
  object: Exclude<ObjectName, 'thread'>,
  making: Making,
  fields: JsonObject,
): JsonObject {
  const hash = hashOf(making.owner.key, 55, making.serial);
  const word = object === 'folder' && making.version === 'v2' && hasLabels(making.owner) ? 'label' : object;
  return { object: word, ...MAKERS[object](making, hash), ...fields, ...ownerField(making) };
}

/** The thread of a message that begins one. */
export function threadOf(making: Making, message: JsonObject): JsonObject {
  const shared = {
    object: 'thread',
    ...ownerField(making),
    subject: message.subject,
    snippet: message.snippet,
    participants: [...(message.from as unknown[]), self(making)],
    message_ids: [message.id],
    draft_ids: [],
    starred: message.starred,
    unread: message.unread,
    has_attachments: false,
  };
  return making.version === 'v3'
    ? {
        ...shared,
        earliest_message_date: message.date,
        latest_message_received_date: message.date,
        latest_message_sent_date: null,
        has_drafts: false,
        folders: message.folders,
        latest_draft_or_message: message,
      }
    : {
        ...shared,
        first_message_timestamp: message.date,
        last_message_timestamp: message.date,
        last_message_received_timestamp: message.date,
        last_message_sent_timestamp: null,
        version: 0,
      };
}

/** What a further message changes of its thread. */
export function withMessage(version: 'v2' | 'v3', thread: JsonObject, message: JsonObject): JsonObject {
  const message_ids = [...(thread.message_ids as unknown[]), message.id];
  return version === 'v3'
    ? {
        message_ids,
        unread: true,
        snippet: message.snippet,
        latest_message_received_date: message.date,
        latest_draft_or_message: message,
      }
    : {
        message_ids,
        unread: true,
        snippet: message.snippet,
        last_message_timestamp: message.date,
        last_message_received_timestamp: message.date,
      };
}

/** A change of an object where the script names none. */
export function defaultChange(object: ObjectName, making: Making, known: JsonObject): JsonObject {
  switch (object) {
    case 'message':
    case 'thread':
      return { unread: known.unread !== true };
    case 'draft':
      return { body: `<p>Version ${making.serial}</p>` };
    case 'folder':
      return making.version === 'v3'
        ? { name: `Project ${making.serial}` }
        : { display_name: `Project ${making.serial}` };
    case 'calendar':
      return { description: `Version ${making.serial}` };
    case 'event':
      return { title: `${eventTitle(making.serial)} (moved)` };
    case 'contact':
      return { job_title: `Engineer ${making.serial}` };
  }
}

function placeOf(making: Making): JsonObject {
  const { version, owner, v2, v3 } = making;
  if (version === 'v3') return { folders: [v3.inbox(owner)], attachments: [] };
  const { id, name, display_name } = v2.folder.build(owner, 0);
  const inbox = { id, name, display_name };
  return { ...(hasLabels(owner) ? { labels: [inbox] } : { folder: inbox }), files: [], events: [] };
}

function primaryCalendar({ version, owner, mailboxes, v2, v3 }: Making): unknown {
  const kind = version === 'v3' ? v3.calendar : v2.calendar;
  return mailboxes.slice(kind, owner, 0, 1, (one) => one.is_primary === true)[0]?.id ?? kind.id(owner, 0);
}
