import { describe, expect, it } from 'vitest';
import { type Delta, DeltaJournal } from './delta-journal.ts';

const delta = (n: number): Delta => ({
  object: n % 2 === 0 ? 'event' : 'contact',
  id: String(n),
  event: 'create',
  time: n,
});
const all = (): boolean => true;

describe('the delta journal', () => {
  it('goes from the beginning to the newest change in pages', () => {
    const journal = new DeltaJournal(1, () => 0);
    for (let n = 0; n < 5; n++) journal.add('a', delta(n));
    const ids: string[] = [];
    let cursor = '0';
    for (;;) {
      const page = journal.after('a', cursor, 2, all);
      if (page === undefined) throw new Error('the cursor was refused');
      expect(page.cursorStart).toBe(cursor);
      ids.push(...page.deltas.map((one) => one.id));
      if (page.cursorEnd === cursor) break;
      cursor = page.cursorEnd;
    }
    expect(ids).toEqual(['0', '1', '2', '3', '4']);
    expect(cursor).toBe(journal.latest('a'));
  });

  it('finds a cursor by time', () => {
    const journal = new DeltaJournal(1, () => 0);
    for (let n = 0; n < 5; n++) journal.add('a', delta(n));
    const from = (time: number): string[] | undefined =>
      journal.after('a', journal.at('a', time), 10, all)?.deltas.map((one) => one.id);
    expect(from(0)).toHaveLength(5);
    expect(from(3)).toEqual(['3', '4']);
    expect(from(99)).toEqual([]);
    expect(journal.after('b', journal.at('b', 0), 10, all)?.deltas).toEqual([]);
  });

  it('moves on over what the filter leaves out', () => {
    const journal = new DeltaJournal(1, () => 0);
    for (let n = 0; n < 4; n++) journal.add('a', delta(n));
    const page = journal.after('a', '0', 10, (one) => one.object === 'event');
    expect(page?.deltas.map((one) => one.id)).toEqual(['0', '2']);
    expect(page?.cursorEnd).toBe(journal.latest('a'));
  });

  it('forgets what is two weeks old, and refuses the cursors before it', () => {
    let now = 0;
    const journal = new DeltaJournal(1, () => now);
    const day = 86_400;
    for (let n = 0; n < 5; n++) journal.add('a', { ...delta(n), time: n * day });
    const before = journal.at('a', 2 * day);
    const end = journal.latest('a');
    now = (14 + 3) * day * 1000;
    expect(journal.after('a', before, 10, all)).toBeUndefined();
    const ids = (cursor: string): string[] | undefined =>
      journal.after('a', cursor, 10, all)?.deltas.map((one) => one.id);
    expect(ids(journal.at('a', 0))).toEqual(['3', '4']);
    expect(ids('0')).toEqual(['3', '4']);
    now *= 2;
    expect(ids(end)).toEqual([]);
    journal.add('a', { ...delta(5), time: now / 1000 });
    expect(ids(end)).toEqual(['5']);
  });

  it('refuses cursors of others', () => {
    const journal = new DeltaJournal(1, () => 0);
    journal.add('a', delta(0));
    expect(journal.after('b', journal.latest('a'), 10, all)).toBeUndefined();
    expect(journal.after('a', 'x', 10, all)).toBeUndefined();
    expect(journal.after('a', 'x'.repeat(16), 10, all)).toBeUndefined();
  });

  it('wakes those who wait, until they stop', () => {
    const journal = new DeltaJournal(1, () => 0);
    let woken = 0;
    const stop = journal.onChange('a', () => woken++);
    journal.add('b', delta(0));
    journal.add('a', delta(1));
    stop();
    journal.add('a', delta(2));
    expect(woken).toBe(1);
  });

  it('forgets the oldest changes above 10,000', () => {
    const journal = new DeltaJournal(1, () => 0);
    const early = journal.latest('a');
    for (let n = 0; n < 10_005; n++) journal.add('a', delta(n));
    expect(journal.after('a', early, 1, all)).toBeUndefined();
    expect(journal.after('a', '0', 1, all)?.deltas[0]?.id).toBe('5');
    const page = journal.after('a', '0', 20_000, all);
    expect(page?.deltas).toHaveLength(10_000);
    expect(page?.cursorEnd).toBe(journal.latest('a'));
  });
});
