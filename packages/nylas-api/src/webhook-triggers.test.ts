import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseTrigger, RETRYABLE_WEBHOOK_STATUS, triggerLabel, WEBHOOK_TRIGGERS } from './index.ts';

const ALL = [...WEBHOOK_TRIGGERS.v2, ...WEBHOOK_TRIGGERS.v3];

describe('WEBHOOK_TRIGGERS', () => {
  it('has the 22 of v2 and the 51 of v3, without what does not exist', () => {
    expect(new Set(WEBHOOK_TRIGGERS.v2).size).toBe(22);
    expect(new Set(WEBHOOK_TRIGGERS.v3).size).toBe(51);
    for (const wrong of ['contact.created', 'thread.updated', 'notetaker.state_updated']) {
      expect(WEBHOOK_TRIGGERS.v3).not.toContain(wrong);
    }
  });
});

describe('baseTrigger', () => {
  it('keeps what is documented', () => {
    for (const trigger of ALL) expect(baseTrigger(trigger)).toBe(trigger);
  });

  it.each([
    ['message.created.truncated', 'message.created'],
    ['message.created.metadata', 'message.created'],
    ['event.updated.transformed', 'event.updated'],
    ['message.updated.transformed.truncated', 'message.updated'],
    ['message.updated.cleaned', 'message.updated'],
    ['message.created.cleaned', 'message.created.cleaned'],
    ['message.created.cleaned.transformed.truncated', 'message.created.cleaned'],
    ['message.opened.legacy', 'message.opened.legacy'],
    ['folder.renamed.truncated', 'folder.renamed'],
    ['.truncated', ''],
    ['', ''],
    ['truncated', 'truncated'],
  ])('%j is of %j', (type, base) => {
    expect(baseTrigger(type)).toBe(base);
  });

  it('takes any combination of suffixes off any trigger', () => {
    const suffixes = fc.array(fc.constantFrom('.truncated', '.transformed', '.metadata'), { maxLength: 5 });
    fc.assert(
      fc.property(fc.constantFrom(...ALL), suffixes, (trigger, added) => {
        expect(baseTrigger(trigger + added.join(''))).toBe(trigger);
      }),
    );
  });
});

describe('triggerLabel', () => {
  it('is a documented trigger or "other"', () => {
    expect(triggerLabel('message.created.cleaned.truncated')).toBe('message.created.cleaned');
    expect(triggerLabel('account.sync_error')).toBe('account.sync_error');
    for (const type of [
      '',
      'folder.renamed',
      'ben@example.com',
      '__proto__',
      '.truncated'.repeat(1_000_000),
    ]) {
      expect(triggerLabel(type)).toBe('other');
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (type) => [...ALL, 'other'].includes(triggerLabel(type))),
    );
  });
});

describe('RETRYABLE_WEBHOOK_STATUS', () => {
  it('has no 500: Nylas never delivers again after one', () => {
    expect(RETRYABLE_WEBHOOK_STATUS).toEqual([408, 429, 502, 503, 504, 507]);
  });
});
