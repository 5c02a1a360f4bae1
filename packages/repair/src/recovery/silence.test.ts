import { describe, expect, it } from 'vitest';
import { type HourCount, silenceNow } from './silence.ts';

const HOUR = 3_600_000;
const START = 168 * HOUR * 1_000;

/** Two weeks: so many events an hour by day, none by night. */
function fortnight(byDay: number, byNight = 0): HourCount[] {
  return Array.from({ length: 336 }, (_, n) => {
    const hour = START + n * HOUR;
    return { hour, events: n % 24 >= 8 && n % 24 < 20 ? byDay : byNight };
  });
}
const END = START + 336 * HOUR;

describe('silence', () => {
  it('is no gap while so little was due', () => {
    const noon = END + 12 * HOUR;
    expect(silenceNow(fortnight(10), noon, noon + HOUR)).toBeUndefined();
    expect(silenceNow(fortnight(10), noon, noon + 1.2 * HOUR)).toEqual({
      from: noon,
      due: expect.closeTo(12),
    });
  });

  it('is short when much is due', () => {
    const noon = END + 12 * HOUR;
    expect(silenceNow(fortnight(720), noon, noon + 59_000)).toBeUndefined();
    expect(silenceNow(fortnight(720), noon, noon + 61_000)?.from).toBe(noon);
  });

  it('is expected in nights that were quiet before', () => {
    const evening = END + 20 * HOUR;
    expect(silenceNow(fortnight(1_000), evening, evening + 12 * HOUR)).toBeUndefined();
    expect(silenceNow(fortnight(1_000), evening, evening + 12.1 * HOUR)).toBeDefined();
  });

  it('is not judged before two days are known, or without any event', () => {
    const short = fortnight(1_000).slice(-47);
    expect(silenceNow(short, END, END + 24 * HOUR)).toBeUndefined();
    expect(silenceNow(fortnight(1_000), undefined, END)).toBeUndefined();
  });

  it('does not learn from itself: hours after the last event do not count', () => {
    const quiet = Array.from({ length: 48 }, (_, n) => ({ hour: END + n * HOUR, events: 0 }));
    expect(silenceNow([...fortnight(10), ...quiet], END + 8 * HOUR, END + 12 * HOUR)).toBeDefined();
  });

  it('goes by other days of the same kind where a week is not known yet', () => {
    const thursdayAndFriday = Array.from({ length: 48 }, (_, n) => ({ hour: START + n * HOUR, events: 10 }));
    const saturday = START + 60 * HOUR;
    const monday = START + 108 * HOUR;
    expect(silenceNow(thursdayAndFriday, monday, monday + HOUR)).toBeUndefined();
    expect(silenceNow(thursdayAndFriday, monday, monday + 1.5 * HOUR)?.due).toBeCloseTo(15);
    expect(silenceNow(thursdayAndFriday, saturday, saturday + 24 * HOUR)).toBeUndefined();
  });
});
