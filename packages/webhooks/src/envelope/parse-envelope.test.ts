import { describe, expect, it } from 'vitest';
import { parseEnvelope } from './parse-envelope.ts';

const notification = {
  specversion: '1.0',
  type: 'message.created.cleaned.transformed.truncated',
  source: '/google/emails/realtime',
  id: 'd8c1',
  time: 1732575192,
  webhook_delivery_attempt: 2,
  data: { application_id: 'app', object: { grant_id: 'g1', id: 'm1', object: 'message' } },
};
const delta = {
  date: 1602623196,
  object: 'message',
  type: 'message.created',
  object_data: { namespace_id: 'acc1', account_id: 'acc1', object: 'message', id: 'msg1' },
};
const read = (value: unknown) => parseEnvelope(JSON.stringify(value));
const first = (value: unknown) => read(value).events[0];

describe('a v3 notification', () => {
  it('is read with everything its envelope says', () => {
    expect(read(notification)).toEqual({
      events: [
        {
          key: 'v3:d8c1',
          version: 'v3',
          type: 'message.created.cleaned.transformed.truncated',
          trigger: 'message.created.cleaned',
          id: 'd8c1',
          time: 1732575192000,
          attempt: 2,
          accountId: 'g1',
          applicationId: 'app',
          provider: 'google',
          source: '/google/emails/realtime',
          specVersion: '1.0',
          objectId: 'm1',
          truncated: true,
          transformed: true,
          data: notification.data,
        },
      ],
    });
  });

  it('keeps fields that nobody has documented', () => {
    expect(first({ ...notification, novel: 1 })?.extensions).toEqual({ novel: 1 });
  });

  it('finds the grant beside the object too, also where there is no object', () => {
    const data = { application_id: 'app', grant_id: 'g2', reason: 'x', object: null };
    expect(first({ ...notification, type: 'message.send_failed', data })?.accountId).toBe('g2');
  });

  it('takes the provider the object names before the one of the source', () => {
    const data = { object: { grant_id: 'g', provider: 'microsoft' } };
    expect(first({ ...notification, source: '/nylas/system', data })?.provider).toBe('microsoft');
    expect(first({ ...notification, source: '/nylas/system' })?.provider).toBe('unknown');
    expect(first({ ...notification, source: '/com/nylas/tracking' })?.provider).toBe('unknown');
    expect(first({ ...notification, source: '/microsoft' })?.provider).toBe('microsoft');
    expect(first({ ...notification, source: 'microsoft/x' })?.provider).toBe('unknown');
  });

  it('takes a trigger nobody has heard of', () => {
    expect(first({ ...notification, type: 'telepathy.received.truncated' })).toMatchObject({
      trigger: 'telepathy.received',
      truncated: true,
    });
  });

  it('is a v3 one although it wraps v2 deltas (legacy tracking)', () => {
    const wrapped = { ...notification, type: 'message.opened.legacy', data: { object: { deltas: [delta] } } };
    expect(read(wrapped).events).toHaveLength(1);
    expect(first({ ...wrapped, deltas: null })?.trigger).toBe('message.opened.legacy');
    expect(first({ ...wrapped, deltas: [delta] })?.version).toBe('v3');
  });

  it('reads a time in seconds, or milliseconds when it must be; no time is no fault', () => {
    expect(first({ ...notification, time: 1732575192123 })?.time).toBe(1732575192123);
    for (const time of [undefined, null, 'now', 0, -5, 1e300])
      expect(first({ ...notification, time })?.time).toBeUndefined();
  });

  it('takes an attempt only when it is one', () => {
    for (const attempt of [undefined, 0, 1.5, '2'])
      expect(first({ ...notification, webhook_delivery_attempt: attempt })?.attempt).toBeUndefined();
    expect(first({ ...notification, webhook_delivery_attempt: 1 })?.attempt).toBe(1);
  });

  it('survives JSON, as a store needs', () => {
    const event = first(notification);
    expect(JSON.parse(JSON.stringify(event))).toEqual(event);
  });
});

describe('a v2 batch', () => {
  it('is read delta by delta, with what each says', () => {
    const { events, fault } = read({ deltas: [delta, { ...delta, object_data: { namespace_id: 'acc2' } }] });
    expect(fault).toBeUndefined();
    expect(events[0]).toMatchObject({
      version: 'v2',
      type: 'message.created',
      trigger: 'message.created',
      time: 1602623196000,
      accountId: 'acc1',
      objectId: 'msg1',
      data: delta.object_data,
      extensions: { object: 'message' },
    });
    expect(events[1]?.accountId).toBe('acc2');
  });

  it('gives the good deltas although others cannot be read', () => {
    const { events, fault } = read({ deltas: [null, delta, { type: 'x' }, { object_data: {} }, 'x'] });
    expect(events).toHaveLength(1);
    expect(fault).toBe('unknown_shape');
  });
});

describe('what cannot be read', () => {
  it.each(['', '{', 'hello', '{"a":1}x'])('%j is no JSON', (text) => {
    expect(parseEnvelope(text)).toEqual({ events: [], fault: 'not_json' });
  });

  it.each([
    'null',
    '[]',
    '1',
    '"x"',
    '{}',
    '{"deltas":[]}',
    '{"deltas":{}}',
    '{"type":"x"}',
    '{"type":"","data":{}}',
    '{"type":1,"data":{}}',
    '{"type":"x","data":[]}',
    `{"type":"${'x'.repeat(257)}","data":{}}`,
  ])('%s has no shape that is known', (text) => {
    expect(parseEnvelope(text)).toEqual({ events: [], fault: 'unknown_shape' });
  });

  it('does not walk into nesting without end', () => {
    const nested = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
    expect(parseEnvelope(`{"type":"x","data":${nested}}`).fault).toBe('unknown_shape');
    expect(parseEnvelope(`{"deltas":[{"type":"x","object_data":${nested}}]}`).fault).toBe('unknown_shape');
    expect(parseEnvelope(`{"id":"1","type":"x","data":${nested}}`).fault).toBe('unknown_shape');
  });
});
