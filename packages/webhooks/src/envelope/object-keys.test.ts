import { describe, expect, it } from 'vitest';
import type { ReceivedEvent } from '../inbox/inbox.ts';
import { mockDelta, mockNotification } from '../testing/mock-notification.ts';
import {
  lastToldStates,
  type ObjectChange,
  objectKey,
  objectTraces,
  RECOVERED,
  recoveredInRun,
  type StateTrace,
  TOLD,
  toldStates,
} from './object-keys.ts';
import { contentMark } from './object-name.ts';
import { readEnvelope } from './parse-envelope.ts';

const time = new Date('2026-01-02T03:04:05Z');
const second = time.getTime() / 1_000;

function told(trigger: string, object: object = {}): ReceivedEvent {
  const [event] = readEnvelope(
    mockNotification(trigger, { accountId: 'g', time, object: { id: 'o', ...object } }),
  ).events;
  return { ...(event as ReceivedEvent), receivedAt: 0 };
}

function recovered(kind: string, change: ObjectChange): ReceivedEvent {
  return { ...told(`${kind}.created`), key: RECOVERED + objectKey('v3', 'g', kind, 'o', change) };
}

/** True when of these two, in this order, the second is a duplicate by its object. */
function isSame(first: ReceivedEvent, second: ReceivedEvent): boolean {
  const known = new Set([first.key, ...objectTraces(first).leaves]);
  return objectTraces(second).meets.some((key) => known.has(key));
}

describe('what a notification tells and recovery reads again', () => {
  it.each([
    ['message.created', 'message', 'created'],
    ['message.created.truncated', 'message', 'created'],
    ['message.created.cleaned', 'message', 'created'],
    ['message.deleted', 'message', 'deleted'],
    ['event.deleted', 'event', 'deleted'],
    ['contact.deleted', 'contact', 'deleted'],
    ['folder.created', 'folder', 'created'],
  ] as const)('%s is the same as a recovered %s %s, whichever comes first', (trigger, kind, change) => {
    expect(isSame(told(trigger), recovered(kind, change))).toBe(true);
    expect(isSame(recovered(kind, change), told(trigger))).toBe(true);
  });

  it('tells the updates of an event apart by its updated_at', () => {
    for (const trigger of ['event.created', 'event.updated']) {
      expect(isSame(told(trigger, { updated_at: 7 }), recovered('event', '@7'))).toBe(true);
      expect(isSame(recovered('event', '@7'), told(trigger, { updated_at: 7 }))).toBe(true);
      expect(isSame(told(trigger, { updated_at: 7 }), recovered('event', '@8'))).toBe(false);
    }
  });

  it('leave one trace, so that of two that are stored at one time one meets the other', () => {
    for (const [trigger, change] of [
      ['message.created', 'created'],
      ['folder.deleted', 'deleted'],
      ['event.updated', '@7'],
    ] as const) {
      const kind = trigger.slice(0, trigger.indexOf('.'));
      const { leaves } = objectTraces(told(trigger, { updated_at: 7 }));
      const { leaves: same, meets } = objectTraces(recovered(kind, change));
      expect(same).toEqual(meets);
      expect(leaves).toEqual(expect.arrayContaining([...same]));
    }
  });

  it('leaves no trace where only recovery can name the change', () => {
    const event = { ...recovered('contact', '#mark/of~run'), extensions: { recovery_run: 'run' } };
    expect(objectTraces(event)).toMatchObject({ leaves: [recoveredInRun('run', event.key)], meets: [] });
    const deleted = { ...recovered('contact', 'deleted'), extensions: { recovery_run: 'run' } };
    expect(objectTraces(deleted).leaves).toContain(recoveredInRun('run', deleted.key));
  });

  it('never makes two notifications one, whatever they are about', () => {
    expect(isSame(told('message.created'), told('message.created.cleaned'))).toBe(false);
    expect(isSame(told('event.updated', { updated_at: 7 }), told('event.updated', { updated_at: 7 }))).toBe(
      false,
    );
  });

  it('stays short, whatever an id is', () => {
    for (const id of ['x'.repeat(10_000), '\ud800', 'a/b%2Fc']) {
      const { leaves, state } = objectTraces(told('message.created', { id, folders: [] }));
      expect(leaves).toHaveLength(1);
      for (const key of [...leaves, state?.key ?? '']) expect(key.length).toBeLessThan(400);
    }
  });

  it('says nothing of updates without a time, of other triggers and without an object', () => {
    const nothing = { leaves: [], meets: [], state: undefined, telling: undefined };
    for (const trigger of ['message.opened', 'thread.replied', 'booking.created', 'event.odd', 'odd'])
      expect(objectTraces(told(trigger))).toEqual(nothing);
    expect(objectTraces(told('contact.updated')).meets).toEqual([]);
    expect(objectTraces({ ...told('message.created'), accountId: undefined as never })).toEqual(nothing);
  });

  it('knows an update of v2 by the date of its delta', () => {
    const [event] = readEnvelope({ deltas: [mockDelta('message.updated', { accountId: 'a', time })] }).events;
    const { leaves, meets } = objectTraces({ ...(event as ReceivedEvent), receivedAt: 0 });
    expect(leaves).toEqual([`${TOLD}v2/a/message/${event?.objectId}/@${second}`]);
    expect(meets).toEqual([]);
  });
});

describe('told states', () => {
  const at = (trigger: string, seconds: number, object: object) =>
    objectTraces({ ...told(trigger, object), time: (second + seconds) * 1_000 }).state as StateTrace;

  it('are the last ones of each object, in the order of their events', () => {
    const keys = [
      at('contact.updated', 2, { id: 'a/b', given_name: 'new' }),
      at('contact.updated', 1, { id: 'a/b', given_name: 'old' }),
      at('contact.deleted', 3, { id: 'c' }),
    ];
    expect([...lastToldStates(toldStates('v3', 'g', 'contact'), keys)]).toEqual([
      ['a/b', { second: second + 2, mark: contentMark('contact', { id: 'a/b', given_name: 'new' }) }],
      ['c', { second: second + 3, mark: 'deleted' }],
    ]);
  });

  it('do not depend on counts or the order of fields and folders', () => {
    expect(contentMark('folder', { name: 'x', unread_count: 1 })).toBe(
      contentMark('folder', { unread_count: 2, name: 'x' }),
    );
    expect(contentMark('folder', { name: 'x' })).not.toBe(contentMark('folder', { name: 'y' }));
    const message = { folders: ['a', 'b'], unread: true, starred: false };
    expect(contentMark('message', message)).toBe(
      contentMark('message', { ...message, folders: ['b', 'a'], body: 'x' }),
    );
    expect(contentMark('message', message)).not.toBe(contentMark('message', { ...message, unread: false }));
    expect(contentMark('message', { subject: 'transformed' })).toBeUndefined();
  });
});
