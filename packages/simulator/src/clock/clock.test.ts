import { describe, expect, it } from 'vitest';
import { SimulatorError } from '../simulator-error.ts';
import { Clock, type ClockSettings } from './clock.ts';

/** A clock over a real time that the test turns. */
function turned(settings: Partial<ClockSettings> = {}) {
  let real = 1_000;
  const errors: unknown[] = [];
  const clock = new Clock(
    { source: () => real, start: 0, scale: 1, jumps: false, ...settings },
    (error) => void errors.push(error),
  );
  return {
    clock,
    errors,
    pass: (ms: number) => {
      real += ms;
    },
  };
}

describe('the clock', () => {
  it('runs as fast as its scale says, also when the scale changes on the way', () => {
    const { clock, pass } = turned({ scale: 60 });
    pass(1_000);
    expect(clock.now()).toBe(60_000);
    clock.setScale(2);
    pass(1_000);
    expect(clock.now()).toBe(62_000);
    clock.setScale(0);
    pass(1_000_000);
    expect(clock.now()).toBe(62_000);
  });

  it('does on the way what falls due, in order, each thing at its own time', async () => {
    const { clock } = turned({ scale: 0 });
    const done: [string, number][] = [];
    const note = (name: string) => (): void => void done.push([name, clock.now()]);
    clock.after(300, note('third'));
    clock.after(100, () => {
      note('first')();
      clock.after(50, note('second'));
    });
    clock.after(100, note('first, too'));
    clock.after(301, note('too late'));
    await clock.advance(300);
    expect(done).toEqual([
      ['first', 100],
      ['first, too', 100],
      ['second', 150],
      ['third', 300],
    ]);
    expect([clock.now(), clock.waiting]).toEqual([300, 1]);
  });

  it('waits for what it started, and advances one call after the other', async () => {
    const { clock } = turned({ scale: 0 });
    const done: string[] = [];
    clock.after(10, async () => {
      await new Promise(setImmediate);
      clock.after(10, () => void done.push(`retry at ${clock.now()}`));
    });
    const first = clock.advance(15).then(() => done.push(`moved to ${clock.now()}`));
    const second = clock.advance(15).then(() => done.push(`moved to ${clock.now()}`));
    await Promise.all([first, second]);
    expect(done).toEqual(['moved to 15', 'retry at 20', 'moved to 30']);
  });

  it('does what is due by itself, with a scale too', async () => {
    const clock = new Clock({ source: Date.now, start: 0, scale: 1_000_000, jumps: false }, () => {});
    const at = await new Promise<number>((resolve) => {
      clock.after(86_400_000, () => resolve(clock.now()));
    });
    expect(at).toBeGreaterThanOrEqual(86_400_000);
    clock.close();
  });

  it('does what is due now although time stands still, and settles', async () => {
    const { clock } = turned({ scale: 0 });
    const done: string[] = [];
    clock.after(0, async () => {
      await new Promise(setImmediate);
      clock.after(0, () => void done.push('second'));
      done.push('first');
    });
    clock.after(1, () => void done.push('later'));
    await clock.settled();
    expect(done).toEqual(['first', 'second']);
  });

  it('keeps errors for its owner, and forgets what was cancelled or cleared', async () => {
    const { clock, errors } = turned({ scale: 0 });
    const done: string[] = [];
    clock.after(1, () => {
      throw new Error('plain');
    });
    clock.after(2, () => Promise.reject(new Error('promised')));
    clock.after(3, () => void done.push('cancelled')).cancel();
    await clock.advance(10);
    expect(errors.map(String)).toEqual(['Error: plain', 'Error: promised']);
    clock.after(1, () => void done.push('cleared'));
    clock.setScale(5);
    clock.clear();
    expect([clock.now(), clock.scale, clock.waiting]).toEqual([0, 0, 0]);
    await clock.advance(10);
    expect(done).toEqual([]);
  });

  it('stops moving when it is cleared on the way', async () => {
    const { clock } = turned({ scale: 0 });
    clock.after(10, () => clock.clear());
    await clock.advance(100);
    expect(clock.now()).toBe(0);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY, '5'])('refuses to move by %s', (ms) => {
    const { clock } = turned();
    expect(() => clock.advance(ms as number)).toThrow(SimulatorError);
    expect(() => clock.setScale(ms as number)).toThrow('scale must be a number from 0');
  });
});
