import type { Settings } from '../options.ts';
import type { JsonObject, Kind, Owner } from './mailbox.ts';
import { companyName, eventTitle, person, subjectLine } from './names.ts';
import { decodeId, dressId, encodeId, undressId } from './object-id.ts';
import { hashOf, hex8 } from './random.ts';

const CODE = {
  message: 11,
  thread: 12,
  draft: 13,
  folder: 14,
  calendar: 15,
  event: 16,
  contact: 17,
  attachment: 18,
};
const MESSAGES_PER_THREAD = 3;
/** Every fifth message has an attachment. */
const ATTACHMENT_EVERY = 5;
const HALF_HOUR = 1800;
const DAY = 86_400;

/** What a provider calls its system folders: id and name, in the order of `system`. */
interface FolderStyle {
  readonly system: readonly { readonly id: string; readonly name: string; readonly attribute: string }[];
  readonly inbox: string;
  readonly sent: string;
}
const GOOGLE_FOLDERS: FolderStyle = {
  inbox: 'INBOX',
  sent: 'SENT',
  system: [
    { id: 'INBOX', name: 'INBOX', attribute: '\\Inbox' },
    { id: 'SENT', name: 'SENT', attribute: '\\Sent' },
    { id: 'DRAFT', name: 'DRAFT', attribute: '\\Drafts' },
    { id: 'TRASH', name: 'TRASH', attribute: '\\Trash' },
    { id: 'SPAM', name: 'SPAM', attribute: '\\Junk' },
    { id: 'IMPORTANT', name: 'IMPORTANT', attribute: '\\Important' },
    { id: 'STARRED', name: 'STARRED', attribute: '\\Starred' },
    { id: 'UNREAD', name: 'UNREAD', attribute: '' },
  ],
};
const OTHER_FOLDERS: FolderStyle = {
  inbox: 'Inbox',
  sent: 'Sent Items',
  system: [
    { id: 'Inbox', name: 'Inbox', attribute: '\\Inbox' },
    { id: 'Sent Items', name: 'Sent Items', attribute: '\\Sent' },
    { id: 'Drafts', name: 'Drafts', attribute: '\\Drafts' },
    { id: 'Deleted Items', name: 'Deleted Items', attribute: '\\Trash' },
    { id: 'Junk Email', name: 'Junk Email', attribute: '\\Junk' },
  ],
};
const foldersOf = (owner: Owner): FolderStyle =>
  owner.provider === 'google' ? GOOGLE_FOLDERS : OTHER_FOLDERS;

/** An id scheme whose ids look like the owner's provider. */
function providerIds(code: number): Pick<Kind, 'id' | 'indexOf'> {
  return {
    id: (owner, index) => dressId(owner.provider, encodeId(owner.key, code, index)),
    indexOf: (owner, id) => decodeId(owner.key, code, undressId(owner.provider, id)),
  };
}

/** The kinds of the v3 data routes. */
export interface V3Kinds {
  readonly message: Kind;
  readonly thread: Kind;
  readonly draft: Kind;
  readonly folder: Kind;
  readonly calendar: Kind;
  readonly event: Kind;
  readonly contact: Kind;
  /** Id of the folder that received mail is in. */
  inbox(owner: Owner): string;
  /** Id of the folder that sent mail is in. */
  sent(owner: Owner): string;
}

/** Builds the kinds for a simulator's settings. */
export function v3Kinds(settings: Settings): V3Kinds {
  const { epoch, objects } = settings;
  const messageIds = providerIds(CODE.message);
  const threadIds = providerIds(CODE.thread);

  const messageDate = (owner: Owner, index: number): number =>
    epoch - index * HALF_HOUR - (hashOf(owner.key, 21, index) % HALF_HOUR);

  const attachment = (owner: Owner, index: number): JsonObject | undefined =>
    index % ATTACHMENT_EVERY !== ATTACHMENT_EVERY - 1
      ? undefined
      : {
          id: encodeId(owner.key, CODE.attachment, index),
          grant_id: owner.id,
          filename: `report-${index + 1}.pdf`,
          content_type: 'application/pdf',
          size: settings.attachmentBytes,
          content_id: `cid-${hex8(hashOf(owner.key, 22, index))}`,
          content_disposition: `attachment; filename="report-${index + 1}.pdf"`,
          is_inline: false,
        };

  const message: Kind = {
    name: 'v3.message',
    code: CODE.message,
    count: () => objects.messages,
    ...messageIds,
    build(owner, index) {
      const h = hashOf(owner.key, CODE.message, index);
      const thread = Math.floor(index / MESSAGES_PER_THREAD);
      const unread = (h & 3) === 0;
      const file = attachment(owner, index);
      const folders = [foldersOf(owner).inbox];
      if (unread && owner.provider === 'google') folders.push('UNREAD');
      const subject = subjectLine(hashOf(owner.key, CODE.thread, thread));
      return {
        object: 'message',
        id: messageIds.id(owner, index),
        grant_id: owner.id,
        thread_id: threadIds.id(owner, thread),
        subject,
        date: messageDate(owner, index),
        from: [person(h)],
        to: [{ name: owner.name, email: owner.email }],
        cc: [],
        bcc: [],
        reply_to: [],
        snippet: `${subject}: see below.`,
        body: `<p>${subject}: see below.</p><p>Number ${index + 1} of this mailbox.</p>`,
        folders,
        starred: (h & 48) === 0,
        unread,
        attachments: file === undefined ? [] : [file],
      };
    },
  };

  const thread: Kind = {
    name: 'v3.thread',
    code: CODE.thread,
    count: () => Math.ceil(objects.messages / MESSAGES_PER_THREAD),
    ...threadIds,
    build(owner, index) {
      const first = index * MESSAGES_PER_THREAD;
      const last = Math.min(first + MESSAGES_PER_THREAD, objects.messages) - 1;
      const messages: JsonObject[] = [];
      for (let i = first; i <= last; i++) messages.push(message.build(owner, i));
      const latest = messages[0] as JsonObject;
      return {
        object: 'thread',
        id: threadIds.id(owner, index),
        grant_id: owner.id,
        subject: latest.subject,
        snippet: latest.snippet,
        participants: [
          ...messages.map((one) => (one.from as unknown[])[0]),
          { name: owner.name, email: owner.email },
        ],
        message_ids: messages.map((one) => one.id),
        draft_ids: [],
        earliest_message_date: messageDate(owner, last),
        latest_message_received_date: messageDate(owner, first),
        latest_message_sent_date: null,
        has_attachments: messages.some((one) => (one.attachments as unknown[]).length > 0),
        has_drafts: false,
        starred: messages.some((one) => one.starred),
        unread: messages.some((one) => one.unread),
        folders: latest.folders,
        latest_draft_or_message: latest,
      };
    },
  };

  const draftIds: Pick<Kind, 'id' | 'indexOf'> = {
    id: (owner, index) => `r-${encodeId(owner.key, CODE.draft, index)}`,
    indexOf: (owner, id) => (id.startsWith('r-') ? decodeId(owner.key, CODE.draft, id.slice(2)) : -1),
  };
  const draft: Kind = {
    name: 'v3.draft',
    code: CODE.draft,
    count: () => objects.drafts,
    ...draftIds,
    build(owner, index) {
      const h = hashOf(owner.key, CODE.draft, index);
      return {
        object: 'draft',
        id: draftIds.id(owner, index),
        grant_id: owner.id,
        thread_id: '',
        subject: subjectLine(h),
        date: epoch - index * DAY,
        from: [{ name: owner.name, email: owner.email }],
        to: [person(h)],
        cc: [],
        bcc: [],
        reply_to: [],
        snippet: 'Not finished yet.',
        body: '<p>Not finished yet.</p>',
        folders: [owner.provider === 'google' ? 'DRAFT' : 'Drafts'],
        starred: false,
        unread: false,
        attachments: [],
      };
    },
  };

  const folder: Kind = {
    name: 'v3.folder',
    code: CODE.folder,
    count: (owner) => foldersOf(owner).system.length + objects.folders,
    id(owner, index) {
      const { system } = foldersOf(owner);
      return system[index]?.id ?? `Label_${encodeId(owner.key, CODE.folder, index - system.length)}`;
    },
    indexOf(owner, id) {
      const { system } = foldersOf(owner);
      const at = system.findIndex((one) => one.id === id);
      if (at >= 0 || !id.startsWith('Label_')) return at;
      const own = decodeId(owner.key, CODE.folder, id.slice(6));
      return own < 0 ? -1 : own + system.length;
    },
    build(owner, index) {
      const { system } = foldersOf(owner);
      const known = system[index];
      const name = known?.name ?? `Project ${index - system.length + 1}`;
      return {
        object: 'folder',
        id: folder.id(owner, index),
        grant_id: owner.id,
        name,
        parent_id: null,
        child_count: 0,
        total_count: known?.attribute === '\\Inbox' ? objects.messages : 0,
        unread_count: known?.attribute === '\\Inbox' ? Math.floor(objects.messages / 4) : 0,
        system_folder: known !== undefined,
        attributes: known === undefined || known.attribute === '' ? [] : [known.attribute],
      };
    },
  };

  const calendar: Kind = {
    name: 'v3.calendar',
    code: CODE.calendar,
    count: () => objects.calendars,
    id: (owner, index) =>
      index === 0 ? owner.email : `c_${encodeId(owner.key, CODE.calendar, index)}@group.calendar.example.com`,
    indexOf(owner, id) {
      if (id === owner.email || id === 'primary') return 0;
      const at = id.indexOf('@');
      return id.startsWith('c_')
        ? decodeId(owner.key, CODE.calendar, id.slice(2, at < 0 ? undefined : at))
        : -1;
    },
    build: (owner, index) => ({
      object: 'calendar',
      id: calendar.id(owner, index),
      grant_id: owner.id,
      name: index === 0 ? owner.name : `Team ${index}`,
      description: '',
      location: '',
      timezone: 'Europe/Berlin',
      is_primary: index === 0,
      is_owned_by_user: index === 0,
      read_only: false,
      hex_color: '#039BE5',
      hex_foreground_color: '#FFFFFF',
      metadata: {},
    }),
  };

  const eventIds: Pick<Kind, 'id' | 'indexOf'> = providerIds(CODE.event);
  const event: Kind = {
    name: 'v3.event',
    code: CODE.event,
    count: () => objects.calendars * objects.events,
    ...eventIds,
    build(owner, index) {
      const calendarIndex = Math.floor(index / Math.max(1, objects.events));
      const h = hashOf(owner.key, CODE.event, index);
      const start = epoch + (index % Math.max(1, objects.events)) * (DAY / 4) - 5 * DAY;
      return {
        object: 'event',
        id: eventIds.id(owner, index),
        grant_id: owner.id,
        calendar_id: calendar.id(owner, calendarIndex),
        title: eventTitle(h),
        description: '',
        status: 'confirmed',
        busy: true,
        read_only: false,
        location: null,
        ical_uid: `${hex8(h)}@example.com`,
        html_link: `https://calendar.example.com/event/${hex8(h)}`,
        organizer: { name: owner.name, email: owner.email },
        participants: [{ ...person(h), status: (['yes', 'no', 'maybe', 'noreply'] as const)[h & 3] }],
        resources: [],
        recurrence: null,
        reminders: { use_default: true, overrides: null },
        visibility: 'default',
        conferencing: null,
        created_at: epoch - 30 * DAY,
        updated_at: epoch - (h % (20 * DAY)),
        when: {
          object: 'timespan',
          start_time: start,
          end_time: start + 3600,
          start_timezone: 'Europe/Berlin',
          end_timezone: 'Europe/Berlin',
        },
      };
    },
  };

  const contactIds: Pick<Kind, 'id' | 'indexOf'> = providerIds(CODE.contact);
  const contact: Kind = {
    name: 'v3.contact',
    code: CODE.contact,
    count: () => objects.contacts,
    ...contactIds,
    build(owner, index) {
      const h = hashOf(owner.key, CODE.contact, index);
      const { name, email } = person(h);
      const space = name.indexOf(' ');
      return {
        object: 'contact',
        id: contactIds.id(owner, index),
        grant_id: owner.id,
        given_name: name.slice(0, space),
        surname: name.slice(space + 1),
        source: 'address_book',
        emails: [{ type: 'work', email }],
        phone_numbers: [{ type: 'work', number: `+1-555-01${String(h % 100).padStart(2, '0')}` }],
        groups: [{ id: 'starred' }],
        company_name: companyName(h),
        job_title: 'Engineer',
        picture_url: `https://pictures.example.com/${hex8(h)}`,
      };
    },
  };

  return {
    message,
    thread,
    draft,
    folder,
    calendar,
    event,
    contact,
    inbox: (owner) => foldersOf(owner).inbox,
    sent: (owner) => foldersOf(owner).sent,
  };
}
