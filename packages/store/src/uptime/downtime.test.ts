import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { downtimeWindows, LONGEST_BEAT_MS, type Stretch } from './downtime.ts';

const able = (first: number, last: number, ending: Stretch['ending'] = 'moved'): Stretch => ({
  able: true,
  first,
  last,
  ending,
});
/** Not ended in any way: alive, or crashed. */
const open = (first: number, last: number): Stretch => ({ ...able(first, last), ending: undefined });
const refusing = (first: number, last: number): Stretch => ({ ...able(first, last), able: false });

describe('downtimeWindows', () => {
  it('is empty where nobody ever received', () => {
    expect(downtimeWindows([], 0, 1_000)).toEqual([]);
  });

  it('begins with the first heartbeat ever', () => {
    expect(downtimeWindows([able(500, 1_000)], 0, 1_000)).toEqual([]);
  });

  it('is a crash where heartbeats just ended, and a stop where they were ended', () => {
    const now = LONGEST_BEAT_MS + 1_000;
    const stretches = [open(0, 100), able(300, 400, 'stopped'), able(600, now)];
    expect(downtimeWindows(stretches, 0, now)).toEqual([
      { from: 100, to: 300, cause: 'crash' },
      { from: 400, to: 600, cause: 'stopped' },
    ]);
  });

  it('is none while another process accepts', () => {
    expect(downtimeWindows([able(0, 400), able(300, 1_000)], 0, 1_000)).toEqual([]);
  });

  it('is a refusal while a process is there and cannot store', () => {
    const stretches = [able(0, 100, 'stopped'), refusing(200, 300), able(400, 1_000)];
    expect(downtimeWindows(stretches, 0, 1_000)).toEqual([
      { from: 100, to: 200, cause: 'stopped' },
      { from: 200, to: 300, cause: 'refusing' },
      { from: 300, to: 400, cause: 'crash' },
    ]);
  });

  it('is not said before it is sure that nobody beats any more', () => {
    expect(downtimeWindows([open(0, 100), able(300, 1_000)], 0, 1_000)).toEqual([]);
  });

  it('goes on until now where the last heartbeat is too long ago, and not while it is recent', () => {
    const now = LONGEST_BEAT_MS + 1_000;
    expect(downtimeWindows([open(0, 900)], 0, now)).toEqual([{ from: 900, to: now, cause: 'crash' }]);
    expect(downtimeWindows([open(0, 1_000)], 0, now)).toEqual([]);
    expect(downtimeWindows([able(0, 1_000, 'stopped')], 0, now)).toEqual([
      { from: 1_000, to: now, cause: 'stopped' },
    ]);
  });

  it('covers exactly the moments that no able stretch covers', () => {
    const stretch = fc
      .tuple(fc.boolean(), fc.nat(60), fc.nat(20), fc.constantFrom('stopped' as const, 'moved' as const))
      .map(([isAble, first, length, ending]) => ({ able: isAble, first, last: first + length, ending }));
    fc.assert(
      fc.property(
        fc.array(stretch, { minLength: 1, maxLength: 8 }),
        fc.nat(40),
        fc.integer({ min: 41, max: 100 }),
        (stretches, since, until) => {
          const windows = downtimeWindows(stretches, since, until);
          const start = Math.max(since, Math.min(...stretches.map(({ first }) => first)));
          for (let at = since + 0.5; at < until; at++) {
            const covered = stretches.some((each) => each.able && each.first < at && at < each.last);
            const down = windows.filter(({ from, to }) => from < at && at < to);
            expect([at, down.length]).toEqual([at, at < start || covered ? 0 : 1]);
            const refused = stretches.some((each) => !each.able && each.first < at && at < each.last);
            if (down[0] !== undefined) expect(down[0].cause === 'refusing').toBe(refused);
          }
          for (const [index, window] of windows.entries())
            expect(window.from).toBeGreaterThanOrEqual(windows[index - 1]?.to ?? since);
        },
      ),
    );
  });
});
