import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bodyKey, contentKey, notificationKey, shortDigest } from './dedupe-key.ts';
import { readEnvelope } from './parse-envelope.ts';

const delta = (more: object = {}, data: object = {}) => ({
  date: 1602623196,
  object: 'message',
  type: 'message.created',
  object_data: {
    account_id: 'a',
    id: 'm',
    object: 'message',
    attributes: { b: [1, null, true], a: 'x' },
    ...data,
  },
  ...more,
});

describe('what an event is recognised by', () => {
  it('is the id for v3, whatever else changes from attempt to attempt', () => {
    const key = (attempt: number, id: string) =>
      readEnvelope({ id, type: 'message.created', webhook_delivery_attempt: attempt, data: {} }).events[0]
        ?.key;
    expect(key(1, 'n1')).toBe('v3:n1');
    expect(key(2, 'n1')).toBe(key(1, 'n1'));
    expect(key(1, 'n2')).not.toBe(key(1, 'n1'));
  });

  it('keeps an id of 200 characters and shortens a longer one, still told apart', () => {
    expect(notificationKey('x'.repeat(200))).toBe(`v3:${'x'.repeat(200)}`);
    expect(notificationKey('x'.repeat(201))).toMatch(/^v3:#[0-9a-f]{64}$/);
    expect(notificationKey(`${'x'.repeat(300)}a`)).not.toBe(notificationKey(`${'x'.repeat(300)}b`));
  });

  it('is the content for v3 without an id, but not the attempt', () => {
    const key = (attempt: number, object: string) =>
      readEnvelope({ type: 't', webhook_delivery_attempt: attempt, data: { object } }).events[0]?.key;
    expect(key(1, 'a')).toBe(key(3, 'a'));
    expect(key(1, 'a')).not.toBe(key(1, 'b'));
    expect(key(1, 'a')).toMatch(/^v3:#[0-9a-f]{64}$/);
  });

  it.each([
    ['type', delta({ type: 'message.updated' })],
    ['date', delta({ date: 1602623197 })],
    ['object', delta({ object: 'thread' })],
    ['account', delta({}, { account_id: 'b' })],
    ['id', delta({}, { id: 'n' })],
    ['content (two opens in one second)', delta({}, { metadata: { count: 2 } })],
    ['a value of another type', delta({}, { id: 1 })],
    ['the order of a list', delta({}, { attributes: { b: [null, 1, true], a: 'x' } })],
  ])('tells v2 deltas apart by %s', (_, other) => {
    expect(contentKey('v2', other)).not.toBe(contentKey('v2', delta()));
  });

  it('does not depend on the order of fields', () => {
    const shuffled = {
      type: 'message.created',
      object_data: {
        attributes: { a: 'x', b: [1, null, true] },
        object: 'message',
        id: 'm',
        account_id: 'a',
      },
      object: 'message',
      date: 1602623196,
    };
    expect(contentKey('v2', shuffled)).toBe(contentKey('v2', delta()));
  });

  it('is the same for any JSON after a round trip, and different for different JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = JSON.parse(JSON.stringify({ a }));
        expect(contentKey('v2', same)).toBe(contentKey('v2', JSON.parse(JSON.stringify({ a }))));
        const [one, other] = [JSON.parse(JSON.stringify({ x: a })), JSON.parse(JSON.stringify({ x: b }))];
        const equal = isEqual(one, other);
        expect(contentKey('v2', one) === contentKey('v2', other)).toBe(equal);
      }),
    );
  });

  it('tells numbers that stand beside each other apart', () => {
    expect(contentKey('v2', { a: [1, 11] })).not.toBe(contentKey('v2', { a: [11, 1] }));
    expect(shortDigest([1, 11])).toMatch(/^[0-9a-f]{16}$/);
    expect(shortDigest([1, 11])).not.toBe(shortDigest([11, 1]));
  });

  it('does not mix the generations, nor bodies', () => {
    expect(contentKey('v2', delta())).not.toBe(contentKey('v3', delta()));
    expect(bodyKey(new Uint8Array([1]))).toMatch(/^[0-9a-f]{64}$/);
    expect(bodyKey(new Uint8Array([1]))).not.toBe(bodyKey(new Uint8Array([2])));
  });
});

function isEqual(a: unknown, b: unknown): boolean {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
}
