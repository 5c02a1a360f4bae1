import type { ToldState } from '@nylas-otel/webhooks';
import { describe, expect, it } from 'vitest';
import { diffInventory } from './inventory.ts';

const TAKEN = 1_700_000_000_000;
const inventory = { takenAt: TAKEN, marks: { same: 'a', changed: 'a', gone: 'a' } };
const told = (id: string, mark: string, seconds = 60): [string, ToldState] => [
  id,
  { second: TAKEN / 1_000 + seconds, mark },
];

describe('a difference to an inventory', () => {
  it('is what was made, changed and deleted', () => {
    expect(diffInventory(inventory, new Map(), { same: 'a', changed: 'b', made: 'a' })).toEqual({
      created: ['made'],
      updated: ['changed'],
      deleted: ['gone'],
    });
  });

  it('leaves out what notifications told since', () => {
    const all = new Map([told('changed', 'b'), told('gone', 'deleted'), told('made', 'a')]);
    expect(diffInventory(inventory, all, { same: 'a', changed: 'b', made: 'a' })).toEqual({
      created: [],
      updated: [],
      deleted: [],
    });
  });

  it('shows what changed again after it was told, also back to what it was', () => {
    const all = new Map([told('changed', 'b'), told('gone', 'deleted'), told('made', 'a')]);
    expect(diffInventory(inventory, all, { same: 'a', changed: 'a', gone: 'a' })).toEqual({
      created: ['gone'],
      updated: ['changed'],
      deleted: ['made'],
    });
  });

  it('passes over what was told before the inventory', () => {
    expect(diffInventory(inventory, new Map([told('same', 'z', -60)]), inventory.marks).updated).toEqual([]);
  });
});
