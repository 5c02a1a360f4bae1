import { describe, expect, it } from 'vitest';
import { deferred, type Suite } from './harness.ts';
import { unique } from './harness-events.ts';

export const rowsSuite: Suite = (context) => {
  describe('the journal', () => {
    it('is read newest first, by account, kind, time and page', async () => {
      const { journal } = context().store;
      const accountId = unique('account');
      const time = 1_700_000_000_000;
      await journal.append([
        { kind: 'repair', accountId, time, data: { step: 1, text: '\u0000 \u{1f600}' } },
        { kind: 'request_error', accountId, time: time + 1, data: { step: 2 } },
        { kind: 'repair', accountId, time: time + 2, data: { step: 3 } },
      ]);
      await journal.append([{ kind: 'operator', accountId: undefined, data: {} }]);
      const steps = async (filter: object): Promise<unknown[]> =>
        (await journal.read({ accountId, ...filter })).map(({ data }) => data.step);
      expect(await steps({})).toEqual([3, 2, 1]);
      expect(await steps({ kind: 'repair' })).toEqual([3, 1]);
      expect(await steps({ since: time + 1, until: time + 1 })).toEqual([2]);
      expect(await steps({ limit: 1 })).toEqual([3]);
      const [last] = await journal.read({ accountId, limit: 1 });
      expect(await steps({ before: last?.id })).toEqual([2, 1]);
      const [first] = await journal.read({ accountId, kind: 'repair', before: last?.id ?? 0 });
      expect(first).toEqual({
        id: expect.any(Number),
        kind: 'repair',
        accountId,
        time,
        data: { step: 1, text: '\u0000 \u{1f600}' },
      });
      const [operator] = await journal.read({ kind: 'operator' });
      expect(operator?.accountId).toBeUndefined();
      expect(operator?.time).toBeGreaterThan(Date.now() - 60_000);
    });
  });

  describe('records', () => {
    it('are changed by who has seen their last version', async () => {
      const records = context().store.records<{ step: string }>(unique('collection'));
      expect(await records.get('a')).toBeUndefined();
      expect(await records.add('a', { step: 'one' }, { tag: 'wait', due: 5 })).toBe(true);
      expect(await records.add('a', { step: 'other' })).toBe(false);
      expect(await records.replace('a', 2, { step: 'other' })).toBe(false);
      expect(await records.replace('a', 1, { step: 'two' })).toBe(true);
      expect(await records.replace('a', 1, { step: 'other' })).toBe(false);
      expect(await records.get('a')).toEqual({
        key: 'a',
        value: { step: 'two' },
        version: 2,
        tag: undefined,
        due: undefined,
      });
      await records.set('a', { step: 'three' }, { tag: 'done' });
      await records.set('b', { step: 'new' });
      expect(await records.get('a')).toMatchObject({ value: { step: 'three' }, version: 3, tag: 'done' });
      expect(await records.get('b')).toMatchObject({ version: 1 });
      expect(await records.remove('a', 2)).toBe(false);
      expect(await records.remove('a', 3)).toBe(true);
      expect(await records.remove('b')).toBe(true);
      expect(await records.remove('b')).toBe(false);
    });

    it('let one of many have a version', async () => {
      const records = context().store.records<number>(unique('collection'));
      await records.add('n', 0);
      const won = await Promise.all(Array.from({ length: 20 }, (_, n) => records.replace('n', 1, n)));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect((await records.get('n'))?.value).toBe(won.indexOf(true));
    });

    it('are listed by key and tag, counted by tag, and found when they are due', async () => {
      const { store } = context();
      const records = store.records<number>(unique('collection'));
      // By bytes, as a JavaScript program sorts, whatever the language of the database.
      const keys = ['B', 'Z', 'a', 'c', 'ä'];
      for (const [n, key] of keys.toReversed().entries())
        await records.add(key, n, { tag: n % 2 === 0 ? 'even' : 'odd', ...(n < 3 ? { due: 100 - n } : {}) });
      await store.records(unique('collection')).add('elsewhere', 0, { tag: 'even', due: 1 });
      expect((await records.list()).map(({ key }) => key)).toEqual(keys);
      expect((await records.list({ after: 'B', limit: 2 })).map(({ key }) => key)).toEqual(['Z', 'a']);
      expect((await records.list({ tag: 'odd' })).map(({ key }) => key)).toEqual(['Z', 'c']);
      expect(await records.countByTag()).toEqual(
        new Map([
          ['even', 3],
          ['odd', 2],
        ]),
      );
      expect((await records.due(99, 10)).map(({ due }) => due)).toEqual([98, 99]);
      expect((await records.due(1_000, 2)).map(({ key }) => key)).toEqual(['a', 'c']);
    });
  });

  describe('a transaction', () => {
    it('is there in whole', async () => {
      const { store } = context();
      const [collection, queue, accountId] = [unique('collection'), unique('queue'), unique('account')];
      const result = await store.transaction(async (tx) => {
        await tx.records<number>(collection).add('a', 1);
        await tx.journal.append([{ kind: 'repair', accountId, data: {} }]);
        await tx.accounts.apply([
          {
            reading: { id: accountId, email: undefined, provider: 'google', state: 'running', raw: 'valid' },
            time: 5,
            signal: 'poll',
          },
        ]);
        expect(await tx.jobs.send(queue, { n: 1 })).toBe(true);
        // Nobody else sees it yet, but this transaction does.
        expect(await tx.records<number>(collection).get('a')).toMatchObject({ value: 1 });
        return 'done';
      });
      expect(result).toBe('done');
      expect(await store.records(collection).get('a')).toMatchObject({ value: 1 });
      expect(await store.accounts.get(accountId)).toMatchObject({ state: 'running' });
      const job = deferred<object>();
      const stop = await store.jobs.work(queue, async (data) => job.resolve(data));
      expect(await job.promise).toEqual({ n: 1 });
      await stop();
    });

    it('is not there at all when it throws', async () => {
      const { store } = context();
      const [collection, queue, accountId] = [unique('collection'), unique('queue'), unique('account')];
      const work = store.transaction(async (tx) => {
        await tx.records<number>(collection).add('a', 1);
        await tx.journal.append([{ kind: 'repair', accountId, data: {} }]);
        await tx.jobs.send(queue, {}, { key: 'k' });
        throw new Error('no');
      });
      await expect(work).rejects.toThrow('no');
      expect(await store.records(collection).get('a')).toBeUndefined();
      expect(await store.journal.read({ accountId })).toEqual([]);
      expect(await store.jobs.send(queue, {}, { key: 'k' })).toBe(true);
    });

    it('refuses the store itself inside of it, which would wait for ever or write outside of it', async () => {
      const { store } = context();
      const error = {
        code: 'NYLAS_STORE_OUTSIDE_TRANSACTION',
        message: expect.stringContaining('tx.records'),
      };
      await store.transaction(async () => {
        await expect(
          store.journal.append([{ kind: 'x', accountId: undefined, data: {} }]),
        ).rejects.toMatchObject(error);
        await expect(store.jobs.send('queue', {})).rejects.toMatchObject(error);
        await expect(store.transaction(async () => {})).rejects.toMatchObject(error);
        await expect(store.inbox.counts()).rejects.toMatchObject(error);
      });
      await store.journal.append([{ kind: 'x', accountId: undefined, data: {} }]);
    });
  });
};
