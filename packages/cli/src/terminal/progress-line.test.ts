import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type ProgressReport, progressLine } from './progress-line.ts';

const line = (report: ProgressReport, seconds: number, width = 79): string =>
  progressLine(report, seconds * 1_000, width);

describe('the line of a long work', () => {
  it('without anything to count says what is waited for, and how long', () => {
    expect(line({ title: 'opening the store' }, 3)).toBe('opening the store, 3 s');
  });

  it('without a total says the count, how fast it grows and how long it took: no bar that guesses', () => {
    expect(line({ title: 'accounts', done: 1_400, words: 'read' }, 7)).toBe('accounts 1400 read, 200/s, 7 s');
  });

  it('with a total has a bar, and says how long it will take', () => {
    expect(line({ title: 'accounts', done: 6, total: 24, words: '3 recovered' }, 4)).toBe(
      'accounts ██████░░░░░░░░░░░░░░░░░░ 6/24 3 recovered, 1.5/s, 4 s, about 12 s left',
    );
    expect(line({ title: 'accounts', done: 24, total: 24 }, 4)).toBe(
      'accounts ████████████████████████ 24/24, 6.0/s, 4 s',
    );
  });

  it('marks a total that was true before, and forgets it when there are more', () => {
    const report = { title: 'accounts', total: 3_000, about: true, words: 'read' };
    expect(line({ ...report, done: 1_500 }, 1)).toBe(
      'accounts ████████████░░░░░░░░░░░░ 1500/~3000 read, 1500/s, 1 s',
    );
    expect(line({ ...report, done: 3_001 }, 3)).toBe('accounts 3001 read, 1000/s, 3 s');
  });

  it('says no rate before a second is over, and none of nothing', () => {
    expect(line({ title: 'accounts', done: 10 }, 0.9)).toBe('accounts 10, 0 s');
    expect(line({ title: 'accounts', done: 0, total: 24 }, 9)).toBe(`accounts ${'░'.repeat(24)} 0/24, 9 s`);
  });

  it.each([79, 39, 24, 12])('fits %i columns: what matters least goes first', (width) => {
    for (const report of [
      { title: 'accounts', done: 61_234, total: 100_000, about: true, words: '1234 recovered, 12 failed' },
      { title: 'accounts', done: 61_234, words: 'read again, because the list changed' },
      { title: 'asking the exporter' },
    ])
      expect(stringWidth(line(report, 754, width))).toBeLessThanOrEqual(width);
  });

  it('keeps count and total longest', () => {
    const report = { title: 'accounts', done: 6, total: 24, words: '3 recovered' };
    expect(line(report, 4, 50)).toBe('accounts ██████░░░░░░░░░░░░░░░░░░ 6/24 3 recovered');
    expect(line(report, 4, 39)).toBe('accounts ███░░░░░░░░░ 6/24 3 recovered');
    expect(line(report, 4, 15)).toBe('accounts 6/24');
  });
});
