import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { DeliveriesInHand } from './in-hand.ts';

const LIMITS = { maxInFlight: 3, maxInFlightBytes: 100, maxBodyBytes: 1_000, deadlineMs: 8_000 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const enter = (all: DeliveriesInHand) => all.enter(performance.now());
const code = (expected: string) => expect.objectContaining({ code: expected });

describe('deliveries in hand', () => {
  it('are bounded in number and in bytes; who leaves makes room', () => {
    const all = new DeliveriesInHand(LIMITS);
    const [first, second] = [enter(all), enter(all), enter(all)];
    expect(() => enter(all)).toThrow(code('NYLAS_WEBHOOK_OVERLOADED'));
    all.leave(second as NonNullable<typeof second>);
    first?.take(60);
    const third = enter(all);
    expect(() => third.take(41)).toThrow(code('NYLAS_WEBHOOK_OVERLOADED'));
    third.take(40);
    expect([all.size, all.bytes]).toEqual([3, 100]);
    all.leave(third);
    expect([all.size, all.bytes]).toEqual([2, 60]);
  });

  it('let nobody in while no byte is left', () => {
    const all = new DeliveriesInHand(LIMITS);
    enter(all).take(100);
    expect(() => enter(all)).toThrow(code('NYLAS_WEBHOOK_OVERLOADED'));
  });

  it('give nothing to a reader that goes on after its delivery was answered, and back only once', () => {
    const all = new DeliveriesInHand(LIMITS);
    const delivery = enter(all);
    delivery.take(10);
    all.leave(delivery);
    all.leave(delivery);
    expect(() => delivery.take(1)).toThrow(code('NYLAS_WEBHOOK_OVERLOADED'));
    expect([all.size, all.bytes]).toEqual([0, 0]);
  });

  it('end each at its own time, though one timer serves them all', () => {
    const all = new DeliveriesInHand(LIMITS);
    const ended: string[] = [];
    enter(all).onLate(() => ended.push('first'));
    vi.advanceTimersByTime(3_000);
    enter(all).onLate(() => ended.push('second'));
    const third = enter(all);
    third.onLate(() => ended.push('third'));
    all.leave(third);
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(4_999);
    expect(ended).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ended).toEqual(['first']);
    vi.advanceTimersByTime(3_000);
    expect(ended).toEqual(['first', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('time the next one too when all before have left', () => {
    const all = new DeliveriesInHand(LIMITS);
    all.leave(enter(all));
    vi.advanceTimersByTime(5_000);
    const ended = vi.fn();
    enter(all).onLate(ended);
    vi.advanceTimersByTime(7_999);
    expect(ended).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(ended).toHaveBeenCalledExactlyOnceWith(code('NYLAS_WEBHOOK_DEADLINE'));
  });

  it('tell the inbox, and whoever asks afterwards', async () => {
    const all = new DeliveriesInHand(LIMITS);
    const delivery = enter(all);
    const { signal } = delivery;
    const waiting = delivery.race(new Promise(() => undefined));
    const refused = expect(waiting).rejects.toEqual(code('NYLAS_WEBHOOK_DEADLINE'));
    vi.advanceTimersByTime(8_000);
    await refused;
    expect(signal.aborted).toBe(true);
    await expect(delivery.race(Promise.resolve())).rejects.toEqual(code('NYLAS_WEBHOOK_DEADLINE'));
    const unasked = enter(all);
    vi.advanceTimersByTime(8_000);
    expect(unasked.signal.aborted).toBe(true);
  });
});
