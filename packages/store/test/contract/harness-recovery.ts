import {
  mockDelta,
  mockNotification,
  objectKey,
  RECOVERED,
  type ReceivedEvent,
  type RecoveryRead,
  readEnvelope,
} from '@nylas-otel/webhooks';
import { unique } from './harness-events.ts';

/** An object, and the ways in which its states are learned of. */
export interface Subject {
  /** A notification: that it was in a state at a second. */
  tell(state: string, second: number): ReceivedEvent;
  /** What recovery makes of it: that it was in a state when it was read. */
  read(state: string, read: RecoveryRead): ReceivedEvent;
}

/** Of each kind of object whose updates have no name: a new one. */
export const UNNAMED = {
  message: () => v3('message', (state) => ({ folders: [state], unread: true, starred: false, subject: 's' })),
  contact: () => v3('contact', (state) => ({ given_name: state })),
  folder: () => v3('folder', (state) => ({ name: state, unread_count: count++ })),
  calendar: () => v3('calendar', (state) => ({ name: state })),
  grant: () => account('v3', { a: 'grant.expired', b: 'grant.updated' }),
  account: () => account('v2', { a: 'account.stopped', b: 'account.running' }),
} satisfies { readonly [kind: string]: () => Subject };

/** Of each kind of v2: that it was updated, which says nothing of its state. */
export const DELTAS = {
  message: () => v2('message'),
  event: () => v2('event'),
  contact: () => v2('contact'),
  calendar: () => v2('calendar'),
} satisfies { readonly [kind: string]: () => Subject };

let count = 0;

function v3(kind: string, fields: (state: string) => object): Subject {
  const accountId = unique('grant');
  const id = unique(kind);
  const tell = (state: string, second: number): ReceivedEvent =>
    notification(`${kind}.updated`, { accountId, second, object: { id, ...fields(state) } });
  return {
    tell,
    read: (state, read) => readAgain(tell(state, 1), kind, `#${state}~${unique('run')}`, read),
  };
}

function account(version: 'v2' | 'v3', triggers: { readonly [state: string]: string }): Subject {
  const accountId = unique('account');
  const kind = version === 'v3' ? 'grant' : 'account';
  const tell = (state: string, second: number): ReceivedEvent => {
    const trigger = triggers[state] ?? '';
    return version === 'v3'
      ? notification(trigger, { accountId, second, object: { email: `${state}@example.com` } })
      : delta(trigger, { accountId, second, object: { id: accountId } });
  };
  return {
    tell,
    read: (state, read) =>
      readAgain({ ...tell(state, 1), objectId: accountId }, kind, `#${state}~${unique('run')}`, read),
  };
}

function v2(kind: string): Subject {
  const accountId = unique('account');
  const id = unique(kind);
  return {
    tell: (state, second) =>
      delta(`${kind}.${state === 'deleted' ? 'deleted' : 'updated'}`, {
        accountId,
        second,
        object: { id, attributes: { n: unique('n') } },
      }),
    read: (state, read) =>
      readAgain(
        delta(`${kind}.${state === 'deleted' ? 'deleted' : 'updated'}`, {
          accountId,
          second: 1,
          object: { id },
        }),
        kind,
        state === 'deleted' ? 'deleted' : `#${unique('cursor')}`,
        read,
      ),
  };
}

interface Fields {
  readonly accountId: string;
  readonly second: number;
  readonly object: object;
}

/** A v3 notification as the receiver hands it over. */
export function notification(trigger: string, { accountId, second, object }: Fields): ReceivedEvent {
  const time = new Date(second * 1_000);
  const [event] = readEnvelope(mockNotification(trigger, { accountId, time, object: { ...object } })).events;
  return { ...(event as ReceivedEvent), receivedAt: 0 };
}

/** A delta of v2 as the receiver hands it over. */
function delta(trigger: string, { accountId, second, object }: Fields): ReceivedEvent {
  const time = new Date(second * 1_000);
  const [event] = readEnvelope({
    deltas: [mockDelta(trigger, { accountId, time, object: { ...object } })],
  }).events;
  return { ...(event as ReceivedEvent), receivedAt: 0 };
}

/** What recovery makes of an object that it read. */
export function readAgain(
  event: ReceivedEvent,
  kind: string,
  change: Parameters<typeof objectKey>[4],
  read: RecoveryRead,
): ReceivedEvent {
  const { id: _, time: __, ...rest } = event;
  return {
    ...rest,
    key: RECOVERED + objectKey(event.version, event.accountId ?? '', kind, event.objectId ?? '', change),
    source: '/nylas-otel/recovery',
    extensions: { recovery_run: 'run', recovery_read: read },
  };
}
