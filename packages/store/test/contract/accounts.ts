import type { AccountState } from '@nylas-otel/nylas-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountUpdate, StoredAccount } from '../../src/index.ts';
import type { Suite } from './harness.ts';
import { unique } from './harness-events.ts';

const T = 1_700_000_000_000;
const MINUTE = 60_000;

function update(
  id: string,
  state: AccountState,
  time: number,
  more: Partial<AccountUpdate['reading']> = {},
): AccountUpdate {
  return {
    reading: { id, email: undefined, provider: 'google', state, raw: state, ...more },
    time,
    signal: 'poll',
  };
}

const verdicts = (results: readonly { verdict: string }[]): string[] => results.map(({ verdict }) => verdict);

export const accountsSuite: Suite = (context) => {
  describe('accounts', () => {
    const all = async (provider: string): Promise<readonly StoredAccount[]> =>
      await context().store.accounts.list({ provider, limit: 10_000 });
    const counts = async (provider: string): Promise<Record<string, number>> => {
      const { counts } = await context().store.accounts.aggregates();
      return Object.fromEntries(
        counts.flatMap((cell) =>
          cell.provider === provider && cell.count !== 0 ? [[cell.state, cell.count]] : [],
        ),
      );
    };

    it('go from state to state, with a history and a recovery', async () => {
      const { accounts } = context().store;
      const id = unique('grant');
      const results = await accounts.apply([
        update(id, 'running', T, { email: 'Ada@Example.com' }),
        update(id, 'invalid', T + MINUTE),
        update(id, 'invalid', T + 2 * MINUTE),
        update(id, 'running', T + 3 * MINUTE),
      ]);
      expect(verdicts(results)).toEqual(['first', 'changed', 'same', 'changed']);
      expect(results[3]?.transition).toEqual({
        id,
        provider: 'google',
        from: 'invalid',
        to: 'running',
        raw: 'running',
        signal: 'poll',
        time: T + 3 * MINUTE,
        recovery: { state: 'invalid', seconds: 120 },
      });
      expect(await accounts.history(id)).toEqual([results[3]?.transition, results[1]?.transition]);
      expect(await accounts.history(id, { since: T + 2 * MINUTE })).toEqual([results[3]?.transition]);
      expect(await accounts.history(id, { limit: 1 })).toHaveLength(1);
      expect(await accounts.get(id)).toEqual({
        id,
        email: 'ada@example.com',
        provider: 'google',
        state: 'running',
        raw: 'running',
        since: T + 3 * MINUTE,
        time: T + 3 * MINUTE,
        brokenSince: undefined,
        brokenState: undefined,
      });
    });

    it('never go back to older news, and say where clocks cannot tell', async () => {
      const { accounts } = context().store;
      const id = unique('grant');
      await accounts.apply([update(id, 'running', T)]);
      expect(
        verdicts(
          await accounts.apply([update(id, 'invalid', T - 60 * MINUTE), update(id, 'invalid', T - MINUTE)]),
        ),
      ).toEqual(['stale', 'contested']);
      expect(await accounts.get(id)).toMatchObject({ state: 'running', time: T });
    });

    it('that are deleted leave the lists and counts, and come back only by newer news', async () => {
      const { accounts } = context().store;
      const [id, provider] = [unique('grant'), unique('provider')];
      await accounts.apply([update(id, 'stopped', T, { provider, email: `${id}@x.y` })]);
      const [gone] = await accounts.apply([update(id, 'deleted', T + 1)]);
      expect(gone).toMatchObject({ verdict: 'changed', transition: { from: 'stopped', to: 'deleted' } });
      expect(await all(provider)).toEqual([]);
      expect(await counts(provider)).toEqual({});
      expect(await accounts.resolve(id)).toEqual([]);
      expect(await accounts.resolve(`${id}@x.y`)).toEqual([]);
      expect(await accounts.list({ state: 'deleted', provider })).toHaveLength(1);
      expect(
        verdicts(await accounts.apply([update(id, 'running', T + 1), update(id, 'deleted', T + 1)])),
      ).toEqual(['stale', 'same']);
      expect(verdicts(await accounts.apply([update(id, 'running', T + 2, { provider })]))).toEqual(['first']);
      expect(await counts(provider)).toEqual({ running: 1 });
      // News of a deletion may come before that of the creation.
      const other = unique('grant');
      expect(
        verdicts(await accounts.apply([update(other, 'deleted', T + 5), update(other, 'running', T)])),
      ).toEqual(['stale', 'stale']);
    });

    it('tell each change once, however many say it at one time', async () => {
      const { accounts } = context().store;
      const ids = Array.from({ length: 30 }, () => unique('grant'));
      const at = (state: AccountState, time: number) => (): AccountUpdate[] =>
        ids.toSorted(() => Math.random() - 0.5).map((id) => update(id, state, time));
      const first = await Promise.all(
        Array.from({ length: 8 }, async () => accounts.apply(at('running', T)())),
      );
      expect(verdicts(first.flat()).filter((verdict) => verdict === 'first')).toHaveLength(30);
      const changed = await Promise.all(
        Array.from({ length: 8 }, async () => accounts.apply(at('invalid', T + 1)())),
      );
      expect(verdicts(changed.flat()).filter((verdict) => verdict === 'changed')).toHaveLength(30);
      expect(verdicts(changed.flat()).filter((verdict) => verdict === 'same')).toHaveLength(210);
      for (const id of ids) expect(await accounts.history(id)).toHaveLength(1);
    });

    it('are found by id, by address, and by what a request names them', async () => {
      const { accounts } = context().store;
      const [one, two] = [unique('grant'), unique('grant')];
      const email = `${unique('Shared')}@Example.com`;
      await accounts.apply([update(one, 'running', T, { email }), update(two, 'running', T, { email })]);
      const ids = async (name: string): Promise<string[]> =>
        (await accounts.resolve(name)).map(({ id }) => id);
      expect(await ids(one)).toEqual([one]);
      expect(await ids(`grant:${two}`)).toEqual([two]);
      expect(await ids(email.toUpperCase())).toEqual([one, two].toSorted());
      expect(await ids(`email:${email}`)).toEqual([one, two].toSorted());
      expect(await ids('nobody')).toEqual([]);
    });

    it('are listed by state, health, provider and page', async () => {
      const { accounts } = context().store;
      const provider = unique('provider');
      const states: AccountState[] = ['running', 'invalid', 'initializing', 'stopped', 'invalid'];
      const ids = states.map(() => unique('grant')).toSorted();
      await accounts.apply(states.map((state, n) => update(ids[n] ?? '', state, T, { provider })));
      const listed = async (filter: object): Promise<number[]> =>
        (await accounts.list({ provider, ...filter })).map(({ id }) => ids.indexOf(id));
      expect(await listed({})).toEqual([0, 1, 2, 3, 4]);
      expect(await listed({ state: 'invalid' })).toEqual([1, 4]);
      expect(await listed({ unhealthy: true })).toEqual([1, 3, 4]);
      expect(await listed({ unhealthy: false })).toEqual([0, 2]);
      expect(await listed({ after: ids[1], limit: 2 })).toEqual([2, 3]);
    });

    it('have counts and the oldest of each unhealthy state, every state with a number', async () => {
      const { accounts } = context().store;
      const provider = unique('provider');
      const [a, b, c] = [unique('grant'), unique('grant'), unique('grant')];
      await accounts.apply([
        update(a, 'invalid', T + 5, { provider }),
        update(b, 'invalid', T + 3, { provider }),
        update(c, 'running', T, { provider }),
      ]);
      const cells = (await accounts.aggregates()).counts.filter((cell) => cell.provider === provider);
      expect(cells).toHaveLength(9);
      const cell = (state: AccountState): unknown => cells.find((cell) => cell.state === state);
      expect(cell('invalid')).toEqual({ provider, state: 'invalid', count: 2, oldestSince: T + 3 });
      expect(cell('running')).toEqual({ provider, state: 'running', count: 1, oldestSince: undefined });
      expect(cell('stopped')).toEqual({ provider, state: 'stopped', count: 0, oldestSince: undefined });
      await accounts.apply([update(b, 'running', T + MINUTE)]);
      expect(
        (await accounts.aggregates()).counts.find(
          (cell) => cell.provider === provider && cell.state === 'invalid',
        ),
      ).toMatchObject({ count: 1, oldestSince: T + 5 });
    });

    it('keep counts that are those of their rows, whatever comes', async () => {
      const { accounts } = context().store;
      const states: AccountState[] = ['running', 'invalid', 'stopped', 'deleted', 'unknown'];
      await fc.assert(
        fc.asyncProperty(
          fc.array(
            fc.array(fc.tuple(fc.nat(4), fc.constantFrom(...states), fc.nat(10), fc.nat(2)), {
              minLength: 1,
            }),
            {
              minLength: 1,
              maxLength: 4,
            },
          ),
          async (batches) => {
            const word = unique('p');
            const providers = [`${word}-0`, `${word}-1`, 'unknown'];
            const of = (n: number): string => `${word}-account-${n}`;
            await accounts.apply(
              [0, 1, 2, 3, 4].map((n) => update(of(n), 'running', T, { provider: providers[0] ?? '' })),
            );
            await Promise.all(
              batches.map((batch) =>
                accounts.apply(
                  batch.map(([n, state, time, provider]) =>
                    update(of(n), state, T + time * 10 * MINUTE, { provider: providers[provider] ?? '' }),
                  ),
                ),
              ),
            );
            for (const provider of providers.slice(0, 2)) {
              const rows: Record<string, number> = {};
              for (const { state } of await all(provider)) rows[state] = (rows[state] ?? 0) + 1;
              expect(await counts(provider)).toEqual(rows);
            }
          },
        ),
        { numRuns: 25 },
      );
    });

    it('longest unhealthy come first', async () => {
      const { accounts } = context().store;
      const [a, b, c] = [unique('grant'), unique('grant'), unique('grant')];
      // Older than those of other tests.
      await accounts.apply([update(a, 'stopped', 20), update(b, 'invalid', 10), update(c, 'running', T)]);
      expect((await accounts.longestUnhealthy(2)).map(({ id }) => id)).toEqual([b, a]);
      expect(await accounts.longestUnhealthy(0)).toEqual([]);
      await accounts.apply([update(a, 'running', T), update(b, 'running', T)]);
    });

    it('tell their transitions since a time, oldest first', async () => {
      const { accounts } = context().store;
      const [a, b] = [unique('grant'), unique('grant')];
      const far = T + 10_000 * MINUTE;
      await accounts.apply([update(a, 'running', T), update(b, 'running', T)]);
      await accounts.apply([update(b, 'invalid', far + 2)]);
      await accounts.apply([update(a, 'invalid', far + 1)]);
      const since = await accounts.transitions(far);
      expect(since.map(({ id }) => id)).toEqual([a, b]);
      expect(await accounts.transitions(far, 1)).toHaveLength(1);
      await accounts.apply([update(a, 'deleted', far + 9), update(b, 'deleted', far + 9)]);
    });

    it('that nothing confirmed since a time are named', async () => {
      const { accounts } = context().store;
      const ids = [unique('grant'), unique('grant'), unique('grant')].toSorted();
      await accounts.apply(ids.map((id, n) => update(id, 'running', 1_000 + n)));
      expect(await accounts.unseenSince(1_002)).toEqual(ids.slice(0, 2));
      expect(await accounts.unseenSince(1_002, { after: ids[0] ?? '', limit: 1 })).toEqual([ids[1]]);
      await accounts.apply(ids.map((id) => update(id, 'running', T)));
      expect(await accounts.unseenSince(1_002)).toEqual([]);
    });

    it('refuse times that are none', async () => {
      await expect(
        context().store.accounts.apply([update('a', 'running', Number.NaN)]),
      ).rejects.toMatchObject({
        code: 'NYLAS_STORE_INVALID_ARGUMENT',
      });
    });
  });
};
