import { describe, expect, it } from 'vitest';
import type { ReceivedEvent } from '../inbox/inbox.ts';
import { mockDelta, mockNotification } from '../testing/mock-notification.ts';
import { objectOf } from './object-name.ts';
import { readEnvelope } from './parse-envelope.ts';
import {
  afterReading,
  afterTelling,
  isTold,
  isToldByOthers,
  type Telling,
  type ToldHistory,
  tellingOf,
} from './told-state.ts';

const READ = 1_000;

function say(says: Telling['says'], mark: string | undefined, second: number | undefined): Telling {
  return { object: 'v3/g/message/o', says, mark, second };
}

/** Recovery told states, each as of a second. */
function readAs(...reads: readonly (readonly [second: number, mark: string])[]): ToldHistory {
  let history: ToldHistory | undefined;
  for (const [second, mark] of reads) history = afterReading(history, say('state', mark, second));
  return history as ToldHistory;
}

describe('a notification of a state, where recovery has told the object', () => {
  it.each([
    ['the same, from before the read', 'a', READ - 1, true],
    ['the same, of the second of the read', 'a', READ, true],
    ['the same, but newer', 'a', READ + 1, false],
    ['the same, from nobody knows when', 'a', undefined, false],
    ['another one, from before', 'b', READ - 1, false],
  ])('%s', (_, mark, second, told) => {
    expect(isTold(readAs([READ, 'a']), say('state', mark, second), false)).toBe(told);
  });

  it('is told again where another one from before the read has been the last word since', () => {
    const flipped = afterTelling(readAs([READ, 'a']), say('state', 'b', READ - 50));
    expect(flipped.last).toBe('b');
    expect(isTold(flipped, say('state', 'a', READ - 40), false)).toBe(false);
    const back = afterTelling(flipped, say('state', 'a', READ - 40));
    expect(isTold(back, say('state', 'a', READ - 30), false)).toBe(true);
    // A notification alone makes no other one a duplicate.
    expect(isTold(flipped, say('state', 'b', READ - 30), false)).toBe(false);
  });

  it('leaves recovery the last word on what was before the read, where it is newer itself', () => {
    const newer = afterTelling(readAs([READ, 'a']), say('state', 'b', READ + 1));
    expect(newer).toEqual(readAs([READ, 'a']));
    expect(afterTelling(readAs([READ, 'a']), say('state', 'b', undefined)).last).toBe('b');
    expect(afterTelling(readAs([READ, 'a']), say('change', undefined, READ)).last).toBe('?');
  });

  it('is compared with the read that it is older than', () => {
    const history = readAs([READ, 'a'], [READ + 100, 'b']);
    expect(isTold(history, say('state', 'a', READ - 10), false)).toBe(true);
    expect(isTold(history, say('state', 'a', READ + 10), false)).toBe(false);
    expect(isTold(history, say('state', 'b', READ + 10), false)).toBe(true);
    const flipped = afterTelling(history, say('state', 'c', READ - 20));
    expect(isTold(flipped, say('state', 'a', READ - 10), false)).toBe(false);
  });
});

describe('a notification that something changed, where recovery has told the object', () => {
  it.each([
    [READ - 6, true],
    [READ - 5, false],
    [READ, false],
    [undefined, false],
  ])('of second %s of a read at 1000: told already %s', (second, told) => {
    expect(isTold(readAs([READ, 'a']), say('change', undefined, second), false)).toBe(told);
  });

  it('is told where another one was told since', () => {
    const touched = afterTelling(readAs([READ, 'a']), say('change', 'b', READ - 50));
    expect(isTold(touched, say('change', undefined, READ - 40), false)).toBe(false);
  });
});

describe('a notification of what has a name, where recovery has told the object', () => {
  it('is told where recovery did not tell it by that name', () => {
    for (const says of ['once', 'created'] as const)
      expect(isTold(readAs([READ, 'a']), say(says, 'a', READ - 1), false)).toBe(false);
  });

  it('is told once where it was created, whatever came since', () => {
    const touched = afterTelling(readAs([READ, 'a']), say('state', 'b', READ - 1));
    expect(isTold(touched, say('created', 'a', READ - 1), true)).toBe(true);
  });

  it('is told again where it happened, an older state was told since, and it is what was read', () => {
    const deleted = readAs([READ, 'deleted']);
    const touched = afterTelling(deleted, say('state', 'b', READ - 50));
    expect(isTold(deleted, say('once', 'deleted', READ - 1), true)).toBe(true);
    expect(isTold(touched, say('once', 'deleted', READ - 1), true)).toBe(false);
    expect(isTold(touched, say('once', '@7', READ - 1), true)).toBe(true);
    expect(isTold(touched, say('once', 'deleted', READ + 1), true)).toBe(true);
  });
});

describe('what recovery is about to hand over', () => {
  const reading = say('state', 'a', READ);
  const before = { history: undefined, updates: [] };

  it.each([
    ['the same state since it compared', { second: 500, mark: 'a' }, true],
    ['the same state before', { second: 499, mark: 'a' }, false],
    ['another state', { second: 600, mark: 'b' }, false],
    ['nothing', undefined, false],
  ])('where notifications told %s', (_, state, told) => {
    expect(isToldByOthers({ ...before, state }, reading, { since: 500 })).toBe(told);
  });

  it('is told by none where it has a name, and so nothing to compare with', () => {
    expect(isToldByOthers({ ...before, state: { second: 600, mark: 'a' } }, reading, {})).toBe(false);
  });

  it('is told again where recovery itself told something later than that notification', () => {
    const state = { second: 600, mark: 'a' };
    expect(isToldByOthers({ ...before, state, history: readAs([599, 'b']) }, reading, { since: 500 })).toBe(
      true,
    );
    expect(isToldByOthers({ ...before, state, history: readAs([600, 'b']) }, reading, { since: 500 })).toBe(
      false,
    );
  });

  it.each([
    [[500, 1_000], true],
    [[499, 1_000], false],
    [[500, 1_001], false],
    [[500, 600, 700], true],
  ])('has two updates of v2 in it, where notifications told %j', (updates, told) => {
    const change = say('change', 'there', READ);
    expect(
      isToldByOthers({ history: undefined, state: undefined, updates }, change, { since: 500, updates: 2 }),
    ).toBe(told);
  });

  it('is remembered for eight reads, in their order, each second once', () => {
    const many = readAs(...Array.from({ length: 10 }, (_, at) => [at, `${at}`] as const));
    expect(many.reads).toHaveLength(8);
    expect(many.reads.at(-1)).toEqual([9, '9']);
    expect(readAs([5, 'a'], [5, 'b']).reads).toEqual([[5, 'b']]);
    expect(readAs([5, 'a'], [4, 'b']).reads).toEqual([[4, 'b']]);
  });

  it('is the last word even where nobody knows as of when it was read', () => {
    expect(afterReading(undefined, say('state', 'a', undefined))).toBeUndefined();
    expect(afterReading(readAs([5, 'a']), say('state', 'b', undefined))).toEqual({
      reads: [[5, 'a']],
      last: 'b',
    });
    expect(afterReading(undefined, say('change', undefined, 5))).toEqual({ reads: [[5, '?']], last: '?' });
  });
});

describe('what an event says of its object', () => {
  const time = new Date('2026-01-02T03:04:05.678Z');
  const second = Math.floor(time.getTime() / 1_000);
  const v3 = (trigger: string, object: object = {}) =>
    telling(mockNotification(trigger, { accountId: 'g', time, object: { id: 'o', ...object } }));
  const v2 = (trigger: string) =>
    telling({ deltas: [mockDelta(trigger, { accountId: 'a', time, object: { id: 'o' } })] });

  function telling(body: object): Telling {
    const event = { ...readEnvelope(body).events[0], receivedAt: 0 } as ReceivedEvent;
    const named = objectOf(event);
    if (named === undefined) throw new Error(`${event.trigger} names no object`);
    return tellingOf(event, named);
  }

  const flags = { folders: ['INBOX'], unread: true, starred: false };

  it('is a state, where its content shows it', () => {
    const { mark, ...rest } = v3('message.updated', flags);
    expect(rest).toEqual({ object: 'v3/g/message/o', second, says: 'state' });
    expect(v3('message.updated.truncated', flags).mark).toBe(mark);
    expect(v3('message.updated', { ...flags, unread: false }).mark).not.toBe(mark);
    expect(v3('contact.updated', { given_name: 'x' }).says).toBe('state');
  });

  it('is a change, where it shows too little', () => {
    expect(v3('message.updated', { folders: undefined })).toMatchObject({ says: 'change', mark: undefined });
    for (const hidden of ['unread', 'starred'])
      expect(v3('message.updated.transformed', { ...flags, [hidden]: undefined })).toMatchObject({
        says: 'change',
        mark: undefined,
      });
    expect(v3('message.updated.transformed', flags)).toMatchObject({ says: 'state' });
    expect(v2('message.updated')).toMatchObject({ says: 'change', mark: 'there', object: 'v2/a/message/o' });
  });

  it('is something that happens once', () => {
    for (const kind of ['message', 'event', 'contact', 'folder', 'calendar', 'grant'])
      expect(v3(`${kind}.deleted`)).toMatchObject({ says: 'once', mark: 'deleted' });
    expect(v3('event.updated', { updated_at: 7 })).toMatchObject({ says: 'once', mark: '@7' });
    expect(v3('event.created', { updated_at: 7 })).toMatchObject({ says: 'once', mark: '@7' });
  });

  it('is that it is new', () => {
    expect(v3('message.created', flags).says).toBe('created');
    expect(v3('message.created.cleaned', flags).says).toBe('created');
    expect(v2('message.created')).toMatchObject({ says: 'created', mark: 'there' });
    expect(v3('event.created', { updated_at: undefined })).toMatchObject({
      says: 'created',
      mark: undefined,
    });
    expect(v3('event.updated', { updated_at: undefined })).toMatchObject({ says: 'change', mark: undefined });
  });

  it('is the trigger, of a grant or account', () => {
    expect(v3('grant.expired')).toMatchObject({ says: 'state', mark: 'grant.expired' });
    expect(v2('account.invalid')).toMatchObject({ says: 'state', mark: 'account.invalid' });
  });
});
