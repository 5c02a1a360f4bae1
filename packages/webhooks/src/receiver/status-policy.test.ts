import { RETRYABLE_WEBHOOK_STATUS } from '@nylas-otel/nylas-api';
import { describe, expect, it } from 'vitest';
import { isDowntime, REJECTIONS, type RejectionReason, storedVerdict } from './status-policy.ts';

const reasons = (status: number) =>
  Object.entries(REJECTIONS)
    .filter(([, verdict]) => verdict.status === status)
    .map(([reason]) => reason)
    .sort();

describe('the status policy', () => {
  it('never answers 500, nor anything that is not in the contract', () => {
    expect([...new Set(Object.values(REJECTIONS).map(({ status }) => status))].sort()).toEqual([
      200, 401, 413, 503,
    ]);
  });

  it('has Nylas try again for everything that may be better the next time', () => {
    expect(RETRYABLE_WEBHOOK_STATUS).toContain(503);
    expect(reasons(503)).toEqual([
      'body_aborted',
      'body_already_parsed',
      'body_changed',
      'body_timeout',
      'deadline',
      'inbox_closed',
      'inbox_failed',
      'inbox_full',
      'overloaded',
      'unexpected',
    ]);
  });

  it('answers a bad signature with 401, which is not retried', () => {
    expect(reasons(401)).toEqual(['signature_malformed', 'signature_mismatch', 'signature_missing']);
  });

  it('keeps what is signed but cannot be read, and says 200', () => {
    expect(reasons(200)).toEqual(['bad_gzip', 'not_json', 'unknown_shape']);
    for (const reason of reasons(200))
      expect(REJECTIONS[reason as RejectionReason].outcome).toBe('unreadable');
  });

  it('refuses only what is too large with 413', () => {
    expect(reasons(413)).toEqual(['body_too_large', 'inflated_too_large']);
  });

  it('gives each reason the outcome it is counted under', () => {
    const outcomes = Object.fromEntries(
      Object.entries(REJECTIONS).map(([reason, { outcome }]) => [reason, outcome]),
    );
    expect(outcomes).toMatchObject({
      signature_missing: 'invalid_signature',
      signature_malformed: 'invalid_signature',
      signature_mismatch: 'invalid_signature',
      body_changed: 'invalid_signature',
      body_too_large: 'too_large',
      inflated_too_large: 'too_large',
      deadline: 'overloaded',
      overloaded: 'overloaded',
      inbox_full: 'overloaded',
      inbox_failed: 'failed',
      inbox_closed: 'failed',
      unexpected: 'failed',
      body_already_parsed: 'failed',
      body_aborted: 'failed',
      body_timeout: 'failed',
    });
  });

  it('counts as downtime only what is our own doing', () => {
    expect((Object.keys(REJECTIONS) as RejectionReason[]).filter(isDowntime).sort()).toEqual([
      'deadline',
      'inbox_closed',
      'inbox_failed',
      'inbox_full',
      'overloaded',
      'unexpected',
    ]);
  });

  it('calls a delivery a duplicate only when nothing in it was new', () => {
    expect(storedVerdict(['duplicate'])).toEqual({ status: 200, outcome: 'duplicate' });
    expect(storedVerdict(['duplicate', 'duplicate'])).toEqual({ status: 200, outcome: 'duplicate' });
    expect(storedVerdict(['duplicate', 'accepted'])).toEqual({ status: 200, outcome: 'stored' });
    expect(storedVerdict(['accepted'])).toEqual({ status: 200, outcome: 'stored' });
  });
});
