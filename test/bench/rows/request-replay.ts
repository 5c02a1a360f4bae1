import { costOf, interleaved, isClear, type Measured, ratioOf } from '../measure/interleaved.ts';
import type { LaneFacts } from '../measure/lane-process.ts';
import { type Estimate, type Row, rowOf } from '../row.ts';
import type { SetupName } from '../telemetry/setups.ts';

interface Promised {
  readonly name: string;
  readonly setup: SetupName;
  readonly way: 'channels' | 'dispatch';
  /** `x`: times the peer's cost. `+x`: what is added to it. */
  readonly unit: 'x' | '+x';
  readonly limit: number;
}

const PROMISES: readonly Promised[] = [
  { name: 'request: our span and all metrics', setup: 'ours', way: 'channels', unit: 'x', limit: 1 },
  {
    name: 'request: the same, undici histogram kept',
    setup: 'oursAndDuration',
    way: 'channels',
    unit: 'x',
    limit: 1.15,
  },
  { name: 'request: enriching a foreign span', setup: 'enriched', way: 'channels', unit: '+x', limit: 0.6 },
  {
    name: 'request: our span, dispatched by npm undici',
    setup: 'ours',
    way: 'dispatch',
    unit: 'x',
    limit: 1,
  },
];
const PEER = '@opentelemetry/instrumentation-undici 0.34.0';

export const names: readonly string[] = PROMISES.map(({ name }) => name);

/** What a Nylas request costs against what stock instrumentation-undici costs by itself, channel events replayed. */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const found: Row[] = [];
  for (const way of ['channels', 'dispatch'] as const) {
    const promises = PROMISES.filter((promise) => promise.way === way && wanted(promise.name));
    if (promises.length === 0) continue;
    const setups: SetupName[] = ['nothing', 'stock', ...promises.map(({ setup }) => setup)];
    const measured = await interleaved({
      lanes: setups.map((setup) => ({
        name: setup,
        module: new URL('../lanes/replaying.ts', import.meta.url),
        args: [setup, way],
      })),
      times: 8_192,
      warmUp: 14,
      rounds: 20,
      generations: [3, 6],
      clear: (sofar) => promises.every((promise) => isClear(estimate(sofar, promise), promise.limit)),
      verify,
    });
    for (const promise of promises) {
      const peer = `${PEER}: ${ns(measured, 'stock')} ns`;
      found.push(rowOf(promise.name, estimate(measured, promise), promise.unit, promise.limit, peer));
    }
  }
  return found;
}

function estimate(measured: Measured, { setup, unit }: Promised): Estimate {
  const ratio = ratioOf(measured, setup, 'stock', 'nothing');
  if (unit === 'x') return ratio;
  return { value: ratio.value - 1, interval: [ratio.interval[0] - 1, ratio.interval[1] - 1] };
}

function ns(measured: Measured, setup: SetupName): number {
  return Math.round(costOf(measured, setup) - costOf(measured, 'nothing'));
}

function verify(setup: string, facts: LaneFacts, units: number): void {
  const our = setup.startsWith('ours') || setup === 'enriched';
  const expected: LaneFacts = {
    jobs: units / 8,
    stockSpans: setup === 'stock' || setup === 'enriched' ? units : 0,
    ourSpans: setup.startsWith('ours') ? units : 0,
    counted: our ? units : 0,
    timed: our ? units : 0,
    httpTimed: setup === 'nothing' || setup === 'ours' ? 0 : units,
    errors: 0,
  };
  for (const [fact, value] of Object.entries(expected)) {
    if (facts[fact] !== value)
      throw new Error(`lane "${setup}": ${fact} is ${facts[fact]}, expected ${value}`);
  }
}
