import { ACCOUNT_STATES, type AccountState } from '@nylas-otel/nylas-api';
import { openStore } from '@nylas-otel/store';
import { type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { instrumentHub } from '@nylas-otel/telemetry';
import { PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { readMonitorOptions } from '../src/monitor/monitor-options.ts';
import { SharedGauges } from '../src/monitor/shared-gauges.ts';
import { DurableTracker } from '../src/tracking/durable-tracker.ts';

/** One line of `npm run bench`. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  limit: number;
  holds: boolean;
  peer: string;
}

const SIZES = [1_000, 100_000, 1_000_000];
const BATCH = 1_000;
const SIDE_BY_SIDE = 4;
const ROUNDS = 60;
const COLLECTS = 100;
const EVENTS = 60_000;

const EXACT = 'repair: account gauges that differ from the truth, with 1,000, 100,000 and 1,000,000 accounts';
const BYTES = 'repair: size of the account part of /metrics, 1,000,000 accounts to 1,000';
const TIME = 'repair: time to collect the account part of /metrics, 1,000,000 accounts to 1,000';
const MEMORY = 'repair: heap of a process that tracked 1,000,000 accounts to one that tracked 1,000';
const EVENT = 'repair: one state event into PostgreSQL, with what it sets going';

/** The names of the rows, so that a filter can leave them out without running them. */
export const names: readonly string[] = [EXACT, BYTES, TIME, MEMORY, EVENT];

class Reader extends MetricReader {
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

const PROVIDERS = ['google', 'microsoft', 'imap', 'icloud', 'yahoo', 'ews'];
// One in a hundred is broken, in one of many ways.
const BROKEN: readonly AccountState[] = ['invalid', 'stopped', 'partial', 'sync_error'];

function stateOf(index: number): AccountState {
  return index % 100 === 7 ? (BROKEN[Math.floor(index / 100) % BROKEN.length] as AccountState) : 'running';
}

const providerOf = (index: number): string => PROVIDERS[index % PROVIDERS.length] as string;

function update(index: number, state: AccountState, time: number) {
  const reading = {
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    email: `user.${index}@example.org`,
    provider: providerOf(index),
    state,
    raw: state,
  };
  return { reading, time, signal: 'poll' as const };
}

/** A database with so many accounts, and the gauges over it. */
async function filled(server: PostgresServer, size: number) {
  const store = await openStore({ databaseUrl: await server.createDatabase() });
  const tracker = new DurableTracker(store, { transition: () => {}, wantReread: () => {} }, Date.now);
  const time = Date.now() - 3_600_000;
  let next = 0;
  const fill = async (): Promise<void> => {
    while (next < size) {
      const from = next;
      next += BATCH;
      const batch = Array.from({ length: Math.min(BATCH, size - from) }, (_, offset) =>
        update(from + offset, stateOf(from + offset), time),
      );
      await tracker.apply(batch);
    }
  };
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, fill));
  const settings = readMonitorOptions({ apiKey: 'nyk_bench', store, captureAccountId: 'none' });
  const control = { pause: async () => undefined };
  const runtime = { now: () => time, random: () => 0.5, sleep: () => new Promise<void>(() => {}) };
  const gauges = (): SharedGauges => new SharedGauges(settings, control, { ...runtime, sleep: endless });
  return { size, store, tracker, gauges, heap: settledHeap() };
}

function endless(_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

type Filled = Awaited<ReturnType<typeof filled>>;

function settledHeap(): number {
  for (let pass = 0; pass < 3; pass++) (globalThis as { gc?: () => void }).gc?.();
  return process.memoryUsage().heapUsed;
}

/** What differs between the gauges and what is true. */
async function differences({ store, size }: Filled): Promise<number> {
  const truth = new Map<string, number>();
  for (let index = 0; index < size; index++) {
    const key = `${providerOf(index)} ${stateOf(index)}`;
    truth.set(key, (truth.get(key) ?? 0) + 1);
  }
  let wrong = 0;
  const { counts } = await store.accounts.aggregates();
  const shown = new Map(counts.map(({ provider, state, count }) => [`${provider} ${state}`, count]));
  for (const provider of PROVIDERS)
    for (const state of ACCOUNT_STATES) {
      const key = `${provider} ${state}`;
      if ((shown.get(key) ?? 0) !== (truth.get(key) ?? 0)) wrong++;
    }
  return wrong;
}

/** Bytes of the account metrics, and CPU microseconds of one collect with the text made of it. */
async function collecting(filled: Filled, reader: Reader): Promise<{ bytes: number; micros: number }> {
  const gauges = filled.gauges();
  await gauges.start();
  const serializer = new PrometheusSerializer();
  const read = async (): Promise<string> => {
    const { resourceMetrics } = await reader.collect();
    const scopeMetrics = resourceMetrics.scopeMetrics.map(({ scope, metrics }) => ({
      scope,
      metrics: metrics.filter(({ descriptor }) => /^nylas\.(account|repair)/.test(descriptor.name)),
    }));
    return serializer.serialize({ ...resourceMetrics, scopeMetrics });
  };
  const text = await read();
  const before = process.cpuUsage();
  for (let collect = 0; collect < COLLECTS; collect++) await read();
  const { user, system } = process.cpuUsage(before);
  await gauges.close();
  return { bytes: Buffer.byteLength(text), micros: (user + system) / COLLECTS };
}

/** Microseconds of wall time for one event: every one a transition, with its history and its look at repairs. */
async function perEvent({ tracker, size }: Filled): Promise<number> {
  const time = Date.now() - 1_000;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < EVENTS) {
      const from = next;
      next += 500;
      await tracker.apply(
        Array.from({ length: 500 }, (_, offset) => {
          const index = ((from + offset) * 13) % size;
          return update(
            index,
            stateOf(index) === 'running' ? 'partial' : 'running',
            time + Math.floor(from / size),
          );
        }),
      );
    }
  };
  const started = performance.now();
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  return ((performance.now() - started) * 1_000) / EVENTS;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}

function row(name: string, value: number, unit: string, limit: number, peer: string): Row {
  const rounded = Number(value.toFixed(unit === 'x' ? 3 : 1));
  return { name, value: rounded, unit, limit, holds: rounded <= limit, peer };
}

/** Measures the rows. */
export async function rows(): Promise<Row[]> {
  const server = await startPostgres();
  const reader = new Reader();
  instrumentHub.bind(reader, new MeterProvider({ readers: [reader] }));
  const worlds: Filled[] = [];
  try {
    // The code is warm before the first heap is taken.
    await (await filled(server, 5_000)).store.close();
    for (const size of SIZES) worlds.push(await filled(server, size));
    let wrong = 0;
    for (const world of worlds) wrong += await differences(world);
    const micros = worlds.map((): number[] => []);
    const bytes = worlds.map(() => 0);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [place, world] of worlds.entries()) {
        const index = (place + round) % worlds.length;
        const measured = await collecting(worlds[index] ?? world, reader);
        micros[index]?.push(measured.micros);
        bytes[index] = measured.bytes;
      }
    }
    const [small, , large] = micros;
    const ratios = (large ?? []).map((value, round) => value / (small?.[round] ?? Number.NaN));
    const heaps = worlds.map(({ heap }) => heap / 1e6);
    const event = await perEvent(worlds[1] as Filled);
    const list = (values: readonly number[], digits: number) =>
      values.map((one) => one.toFixed(digits)).join(', ');
    return [
      row(EXACT, wrong, 'series', 0, `${PROVIDERS.length * ACCOUNT_STATES.length} series at each size`),
      row(BYTES, (bytes[2] ?? 0) / (bytes[0] ?? 1), 'x', 1.1, `${list(bytes, 0)} bytes`),
      row(TIME, median(ratios), 'x', 1.1, `${list(micros.map(median), 0)} µs of CPU`),
      row(MEMORY, (heaps[2] ?? 0) / (heaps[0] ?? 1), 'x', 1.1, `${list(heaps, 1)} MB`),
      row(EVENT, event, 'µs', 200, `${Math.round(1e6 / event)} events a second, fsync on`),
    ];
  } finally {
    instrumentHub.unbind(reader);
    for (const { store } of worlds) await store.close();
    await server.stop();
  }
}
