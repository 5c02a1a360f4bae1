import { objectKey, RECOVERED } from '@nylas-otel/webhooks';
import { beforeEach, describe, expect, it } from 'vitest';
import { deferred, drain, eventually, type Suite } from './harness.ts';
import { CALL, received, unique } from './harness-events.ts';

export const inboxSuite: Suite = (context) => {
  describe('the inbox', () => {
    beforeEach(async () => {
      const { store } = context();
      await drain(store, { onEvent: () => {} });
      const letters = await store.inbox.deadLetters({ limit: 10_000 });
      if (letters.length > 0) {
        await store.inbox.redrive({});
        await drain(store, { onEvent: () => {} });
      }
    });

    it('accepts what is new and knows what it has, over calls, in one call, and at one time', async () => {
      const { inbox } = context().store;
      const [a, b, c] = [received(), received(), received()];
      expect(await inbox.accept([a, b, a], CALL)).toEqual(['accepted', 'accepted', 'duplicate']);
      expect(await Promise.all([inbox.accept([c, a], CALL), inbox.accept([c, b], CALL)])).toEqual([
        ['accepted', 'duplicate'],
        ['duplicate', 'duplicate'],
      ]);
      expect(await inbox.known([a.key, c.key, 'v3:never'])).toEqual(new Set([a.key, c.key]));
      expect(await inbox.counts()).toEqual({ queued: 3, active: 0, dead: 0 });
    });

    it('handles one of the two, where a notification and what was read again tell of one change', async () => {
      const { store } = context();
      const pair = () => {
        const accountId = unique('grant');
        const told = received({ accountId, objectId: 'm1' });
        const key = `${RECOVERED}${objectKey('v3', accountId, 'message', 'm1', 'created')}`;
        return { told, readAgain: received({ key, accountId, objectId: 'm1' }) };
      };
      const [a, b, c, d] = [pair(), pair(), pair(), pair()];
      // In one call the notification, wherever it is; and in calls one after the other the first.
      expect(await store.inbox.accept([a.told, a.readAgain, b.readAgain, b.told], CALL)).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
        'accepted',
      ]);
      expect(await store.inbox.accept([c.told, d.readAgain], CALL)).toEqual(['accepted', 'accepted']);
      expect(await store.inbox.accept([d.told, c.readAgain], CALL)).toEqual(['duplicate', 'duplicate']);
      const handled: string[] = [];
      await drain(store, { onEvent: (event) => handled.push(event.key) });
      expect(handled.sort()).toEqual([a.told, b.told, c.told, d.readAgain].map(({ key }) => key).sort());
    });

    it('takes a delivery of thousands of events', async () => {
      const { store } = context();
      const events = Array.from({ length: 2_500 }, (_, n) =>
        received(n === 2_400 ? { key: 'v3:first' } : {}),
      );
      const verdicts = await store.inbox.accept([received({ key: 'v3:first' }), ...events], CALL);
      expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(2_500);
      expect(verdicts[2_401]).toBe('duplicate');
      expect(await store.inbox.counts()).toMatchObject({ queued: 2_500 });
      let handled = 0;
      await drain(store, { concurrency: 500, onEvent: () => handled++ });
      expect(handled).toBe(2_500);
    });

    it('takes every delivery of a burst once, however they fall into commits', async () => {
      const { store } = context();
      const events = Array.from({ length: 450 }, () => received());
      const verdicts = await Promise.all(
        [...events, ...events].map((event) => store.inbox.accept([event], CALL)),
      );
      expect(verdicts.flat().filter((verdict) => verdict === 'accepted')).toHaveLength(450);
      const handled: string[] = [];
      await drain(store, { onEvent: (event) => handled.push(event.key) });
      expect(handled.sort()).toEqual(events.map(({ key }) => key).sort());
    });

    it('hands over what it was given, whatever JSON and whatever ids it holds', async () => {
      const { store } = context();
      const events = [
        received({
          data: { object: { subject: 'a\u0000b \ud800 \u{1f600} "\\u0000"', n: 1e21, deep: [{}] } },
        }),
        received({ key: 'v3:\u0000', accountId: 'acc\u0000', trigger: 'grant.expired' }),
        received({ key: 'v3:\ud800' }),
      ];
      expect(await store.inbox.accept(events, CALL)).toEqual(['accepted', 'accepted', 'accepted']);
      expect(await store.inbox.accept(events, CALL)).toEqual(['duplicate', 'duplicate', 'duplicate']);
      const handled = new Map<string, unknown>();
      await drain(store, { onEvent: (event) => handled.set(event.key, event) });
      expect([...handled.keys()].sort()).toEqual(events.map(({ key }) => key).sort());
      for (const event of events) expect(handled.get(event.key)).toEqual(JSON.parse(JSON.stringify(event)));
    });

    it('handles state events in order for each account, a failing one before those behind it', async () => {
      const { store } = context();
      const accounts = [unique('grant'), unique('grant')];
      const triggers = ['grant.created', 'grant.expired', 'grant.updated', 'grant.deleted'];
      for (const accountId of accounts)
        await store.inbox.accept(
          triggers.map((trigger) => received({ accountId, trigger })),
          CALL,
        );
      const handled: string[] = [];
      await drain(store, {
        onEvent: (event, { run }) => {
          if (event.trigger === 'grant.expired' && run < 3) throw new Error('not yet');
          handled.push(`${event.accountId} ${event.trigger}`);
        },
      });
      for (const accountId of accounts)
        expect(handled.filter((line) => line.startsWith(`${accountId} `))).toEqual(
          triggers.map((trigger) => `${accountId} ${trigger}`),
        );
    });

    it('handles other events side by side, as many as it was told to', async () => {
      const { store } = context();
      await store.inbox.accept(
        Array.from({ length: 12 }, () => received()),
        CALL,
      );
      let now = 0;
      let most = 0;
      const all = deferred<void>();
      await drain(store, {
        concurrency: 4,
        onEvent: async () => {
          now++;
          most = Math.max(most, now);
          if (now === 4) all.resolve();
          await all.promise;
          now--;
        },
      });
      expect(most).toBe(4);
    });

    it('gives up an event after its runs, and lets its account go on', async () => {
      const { store } = context();
      const accountId = unique('grant');
      const [poison, next] = [
        received({ accountId, trigger: 'grant.expired' }),
        received({ accountId, trigger: 'grant.updated' }),
      ];
      await store.inbox.accept([poison, next], CALL);
      const runs: string[] = [];
      await drain(store, {
        maxRuns: 3,
        onEvent: (event, { run }) => {
          runs.push(`${event.trigger} ${run}`);
          if (event.key === poison.key)
            throw Object.assign(new RangeError('of a secret'), { code: 'E_POISON' });
        },
      });
      expect(runs).toEqual(['grant.expired 1', 'grant.expired 2', 'grant.expired 3', 'grant.updated 1']);
      expect(await store.inbox.deadLetters({ accountId })).toEqual([
        {
          key: poison.key,
          event: poison,
          error: 'RangeError (E_POISON)',
          runs: 3,
          diedAt: expect.any(Number),
        },
      ]);
      expect(await store.inbox.counts()).toEqual({ queued: 0, active: 0, dead: 1 });
      // It is not taken a second time: Nylas may send it again, but it is here.
      expect(await store.inbox.accept([poison], CALL)).toEqual(['duplicate']);
    });

    it('lists dead letters by trigger, account and page, and puts them back to work', async () => {
      const { store } = context();
      const account = unique('account');
      const events = [
        received({ trigger: 'message.updated', accountId: account }),
        received({ trigger: 'message.updated' }),
        received({ trigger: 'event.created', accountId: account }),
      ];
      await store.inbox.accept(events, CALL);
      const fail = (): never => {
        throw new Error('down');
      };
      await drain(store, { maxRuns: 1, onEvent: fail });
      const keys = events.map(({ key }) => key).sort();
      const letters = async (filter: object): Promise<string[]> =>
        (await store.inbox.deadLetters(filter)).map(({ key }) => key);
      expect(await letters({})).toEqual(keys);
      expect(await letters({ limit: 2 })).toEqual(keys.slice(0, 2));
      expect(await letters({ after: keys[1] })).toEqual(keys.slice(2));
      expect(await letters({ trigger: 'message.updated', accountId: account })).toEqual([events[0]?.key]);

      expect(await store.inbox.redrive({ keys: [events[0]?.key ?? '', 'v3:never'] })).toBe(1);
      const handled: string[] = [];
      await drain(store, { onEvent: ({ key }, { run }) => handled.push(`${key} ${run}`) });
      expect(handled).toEqual([`${events[0]?.key} 1`]);
      expect(await store.inbox.redrive({ trigger: 'event.created' })).toBe(1);
      expect(await store.inbox.redrive({})).toBe(1);
      expect(await store.inbox.redrive({})).toBe(0);
      // They may die again.
      await drain(store, { maxRuns: 1, onEvent: fail });
      expect(await letters({})).toEqual([events[1]?.key, events[2]?.key].sort());
    });

    it('writes an effect and the completion in one commit, or neither', async () => {
      const { store } = context();
      const accountId = unique('account');
      const event = received({ accountId });
      await store.inbox.accept([event], CALL);
      const runs: number[] = [];
      await drain(store, {
        onEvent: async (_event, call) => {
          runs.push(call.run);
          await call.transaction(async (tx) => {
            await tx.journal.append([{ kind: 'effect', accountId, data: { run: call.run } }]);
            if (call.run === 1) throw new Error('after the effect, before the commit');
          });
          // Too late to matter: the event is done.
          throw new Error('after the commit');
        },
      });
      expect(runs).toEqual([1, 2]);
      expect((await store.journal.read({ accountId })).map(({ data }) => data)).toEqual([{ run: 2 }]);
    });

    it('lets a handler write to tables of the application in that commit', async () => {
      const { store } = context();
      const table = unique('effects').replaceAll('-', '_');
      await store.query(`CREATE TABLE ${table} (key text, n bigint)`);
      const event = received();
      await store.inbox.accept([event], CALL);
      await drain(store, {
        onEvent: ({ key }, call) =>
          call.transaction((tx) => tx.query(`INSERT INTO ${table} VALUES ($1, $2)`, [key, 2 ** 40])),
      });
      expect(await store.query(`SELECT * FROM ${table}`)).toEqual([{ key: event.key, n: 2 ** 40 }]);
    });

    it('runs the handler of the trigger, and passes over events that have none', async () => {
      const { store } = context();
      await store.inbox.accept(
        ['message.created', 'event.created', 'thread.replied'].map((trigger) => received({ trigger })),
        CALL,
      );
      const handled: string[] = [];
      await drain(store, {
        onEvent: {
          'message.created': () => handled.push('message'),
          '*': (event) => handled.push(event.trigger),
        },
      });
      expect(handled.sort()).toEqual(['event.created', 'message', 'thread.replied']);
    });

    it('ends the work of a worker that is stopped, not of others', async () => {
      const { store } = context();
      const started = deferred<void>();
      const end = deferred<void>();
      let ended = false;
      const stop = await store.inbox.work({
        onEvent: async () => {
          started.resolve();
          await end.promise;
          ended = true;
        },
      });
      await store.inbox.accept([received()], CALL);
      await started.promise;
      const stopped = stop();
      await store.inbox.accept([received()], CALL);
      end.resolve();
      await stopped;
      expect(ended).toBe(true);
      expect(await store.inbox.counts()).toEqual({ queued: 1, active: 0, dead: 0 });
    });

    it('handles what comes while it waits, without being asked', async () => {
      const { store } = context();
      const handled: string[] = [];
      const stop = await store.inbox.work({ onEvent: ({ key }) => handled.push(key) });
      const event = received();
      await store.inbox.accept([event], CALL);
      await eventually(() => expect(handled).toEqual([event.key]));
      await stop();
    });

    it('keeps unreadable bodies once each, newest first', async () => {
      const { store } = context();
      const bodies = [1, 2].map((time) => ({
        key: unique('body'),
        fault: 'not_json' as const,
        body: Uint8Array.from([0, 255, time]),
        receivedAt: Date.now() + time,
      }));
      for (const body of [...bodies, ...bodies]) await store.inbox.quarantine(body, CALL);
      expect(await store.inbox.quarantined(2)).toEqual(bodies.toReversed());
    });

    it('can be asked whether it would accept', async () => {
      await expect(context().store.inbox.check()).resolves.toBeUndefined();
    });

    it.each([
      [{ concurrency: 0 }, 'concurrency'],
      [{ maxRuns: 1.5 }, 'maxRuns'],
      [{ retryDelay: -1 }, 'retryDelay'],
    ])('refuses %j', async (options, named) => {
      await expect(context().store.inbox.work({ onEvent: () => {}, ...options })).rejects.toMatchObject({
        code: 'NYLAS_STORE_INVALID_ARGUMENT',
        message: expect.stringContaining(named),
      });
    });
  });
};
