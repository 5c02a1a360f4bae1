import { describe, expect, it } from 'vitest';
import { mockDelta, mockNotification } from '../testing/mock-notification.ts';
import { accountNews } from './account-news.ts';
import { readEnvelope } from './parse-envelope.ts';

const time = new Date('2026-01-02T03:04:05Z');

function newsOf(envelope: object) {
  const [event] = readEnvelope(envelope).events;
  return event === undefined ? undefined : accountNews(event);
}

describe('accountNews', () => {
  it.each([
    ['grant.created', 'valid'],
    ['grant.updated', 'valid'],
    ['grant.imap_sync_completed', 'valid'],
    ['grant.expired', 'invalid'],
    ['grant.deleted', 'deleted'],
  ])('%s says that the grant is %s', (trigger, state) => {
    const object = { provider: 'google', email: 'a@example.com', code: 25012 };
    expect(newsOf(mockNotification(trigger, { accountId: 'g', time, object }))).toEqual({
      id: 'g',
      state,
      time,
      signal: 'webhook',
      provider: 'google',
      email: 'a@example.com',
    });
  });

  it.each([
    ['account.connected', 'running'],
    ['account.running', 'running'],
    ['account.stopped', 'stopped'],
    ['account.invalid', 'invalid'],
    ['account.sync_error', 'sync_error'],
  ])('%s says that the account is %s', (trigger, state) => {
    const delta = mockDelta(trigger, { accountId: 'a', time });
    expect(newsOf({ deltas: [delta] })).toEqual({ id: 'a', state, time, signal: 'webhook' });
  });

  it('says nothing for other triggers, without an account or without a time', () => {
    expect(newsOf(mockNotification('message.created'))).toBeUndefined();
    expect(newsOf({ ...mockNotification('grant.expired'), data: { object: {} } })).toBeUndefined();
    expect(newsOf({ ...mockNotification('grant.expired'), time: 'now' })).toBeUndefined();
    expect(newsOf({ ...mockNotification('grant.expired'), data: { grant_id: 'g', object: null } })?.id).toBe(
      'g',
    );
  });
});
