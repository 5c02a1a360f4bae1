import { differenceOf, interleaved, isClear } from '../measure/interleaved.ts';
import type { LaneFacts } from '../measure/lane-process.ts';
import { type Row, rowOf } from '../row.ts';
import type { SetupName } from '../telemetry/setups.ts';

interface Promised {
  readonly name: string;
  readonly ours: SetupName;
  /** The same process without us. */
  readonly without: SetupName;
  readonly way: 'channels' | 'dispatch';
}

const PROMISES: readonly Promised[] = [
  { name: 'foreign host: no other instrumentation', ours: 'oursAlone', without: 'nothing', way: 'channels' },
  {
    name: 'foreign host: beside undici instrumentation',
    ours: 'oursAroundIgnoring',
    without: 'ignoring',
    way: 'channels',
  },
  { name: 'foreign host: dispatched by npm undici', ours: 'oursAlone', without: 'nothing', way: 'dispatch' },
];
const PEERS: { readonly [setup: string]: string } = {
  nothing: 'the same requests with no subscriber',
  ignoring: '@opentelemetry/instrumentation-undici 0.34.0 told to ignore them',
};
const LIMIT_NS = 150;
const HTTP = 'foreign host: node:http';

export const names: readonly string[] = [...PROMISES.map(({ name }) => name), HTTP];

/** What we add to requests that do not go to Nylas. */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const found: Row[] = [];
  for (const way of ['channels', 'dispatch'] as const) {
    const promises = PROMISES.filter((promise) => promise.way === way && wanted(promise.name));
    if (promises.length === 0) continue;
    const setups = new Set(promises.flatMap(({ ours, without }) => [ours, without]));
    const measured = await interleaved({
      lanes: [...setups].map((setup) => ({
        name: setup,
        module: new URL('../lanes/foreign-requests.ts', import.meta.url),
        args: [setup, way],
      })),
      times: 65_536,
      warmUp: 6,
      rounds: 30,
      generations: [4, 8],
      clear: (sofar) =>
        promises.every(({ ours, without }) => isClear(differenceOf(sofar, ours, without), LIMIT_NS)),
      verify,
    });
    for (const { name, ours, without } of promises) {
      found.push(rowOf(name, differenceOf(measured, ours, without), 'ns', LIMIT_NS, PEERS[without] ?? ''));
    }
  }
  if (wanted(HTTP)) {
    const measured = await interleaved({
      lanes: ['without', 'with'].map((name) => ({
        name,
        module: new URL('../lanes/http-requests.ts', import.meta.url),
        args: [name],
      })),
      times: 8_192,
      warmUp: 10,
      rounds: 30,
      generations: [4, 8],
      clear: (sofar) => isClear(differenceOf(sofar, 'with', 'without'), LIMIT_NS),
    });
    found.push(rowOf(HTTP, differenceOf(measured, 'with', 'without'), 'ns', LIMIT_NS, PEERS.nothing ?? ''));
  }
  return found;
}

// Nothing of a foreign request may be recorded.
function verify(setup: string, facts: LaneFacts): void {
  for (const [fact, value] of Object.entries(facts)) {
    if (value !== 0) throw new Error(`lane "${setup}": ${fact} is ${value}, expected 0`);
  }
}
