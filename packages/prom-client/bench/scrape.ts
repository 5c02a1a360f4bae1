import * as successor from '@prometheus-io/client';
import client from 'prom-client';
import { createPromMeterProvider } from '../src/index.ts';
import { type Row, ratio, row } from './pairs.ts';

const SCRAPES = 5;
const PAIRS = 41;
const LABELS = ['method', 'template', 'status', 'version', 'address'] as const;
// 12 bounds, +Inf, sum and count: 15 lines a set.
const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90];

type Set = Record<(typeof LABELS)[number], string>;

function sets(count: number): Set[] {
  return Array.from({ length: count }, (_, i) => ({
    method: ['GET', 'POST', 'PUT', 'DELETE'][i % 4] as string,
    template: `/v3/grants/{grant_id}/resource${i}/{id}`,
    status: String(200 + (i % 5) * 100),
    version: 'v3',
    address: 'api.us.nylas.com',
  }));
}

const LIBRARIES = [
  ['prom-client 15', client],
  ['@prometheus-io/client', successor],
] as const;

type Library = (typeof LIBRARIES)[number][1];

/** A registry with 5,000 series of ours, and one with the same series of the library's own. */
const SHAPES: Record<
  string,
  (lib: Library) => [ours: { metrics(): Promise<string> }, own: { metrics(): Promise<string> }]
> = {
  counters: (lib) => {
    const [ours, own] = [new lib.Registry(), new lib.Registry()];
    const meter = createPromMeterProvider({ register: ours }).getMeter('bench');
    for (const name of ['one', 'two', 'three', 'four']) {
      const counter = meter.createCounter(name, { description: 'help' });
      const peer = new lib.Counter({
        name: `${name}_total`,
        help: 'help',
        labelNames: LABELS,
        registers: [own as never],
      });
      for (const set of sets(1_250)) {
        counter.add(3, set);
        peer.inc(set, 3);
      }
    }
    return [ours, own];
  },
  // What nearly all counters of ours are: read from plain numbers by a callback, while prom-client has them ready.
  'observed counters': (lib) => {
    const [ours, own] = [new lib.Registry(), new lib.Registry()];
    const meter = createPromMeterProvider({ register: ours }).getMeter('bench');
    for (const name of ['one', 'two', 'three', 'four']) {
      const all = sets(1_250);
      meter.createObservableCounter(name, { description: 'help' }).addCallback((result) => {
        for (const set of all) result.observe(3, set);
      });
      const peer = new lib.Counter({
        name: `${name}_total`,
        help: 'help',
        labelNames: LABELS,
        registers: [own as never],
      });
      for (const set of all) peer.inc(set, 3);
    }
    return [ours, own];
  },
  histograms: (lib) => {
    const [ours, own] = [new lib.Registry(), new lib.Registry()];
    const meter = createPromMeterProvider({ register: ours }).getMeter('bench');
    const histogram = meter.createHistogram('time', {
      description: 'help',
      unit: 's',
      advice: { explicitBucketBoundaries: BOUNDS },
    });
    const peer = new lib.Histogram({
      name: 'time_seconds',
      help: 'help',
      labelNames: LABELS,
      buckets: BOUNDS,
      registers: [own as never],
    });
    for (const [i, set] of sets(334).entries()) {
      histogram.record(i / 100, set);
      peer.observe(set, i / 100);
    }
    return [ours, own];
  },
};

/** A scrape of 5,000 series of ours is not slower than one of the same series kept by prom-client itself. */
export async function rows(): Promise<Row[]> {
  const result: Row[] = [];
  for (const [peer, lib] of LIBRARIES) {
    for (const [shape, make] of Object.entries(SHAPES)) {
      const [ours, own] = make(lib);
      const scrape = (register: { metrics(): Promise<string> }) => async (times: number) => {
        for (let i = 0; i < times; i++) await register.metrics();
      };
      const value = await ratio(scrape(ours), scrape(own), SCRAPES, PAIRS);
      result.push(row(`prom-client: scrape of 5,000 series (${shape}) to ${peer}'s own`, value, 1, peer));
    }
  }
  return result;
}
