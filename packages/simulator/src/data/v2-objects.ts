import type { Settings } from '../options.ts';
import type { JsonObject, Kind, Owner } from './mailbox.ts';
import { companyName, eventTitle, person, subjectLine } from './names.ts';
import { decodeId, encodeId, fromV2Id, toV2Id } from './object-id.ts';
import { hashOf, hex8 } from './random.ts';

const MESSAGES_PER_THREAD = 3;
const FILE_EVERY = 5;
const HALF_HOUR = 1800;
const DAY = 86_400;
const SYSTEM_FOLDERS = ['inbox', 'sent', 'drafts', 'trash', 'spam', 'archive'] as const;
const SYSTEM_LABELS = ['inbox', 'sent', 'drafts', 'trash', 'spam', 'all', 'important'] as const;

/** The kinds of the v2 data routes. */
export interface V2Kinds {
  readonly message: Kind;
  readonly thread: Kind;
  readonly draft: Kind;
  /** Folders, or labels for a Gmail account. */
  readonly folder: Kind;
  readonly file: Kind;
  readonly calendar: Kind;
  readonly event: Kind;
  readonly contact: Kind;
  readonly jobStatus: Kind;
}

/** An id scheme of 25 characters. */
function ids(code: number): Pick<Kind, 'code' | 'id' | 'indexOf'> {
  return {
    code,
    id: (owner, index) => toV2Id(encodeId(owner.key, code, index)),
    indexOf: (owner, id) => decodeId(owner.key, code, fromV2Id(id)),
  };
}

/** Whether an account has labels instead of folders. */
export const hasLabels = (owner: Owner): boolean => owner.provider === 'gmail';

/** Builds the kinds for a simulator's settings. */
export function v2Kinds(settings: Settings): V2Kinds {
  const { epoch, objects } = settings;
  const messageIds = ids(111);
  const threadIds = ids(112);
  const fileIds = ids(118);

  const messageDate = (owner: Owner, index: number): number =>
    epoch - index * HALF_HOUR - (hashOf(owner.key, 121, index) % HALF_HOUR);
  const self = (owner: Owner): JsonObject => ({ name: owner.name, email: owner.email });

  const folder: Kind = {
    name: 'v2.folder',
    ...ids(114),
    count: (owner) => (hasLabels(owner) ? SYSTEM_LABELS : SYSTEM_FOLDERS).length + objects.folders,
    build(owner, index) {
      const system = hasLabels(owner) ? SYSTEM_LABELS : SYSTEM_FOLDERS;
      const name = system[index];
      const display = name === undefined ? `Project ${index - system.length + 1}` : capital(name);
      return {
        object: hasLabels(owner) ? 'label' : 'folder',
        id: folder.id(owner, index),
        account_id: owner.id,
        name: name ?? null,
        display_name: display,
      };
    },
  };
  const placed = (owner: Owner): JsonObject => {
    const { id, name, display_name } = folder.build(owner, 0);
    const inbox = { id, name, display_name };
    return hasLabels(owner) ? { labels: [inbox] } : { folder: inbox };
  };

  const file: Kind = {
    name: 'v2.file',
    ...fileIds,
    count: () => Math.floor(objects.messages / FILE_EVERY),
    build: (owner, index) => ({
      object: 'file',
      id: fileIds.id(owner, index),
      account_id: owner.id,
      content_type: 'application/pdf',
      content_disposition: 'attachment',
      size: settings.attachmentBytes,
      filename: `report-${index + 1}.pdf`,
      message_ids: [messageIds.id(owner, index * FILE_EVERY + FILE_EVERY - 1)],
    }),
  };

  const message: Kind = {
    name: 'v2.message',
    ...messageIds,
    count: () => objects.messages,
    build(owner, index) {
      const h = hashOf(owner.key, 111, index);
      const thread = Math.floor(index / MESSAGES_PER_THREAD);
      const subject = subjectLine(hashOf(owner.key, 112, thread));
      const files: JsonObject[] = [];
      if (index % FILE_EVERY === FILE_EVERY - 1)
        files.push(file.build(owner, Math.floor(index / FILE_EVERY)));
      return {
        object: 'message',
        id: messageIds.id(owner, index),
        account_id: owner.id,
        thread_id: threadIds.id(owner, thread),
        subject,
        from: [person(h)],
        to: [self(owner)],
        cc: [],
        bcc: [],
        reply_to: [],
        date: messageDate(owner, index),
        unread: (h & 3) === 0,
        starred: (h & 48) === 0,
        snippet: `${subject}: see below.`,
        body: `<p>${subject}: see below.</p><p>Number ${index + 1} of this mailbox.</p>`,
        files,
        events: [],
        ...placed(owner),
      };
    },
  };

  const thread: Kind = {
    name: 'v2.thread',
    ...threadIds,
    count: () => Math.ceil(objects.messages / MESSAGES_PER_THREAD),
    build(owner, index) {
      const first = index * MESSAGES_PER_THREAD;
      const last = Math.min(first + MESSAGES_PER_THREAD, objects.messages) - 1;
      const messages: JsonObject[] = [];
      for (let i = first; i <= last; i++) messages.push(message.build(owner, i));
      const newest = messageDate(owner, first);
      return {
        object: 'thread',
        id: threadIds.id(owner, index),
        account_id: owner.id,
        subject: messages[0]?.subject,
        snippet: messages[0]?.snippet,
        participants: [...messages.map((one) => (one.from as unknown[])[0]), self(owner)],
        first_message_timestamp: messageDate(owner, last),
        last_message_timestamp: newest,
        last_message_received_timestamp: newest,
        last_message_sent_timestamp: null,
        unread: messages.some((one) => one.unread),
        starred: messages.some((one) => one.starred),
        has_attachments: messages.some((one) => (one.files as unknown[]).length > 0),
        version: 0,
        message_ids: messages.map((one) => one.id),
        draft_ids: [],
        ...(hasLabels(owner) ? { labels: placed(owner).labels } : { folders: [placed(owner).folder] }),
      };
    },
  };

  const draftIds = ids(113);
  const draft: Kind = {
    name: 'v2.draft',
    ...draftIds,
    count: () => objects.drafts,
    build: (owner, index) => ({
      object: 'draft',
      id: draftIds.id(owner, index),
      account_id: owner.id,
      thread_id: null,
      reply_to_message_id: null,
      version: 0,
      subject: subjectLine(hashOf(owner.key, 113, index)),
      from: [self(owner)],
      to: [person(hashOf(owner.key, 113, index))],
      cc: [],
      bcc: [],
      reply_to: [],
      date: epoch - index * DAY,
      unread: false,
      starred: false,
      snippet: 'Not finished yet.',
      body: '<p>Not finished yet.</p>',
      files: [],
      events: [],
    }),
  };

  const calendarIds = ids(115);
  const calendar: Kind = {
    name: 'v2.calendar',
    ...calendarIds,
    count: () => objects.calendars,
    build: (owner, index) => ({
      object: 'calendar',
      id: calendarIds.id(owner, index),
      account_id: owner.id,
      name: index === 0 ? owner.name : `Team ${index}`,
      description: '',
      location: '',
      timezone: 'Europe/Berlin',
      read_only: false,
      is_primary: index === 0,
      hex_color: '#039BE5',
      metadata: {},
    }),
  };

  const eventIds = ids(116);
  const event: Kind = {
    name: 'v2.event',
    ...eventIds,
    count: () => objects.calendars * objects.events,
    build(owner, index) {
      const perCalendar = Math.max(1, objects.events);
      const h = hashOf(owner.key, 116, index);
      const start = epoch + (index % perCalendar) * (DAY / 4) - 5 * DAY;
      return {
        object: 'event',
        id: eventIds.id(owner, index),
        account_id: owner.id,
        calendar_id: calendarIds.id(owner, Math.floor(index / perCalendar)),
        ical_uid: `${hex8(h)}@example.com`,
        message_id: null,
        title: eventTitle(h),
        description: '',
        owner: `${owner.name} <${owner.email}>`,
        organizer_email: owner.email,
        organizer_name: owner.name,
        participants: [
          { ...person(h), status: (['yes', 'no', 'maybe', 'noreply'] as const)[h & 3], comment: null },
        ],
        read_only: false,
        location: null,
        when: { object: 'timespan', start_time: start, end_time: start + 3600 },
        busy: true,
        status: 'confirmed',
        visibility: null,
        reminders: null,
        metadata: {},
      };
    },
  };

  const contactIds = ids(117);
  const contact: Kind = {
    name: 'v2.contact',
    ...contactIds,
    count: () => objects.contacts,
    build(owner, index) {
      const h = hashOf(owner.key, 117, index);
      const { name, email } = person(h);
      const space = name.indexOf(' ');
      return {
        object: 'contact',
        id: contactIds.id(owner, index),
        account_id: owner.id,
        given_name: name.slice(0, space),
        surname: name.slice(space + 1),
        emails: [{ type: 'work', email }],
        phone_numbers: [{ type: 'work', number: `+1-555-01${String(h % 100).padStart(2, '0')}` }],
        im_addresses: [],
        physical_addresses: [],
        web_pages: [],
        groups: [],
        source: 'address_book',
        company_name: companyName(h),
        job_title: 'Engineer',
        picture_url: `https://pictures.example.com/${hex8(h)}`,
      };
    },
  };

  const jobStatus: Kind = { name: 'v2.job_status', ...ids(119), count: () => 0, build: () => ({}) };

  return { message, thread, draft, folder, file, calendar, event, contact, jobStatus };
}

const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
