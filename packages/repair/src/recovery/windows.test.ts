import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marginSeconds, type TimeWindow, windowsOf } from './windows.ts';

const DAY = 86_400_000;
const NOW = 100 * DAY;
const MINUTE = 60_000;

describe('windows to read', () => {
  it('reach five minutes before a gap and one behind it, never into the future', () => {
    expect(windowsOf([{ from: NOW - 60 * MINUTE, to: NOW - 30 * MINUTE }], NOW, DAY)).toEqual([
      { from: NOW - 65 * MINUTE, to: NOW - 29 * MINUTE },
    ]);
    expect(windowsOf([{ from: NOW - MINUTE, to: NOW }], NOW, DAY)[0]?.to).toBe(NOW);
  });

  it('are cut to what Nylas still has', () => {
    expect(windowsOf([{ from: NOW - 20 * DAY, to: NOW - 13 * DAY }], NOW, 14 * DAY)[0]?.from).toBe(
      NOW - 14 * DAY,
    );
    expect(windowsOf([{ from: NOW - 20 * DAY, to: NOW - 15 * DAY }], NOW, 14 * DAY)).toEqual([]);
  });

  const gaps = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 100 })).map(
      ([minute, length]): TimeWindow => ({
        from: NOW - minute * MINUTE,
        to: Math.min(NOW, NOW - (minute - length) * MINUTE),
      }),
    ),
    { maxLength: 20 },
  );

  it('cover every gap, do not overlap, and are in order', () => {
    fc.assert(
      fc.property(gaps, (given) => {
        const windows = windowsOf(given, NOW, 30 * DAY);
        for (let i = 1; i < windows.length; i++)
          expect(windows[i]?.from).toBeGreaterThan(windows[i - 1]?.to ?? Number.NaN);
        for (const gap of given)
          expect(windows.some(({ from, to }) => from <= gap.from && gap.to <= to)).toBe(true);
      }),
    );
  });

  it('know their margins: seconds in which webhooks may have been heard', () => {
    const gap = { from: NOW - 60 * MINUTE, to: NOW - 30 * MINUTE };
    const seconds = marginSeconds(windowsOf([gap], NOW, DAY), [gap]);
    expect(seconds).toHaveLength(300 + 60 + 2);
    expect(seconds.every((second) => second * 1_000 <= gap.from || second * 1_000 >= gap.to)).toBe(true);
  });
});
