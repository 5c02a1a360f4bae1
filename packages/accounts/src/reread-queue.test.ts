import { expect, it } from 'vitest';
import { RereadQueue } from './reread-queue.ts';

const T = 1_700_000_000_000;

it('lets an account wait once however often it is asked for', () => {
  const queue = new RereadQueue();
  expect(queue.want('a', 'request', T)).toBe(true);
  expect(queue.want('a', 'webhook', T)).toBe(false);
  expect(queue.next(T)).toEqual({ id: 'a', signal: 'request', failures: 0 });
  expect(queue.next(T)).toBeUndefined();
});

it('reads an account at most once a minute', () => {
  const queue = new RereadQueue();
  queue.want('a', 'request', T);
  queue.next(T);
  expect(queue.want('a', 'request', T + 59_999)).toBe(false);
  expect(queue.want('a', 'request', T + 60_000)).toBe(true);
});

it('is not blocked when the clock is set back', () => {
  const queue = new RereadQueue();
  queue.want('a', 'request', T);
  queue.next(T);
  expect(queue.want('a', 'request', T - 3_600_000)).toBe(true);
});

it('takes who waits longest, and puts a failed one back twice', () => {
  const queue = new RereadQueue();
  queue.want('a', 'request', T);
  queue.want('b', 'request', T);
  for (const expected of ['a', 'b', 'a', 'a']) {
    const entry = queue.next(T);
    expect(entry?.id).toBe(expected);
    if (entry?.id === 'a') queue.putBack(entry);
  }
  expect(queue.size).toBe(0);
});

it('holds a bounded number, also of those it remembers', () => {
  const queue = new RereadQueue();
  let accepted = 0;
  for (let i = 0; i < 5_000; i++) if (queue.want(`a${i}`, 'request', T)) accepted++;
  expect(accepted).toBe(1_000);
  queue.clear();
  expect(queue.size).toBe(0);
});
