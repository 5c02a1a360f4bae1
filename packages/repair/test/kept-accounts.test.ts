import type { Runtime } from '@nylas-otel/accounts/tracking';
import type { AccountState } from '@nylas-otel/nylas-api';
import { describe, expect, it } from 'vitest';
import { keepAll } from '../src/recovery/keeper.ts';
import { KeeperTurns } from '../src/recovery/keeper-turns.ts';
import { readRecoverySettings } from '../src/recovery/options.ts';
import { FakeDatabase } from './fake-store.ts';

const HOUR = 3_600_000;
const LISTS = ['recovery-inventory', 'recovery-kept'];

function worldOf(accounts: number) {
  let now = 1_700_000_000_000;
  const runtime: Runtime = {
    now: () => now,
    random: () => 0.5,
    async sleep(ms) {
      now += ms;
    },
  };
  const database = new FakeDatabase(() => now);
  const store = database.open();
  const asked: string[] = [];
  let away = '';
  const settings = readRecoverySettings(
    'startRecovery',
    {
      store,
      apiKey: 'nyk_v0_test',
      fetch: async (input) => {
        const path = new URL(String(input)).pathname;
        asked.push(path.split('/').slice(-2).join('/'));
        if (away !== '' && path.endsWith(away)) return new Response('away', { status: 503 });
        return Response.json({ data: [{ id: 'one' }], request_id: 'r' });
      },
    },
    runtime,
  );
  const apply = (id: string, state: AccountState): Promise<unknown> =>
    store.accounts.apply([
      { reading: { id, email: undefined, provider: 'imap', state, raw: '' }, time: now, signal: 'poll' },
    ]);
  return {
    asked,
    apply,
    rows: (collection: string) => [...(database.tables.records.get(collection)?.keys() ?? [])],
    ready: Promise.all(Array.from({ length: accounts }, (_, n) => apply(`grant-${n}`, 'running'))),
    goAway: (resource: string) => {
      away = resource;
    },
    /** The keeper's job, so many hours later. */
    async keep(hours = 0): Promise<string[]> {
      now += hours * HOUR;
      asked.length = 0;
      await keepAll(settings, new KeeperTurns(settings, new AbortController().signal, async () => false));
      return [...asked].sort();
    },
  };
}

describe('the keeper', () => {
  it('looks after every account once a day', async () => {
    const { keep, ready } = worldOf(2);
    await ready;
    const all = ['grant-0', 'grant-1'].flatMap((id) => [
      `${id}/calendars`,
      `${id}/contacts`,
      `${id}/folders`,
    ]);
    expect(await keep()).toEqual(all);
    expect(await keep(1)).toEqual([]);
    expect(await keep(22)).toEqual([]);
    expect(await keep(2)).toEqual(all);
  });

  it('comes back soon for a list that was away, and for no other', async () => {
    const { keep, ready, goAway } = worldOf(1);
    await ready;
    goAway('/contacts');
    await keep();
    goAway('');
    expect(await keep(0.25)).toEqual(['grant-0/contacts']);
    expect(await keep(0.25)).toEqual([]);
  });

  it('removes what it has of accounts that are gone', async () => {
    const { keep, ready, apply, rows } = worldOf(2);
    await ready;
    await keep();
    expect(LISTS.map((name) => rows(name).filter((key) => key.startsWith('grant-0')).length)).toEqual([3, 1]);
    await apply('grant-0', 'deleted');
    await keep(1);
    expect(LISTS.map((name) => rows(name).filter((key) => key.startsWith('grant-0')).length)).toEqual([0, 0]);
    expect(LISTS.map((name) => rows(name).length)).toEqual([3, 1]);
  });
});
