import { expect, it } from 'vitest';
import { Gate } from './gate.ts';

it('lets nobody through until its time, then one', () => {
  const gate = new Gate('provider', 1_000);
  expect(gate.tryEnter(999)).toBe(false);
  expect(gate.tryEnter(1_000)).toBe(true);
  expect(gate.tryEnter(1_000)).toBe(false);
});

it('lets one more through at a time after each answer', () => {
  const gate = new Gate('nylas', 0);
  expect(gate.tryEnter(0)).toBe(true);
  gate.leave(0, 'answered');
  expect([gate.tryEnter(0), gate.tryEnter(0), gate.tryEnter(0)]).toEqual([true, true, false]);
});

it('opens for good when 32 may be under way', () => {
  const gate = new Gate('nylas', 0);
  const opened = Array.from({ length: 31 }, () => {
    gate.tryEnter(0);
    return gate.leave(0, 'answered');
  });
  expect(opened.indexOf(true)).toBe(30);
});

it('begins anew after another limit, and counts the closings in a row', () => {
  const gate = new Gate('nylas', 0);
  gate.tryEnter(0);
  gate.leave(0, 'answered');
  gate.close(10, 500, 'provider');
  expect(gate.level).toBe(1);
  expect(gate.source).toBe('provider');
  // Came back for what was sent before: no closing of its own.
  gate.close(20, 300, 'provider');
  expect(gate.level).toBe(1);
  expect(gate.closedUntil).toBe(500);
  expect([gate.tryEnter(500), gate.tryEnter(500)]).toEqual([true, false]);
});

it('does not widen for a request that never reached Nylas', () => {
  const gate = new Gate('nylas', 0);
  gate.tryEnter(0);
  gate.leave(0, 'not_sent');
  expect([gate.tryEnter(0), gate.tryEnter(0)]).toEqual([true, false]);
});

it('lets one more try when those let through hang', () => {
  const gate = new Gate('nylas', 0);
  gate.tryEnter(0);
  expect(gate.tryEnter(5_000)).toBe(false);
  gate.allowOneMore();
  expect(gate.tryEnter(5_000)).toBe(true);
});
