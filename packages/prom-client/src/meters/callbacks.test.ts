import { DiagLogLevel, diag, type Observable } from '@opentelemetry/api';
import client from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseExposition, samplesOf } from '../../test/exposition.ts';
import { createPromMeterProvider } from './meter-provider.ts';

const error = vi.fn();
let register: client.Registry;
const meter = () => createPromMeterProvider({ register }).getMeter('m');
const scrape = async () => parseExposition(await register.metrics());

beforeEach(() => {
  register = new client.Registry();
  const silent = () => {};
  error.mockClear();
  diag.setLogger({ warn: silent, error, info: silent, debug: silent, verbose: silent }, DiagLogLevel.ERROR);
});
afterEach(() => {
  diag.disable();
  vi.useRealTimers();
});

describe('callbacks of observable instruments', () => {
  it('run once a scrape, however many metrics the registry prints', async () => {
    const m = meter();
    const callback = vi.fn();
    const batch = vi.fn();
    const observables = ['a', 'b', 'c'].map((name) => m.createObservableGauge(name));
    for (const observable of observables) observable.addCallback(callback);
    m.addBatchObservableCallback(batch, observables);
    await register.metrics();
    expect(callback).toHaveBeenCalledTimes(3);
    expect(batch).toHaveBeenCalledTimes(1);
    await register.getMetricsAsJSON();
    expect(batch).toHaveBeenCalledTimes(2);
  });

  it('run once for scrapes that come together', async () => {
    const callback = vi.fn(async () => {});
    meter().createObservableGauge('a').addCallback(callback);
    await Promise.all([register.metrics(), register.metrics(), register.getMetricsAsJSON()]);
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('are added once and removed', async () => {
    const gauge = meter().createObservableGauge('a');
    const callback = vi.fn();
    gauge.addCallback(callback);
    gauge.addCallback(callback);
    await register.metrics();
    expect(callback).toHaveBeenCalledTimes(1);
    gauge.removeCallback(callback);
    await register.metrics();
    expect(callback).toHaveBeenCalledTimes(1);
  });

  it('of a batch report only the instruments of the batch, and are removed with the same ones', async () => {
    const m = meter();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => m.createObservableGauge(name)) as [
      Observable,
      Observable,
      Observable,
    ];
    const callback = vi.fn((result) => {
      for (const observable of [a, b, c, {}]) result.observe(observable, 1, { x: 'y' });
    });
    m.addBatchObservableCallback(callback, [a, b]);
    m.addBatchObservableCallback(callback, [b, a]);
    const families = await scrape();
    expect(callback).toHaveBeenCalledTimes(1);
    expect(samplesOf(families, 'a')).toEqual({ 'a{x="y"}': 1 });
    expect(samplesOf(families, 'b')).toEqual({ 'b{x="y"}': 1 });
    expect(samplesOf(families, 'c')).toEqual({});
    m.removeBatchObservableCallback(callback, [a]);
    await scrape();
    expect(callback).toHaveBeenCalledTimes(2);
    m.removeBatchObservableCallback(callback, [b, a]);
    await scrape();
    expect(callback).toHaveBeenCalledTimes(2);
  });

  it('decide at each scrape which series there are', async () => {
    let accounts = ['one', 'two'];
    meter()
      .createObservableGauge('status')
      .addCallback((result) => {
        for (const account of accounts) result.observe(1, { account });
      });
    expect(Object.keys(samplesOf(await scrape(), 'status'))).toEqual([
      'status{account="one"}',
      'status{account="two"}',
    ]);
    accounts = ['two', 'three'];
    expect(Object.keys(samplesOf(await scrape(), 'status'))).toEqual([
      'status{account="two"}',
      'status{account="three"}',
    ]);
    accounts = [];
    expect(samplesOf(await scrape(), 'status')).toEqual({});
  });

  it('may report a series twice: the last value counts', async () => {
    meter()
      .createObservableCounter('x')
      .addCallback((result) => {
        result.observe(1, { a: 1 });
        result.observe(5, { a: '1' });
      });
    expect(samplesOf(await scrape(), 'x_total')).toEqual({ 'x_total{a="1"}': 5 });
  });

  it('may be asynchronous', async () => {
    meter()
      .createObservableGauge('slow')
      .addCallback(async (result) => {
        await new Promise(setImmediate);
        result.observe(4);
      });
    expect(samplesOf(await scrape(), 'slow')).toEqual({ 'slow{}': 4 });
  });

  it('that fail are dropped, reported and do not take the others with them', async () => {
    const m = meter();
    m.createObservableGauge('a').addCallback(() => {
      throw new Error('sync');
    });
    m.createObservableGauge('b').addCallback(() => Promise.reject(new Error('async')));
    m.createObservableGauge('c').addCallback((result) => result.observe(1));
    expect(samplesOf(await scrape(), 'c')).toEqual({ 'c{}': 1 });
    expect(error).toHaveBeenCalled();
  });

  it('that never end hold one scrape up, for five seconds at most, and are not heard or called again before they end', async () => {
    vi.useFakeTimers();
    const m = meter();
    let late: (() => void) | undefined;
    const callback = vi.fn(
      (result) =>
        new Promise<void>((resolve) => {
          late = () => {
            result.observe(9);
            resolve();
          };
        }),
    );
    m.createObservableGauge('stuck').addCallback(callback);
    m.createObservableGauge('fine').addCallback((result) => result.observe(1));
    const first = register.metrics();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(samplesOf(parseExposition(await first), 'fine')).toEqual({ 'fine{}': 1 });
    expect(samplesOf(await scrape(), 'stuck')).toEqual({});
    expect(callback).toHaveBeenCalledTimes(1);
    late?.();
    await vi.advanceTimersByTimeAsync(0);
    const second = register.metrics();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(samplesOf(parseExposition(await second), 'stuck')).toEqual({});
    expect(callback).toHaveBeenCalledTimes(2);
  });

  it('are not heard in a later round than their own', async () => {
    vi.useFakeTimers();
    const m = meter();
    const ends: (() => void)[] = [];
    const observing = vi.fn(
      (result) =>
        new Promise<void>((resolve) => {
          ends.push(() => {
            result.observe(9);
            resolve();
          });
        }),
    );
    const held = vi.fn(() => new Promise<void>((resolve) => ends.push(resolve)));
    m.createObservableGauge('late').addCallback(observing);
    m.createObservableGauge('held').addCallback(held);
    const first = register.metrics();
    ends[1]?.();
    await vi.advanceTimersByTimeAsync(5_000);
    await first;
    const second = register.metrics();
    expect([observing.mock.calls.length, held.mock.calls.length]).toEqual([1, 2]);
    ends[0]?.();
    ends[2]?.();
    expect(samplesOf(parseExposition(await second), 'late')).toEqual({});
  });

  it('that come and go leave nothing behind', async () => {
    let generation = 0;
    meter()
      .createObservableGauge('churn')
      .addCallback((result) => {
        for (let i = 0; i < 100; i++) result.observe(i, { account: `${generation}-${i}` });
      });
    for (generation = 0; generation < 100; generation++) {
      expect((await scrape()).get('churn')?.samples).toHaveLength(100);
    }
  });
});
