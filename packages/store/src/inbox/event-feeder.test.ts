import { describe, expect, it } from 'vitest';
import { inOrder } from './event-feeder.ts';

describe('events whose jobs are made together', () => {
  it('are all, where ids ascend for each account', () => {
    const events = [
      { id: '3', account: 'a' },
      { id: '1', account: 'b' },
      { id: '4', account: 'a' },
      { id: '2', account: 'b' },
    ];
    expect(inOrder(events)).toEqual(events);
  });

  it('are those before the first that would overtake one of its account', () => {
    const events = [
      { id: '3', account: 'a' },
      { id: '1', account: 'b' },
      { id: '2', account: 'a' },
      { id: '4', account: 'b' },
    ];
    expect(inOrder(events)).toEqual(events.slice(0, 2));
    expect(inOrder(events.slice(2))).toEqual(events.slice(2));
  });

  it('may be in any order where they go side by side', () => {
    const events = [
      { id: '2', account: null },
      { id: '1', account: null },
    ];
    expect(inOrder(events)).toEqual(events);
    expect(inOrder([])).toEqual([]);
  });
});
