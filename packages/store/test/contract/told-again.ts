import type { ReceivedEvent } from '@nylas-otel/webhooks';
import { describe, expect, it } from 'vitest';
import type { Suite } from './harness.ts';
import { CALL, unique } from './harness-events.ts';
import { DELTAS, notification, readAgain, type Subject, UNNAMED } from './harness-recovery.ts';

/** Seconds: when recovery read, and since when a notification of the same state tells the same change. */
const READ = 1_000;
const SINCE = 500;

export const toldAgainSuite: Suite = (context) => {
  /** Hands events over one after the other: which are accepted. */
  const accepted = async (...events: readonly ReceivedEvent[]): Promise<boolean[]> => {
    const verdicts: boolean[] = [];
    for (const event of events)
      verdicts.push((await context().store.inbox.accept([event], CALL))[0] === 'accepted');
    return verdicts;
  };

  describe.each(Object.entries<() => Subject>({ ...UNNAMED }))('a state of %s', (_, make) => {
    it('that recovery has told is told by no notification that is not newer', async () => {
      const { tell, read } = make();
      expect(
        await accepted(read('a', { at: READ, since: SINCE }), tell('a', READ - 100), tell('a', READ)),
      ).toEqual([true, false, false]);
    });

    it('is not told by recovery, where a notification told it after recovery compared', async () => {
      const { tell, read } = make();
      expect(await accepted(tell('a', READ - 100), read('a', { at: READ, since: SINCE }))).toEqual([
        true,
        false,
      ]);
    });

    it('is told once in one call, by the notification', async () => {
      const { tell, read } = make();
      const both = [read('a', { at: READ, since: SINCE }), tell('a', READ - 100)];
      expect(await context().store.inbox.accept(both, CALL)).toEqual(['duplicate', 'accepted']);
    });

    it('that came after the read is told', async () => {
      const { tell, read } = make();
      expect(
        await accepted(read('a', { at: READ, since: SINCE }), tell('b', READ + 1), tell('a', READ + 2)),
      ).toEqual([true, true, true]);
    });

    it('is told again where it would be the last word, which another one has taken', async () => {
      const { tell, read } = make();
      expect(
        await accepted(
          read('a', { at: READ, since: SINCE }),
          tell('b', READ - 50),
          tell('a', READ - 40),
          tell('a', READ - 30),
        ),
      ).toEqual([true, true, true, false]);
    });

    it('is not told again because of one that is newer than the read', async () => {
      const { tell, read } = make();
      expect(
        await accepted(read('a', { at: READ, since: SINCE }), tell('b', READ + 50), tell('a', READ - 40)),
      ).toEqual([true, true, false]);
    });

    it('is told where it came back: neither a notification nor recovery told it since', async () => {
      const [before, between] = [make(), make()];
      expect(
        await accepted(before.tell('a', SINCE - 1), before.read('a', { at: READ, since: SINCE })),
      ).toEqual([true, true]);
      expect(
        await accepted(
          between.tell('a', SINCE + 1),
          between.tell('b', SINCE + 2),
          between.read('a', { at: READ, since: SINCE }),
        ),
      ).toEqual([true, true, true]);
    });

    it('is known by the first read after it, and by the last', async () => {
      const { tell, read } = make();
      expect(
        await accepted(
          read('a', { at: READ, since: SINCE }),
          read('b', { at: READ + 1_000, since: READ }),
          tell('a', READ - 10),
          tell('b', READ + 10),
          tell('a', READ + 20),
        ),
      ).toEqual([true, true, false, false, true]);
    });

    it('is told by every notification where nobody knows when it was read', async () => {
      const { tell, read } = make();
      expect(await accepted(read('a', { since: SINCE }), tell('a', READ - 100))).toEqual([true, true]);
    });

    it('of one object says nothing of another', async () => {
      const [one, other] = [make(), make()];
      expect(await accepted(one.read('a', { at: READ, since: SINCE }), other.tell('a', READ - 9))).toEqual([
        true,
        true,
      ]);
    });
  });

  describe.each(Object.entries<() => Subject>(DELTAS))('an update of %s on v2', (_, make) => {
    const update = { at: READ, since: SINCE, updates: 1 };

    it('that is older than what recovery read is told by no notification', async () => {
      const { tell, read } = make();
      expect(await accepted(read('', update), tell('', READ - 100), tell('', READ - 6))).toEqual([
        true,
        false,
        false,
      ]);
    });

    it('within seconds of the read, or after it, is told', async () => {
      const { tell, read } = make();
      expect(
        await accepted(
          read('', update),
          ...[-5, -1, 0, 1, 100].map((seconds) => tell('', READ + seconds)),
          tell('', READ - 6),
        ),
      ).toEqual([true, true, true, true, true, true, false]);
    });

    it('is not told by recovery, where notifications told all of them after recovery compared', async () => {
      const [all, some] = [make(), make()];
      expect(await accepted(all.tell('', READ - 20), all.read('', update))).toEqual([true, false]);
      expect(await accepted(some.tell('', READ - 20), some.read('', { ...update, updates: 2 }))).toEqual([
        true,
        true,
      ]);
      const earlier = make();
      expect(await accepted(earlier.tell('', SINCE - 1), earlier.read('', update))).toEqual([true, true]);
    });

    it('from before it was deleted is told by no notification, and its end is told last', async () => {
      const [quiet, late] = [make(), make()];
      expect(
        await accepted(
          quiet.read('deleted', { at: READ }),
          quiet.tell('', READ - 9),
          quiet.tell('deleted', READ - 8),
        ),
      ).toEqual([true, false, false]);
      expect(
        await accepted(
          late.read('deleted', { at: READ }),
          late.tell('', READ - 4),
          late.tell('deleted', READ - 3),
        ),
      ).toEqual([true, true, true]);
    });
  });

  describe('a message whose notification is not whole', () => {
    const whole = { folders: ['inbox'], unread: true, starred: false };
    const message = () => {
      const accountId = unique('grant');
      const id = unique('message');
      const tell = (suffix: string, second: number, fields: object): ReceivedEvent => {
        const event = notification('message.updated', { accountId, second, object: { id, ...fields } });
        return { ...event, truncated: suffix === 'truncated', transformed: suffix === 'transformed' };
      };
      const read = readAgain(tell('', 1, whole), 'message', `#a~${unique('run')}`, {
        at: READ,
        since: SINCE,
      });
      return { tell, read };
    };

    it('truncated, is known by its folders and flags', async () => {
      const { tell, read } = message();
      expect(
        await accepted(
          read,
          tell('truncated', READ - 1, whole),
          tell('truncated', READ + 1, whole),
          tell('truncated', READ - 1, { ...whole, unread: false }),
        ),
      ).toEqual([true, false, true, true]);
    });

    it.each([{ subject: 's' }, { folders: ['inbox'] }])(
      'transformed to %o, is known by its time',
      async (chosen) => {
        const { tell, read } = message();
        const at = (second: number): ReceivedEvent => tell('transformed', second, chosen);
        expect(
          await accepted(read, at(READ - 6), at(READ + 1), at(READ - 7), at(READ - 5), at(READ - 8)),
        ).toEqual([
          true,
          false,
          true,
          false,
          true,
          // What was told last is not known any more.
          true,
        ]);
      },
    );

    it('is told where another state was told since', async () => {
      const { tell, read } = message();
      const other = tell('', READ - 100, { ...whole, starred: true });
      expect(await accepted(read, other, tell('transformed', READ - 50, {}))).toEqual([true, true, true]);
    });
  });

  describe('what has a name', () => {
    const contact = () => {
      const accountId = unique('grant');
      const id = unique('contact');
      const tell = (change: string, second: number): ReceivedEvent =>
        notification(`contact.${change}`, { accountId, second, object: { id, given_name: 'a' } });
      return {
        tell,
        deleted: readAgain(tell('deleted', 1), 'contact', 'deleted', { at: READ, since: SINCE }),
      };
    };

    it('is told once: that it was deleted, and again only after a late word of how it was before', async () => {
      const [quiet, late, back] = [contact(), contact(), contact()];
      expect(await accepted(quiet.deleted, quiet.tell('deleted', READ - 5))).toEqual([true, false]);
      expect(
        await accepted(late.deleted, late.tell('updated', READ - 9), late.tell('deleted', READ - 8)),
      ).toEqual([true, true, true]);
      expect(
        await accepted(back.deleted, back.tell('updated', READ + 9), back.tell('deleted', READ - 8)),
      ).toEqual([true, true, false]);
    });

    it('is told again where an older update of the same event was told since', async () => {
      const accountId = unique('grant');
      const id = unique('event');
      const tell = (updated_at: number): ReceivedEvent =>
        notification('event.updated', { accountId, second: updated_at, object: { id, updated_at } });
      const read = readAgain(tell(900), 'event', '@900', { at: READ });
      expect(await accepted(read, tell(900), tell(800), tell(900), tell(900), tell(950))).toEqual([
        true,
        false,
        true,
        true,
        false,
        true,
      ]);
    });

    it('leaves the state that recovery read for updates: a new message is known with its flags', async () => {
      const accountId = unique('grant');
      const tell = (trigger: string, second: number): ReceivedEvent =>
        notification(trigger, { accountId, second, object: { id: 'm', folders: ['inbox'], unread: true } });
      const read = readAgain(tell('message.created', 1), 'message', 'created', { at: READ });
      expect(
        await accepted(read, tell('message.updated', READ - 1), tell('message.created', READ - 2)),
      ).toEqual([true, false, false]);
    });
  });
};
