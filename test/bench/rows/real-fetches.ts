import { fork } from 'node:child_process';
import { once } from 'node:events';
import { costOf, interleaved, isClear, type Measured, ratioOf } from '../measure/interleaved.ts';
import type { LaneFacts } from '../measure/lane-process.ts';
import { installPeers, peerLabel } from '../peers/peers.ts';
import { type Row, rowOf } from '../row.ts';

const AGAINST = [
  {
    name: 'fetch: beside undici instrumentation',
    peer: 'stock',
    limit: 1.03,
    label: '@opentelemetry/instrumentation-undici 0.34.0',
  },
  { name: 'fetch: beside dd-trace', peer: 'dd-trace', limit: 1, label: peerLabel('dd-trace') },
  { name: 'fetch: beside Sentry', peer: 'sentry', limit: 1, label: peerLabel('@sentry/node') },
] as const;

export const names: readonly string[] = AGAINST.map(({ name }) => name);

/** CPU of a process that sends real fetches over the loopback interface, as a whole. */
export async function rows(wanted: (name: string) => boolean = () => true): Promise<Row[]> {
  const promises = AGAINST.filter(({ name }) => wanted(name));
  if (promises.length === 0) return [];
  if (promises.some(({ peer }) => peer !== 'stock')) installPeers();
  const server = fork(new URL('../lanes/fetch-server.ts', import.meta.url), { execArgv: [] });
  try {
    const [{ port }] = (await once(server, 'message')) as [{ port: number }];
    const setups = new Set(['nothing', 'oursAndDuration', ...promises.map(({ peer }) => peer)]);
    const measured = await interleaved({
      lanes: [...setups].map((setup) => ({
        name: setup,
        module: new URL('../lanes/fetching.ts', import.meta.url),
        args: [setup, `127.0.0.1:${port}`],
      })),
      times: 512,
      warmUp: 12,
      rounds: 24,
      generations: [3, 6],
      clear: (sofar) =>
        promises.every(({ peer, limit }) => isClear(ratioOf(sofar, 'oursAndDuration', peer), limit)),
      verify,
    });
    return promises.map(({ name, peer, limit, label }) =>
      rowOf(
        name,
        ratioOf(measured, 'oursAndDuration', peer),
        'x',
        limit,
        `${label}: ${micros(measured, peer)}, nothing: ${micros(measured, 'nothing')}`,
      ),
    );
  } finally {
    server.kill();
  }
}

// As many spans as requests: an agent that does nothing must not pass for a light one.
function verify(lane: string, { requests, spans }: LaneFacts, units: number): void {
  if (requests !== units) throw new Error(`lane "${lane}": ${requests} requests of ${units}`);
  const expected = lane === 'nothing' ? 0 : units;
  if (spans !== expected) throw new Error(`lane "${lane}": ${spans} spans, expected ${expected}`);
}

function micros(measured: Measured, lane: string): string {
  return `${(costOf(measured, lane) / 1_000).toFixed(0)} µs of CPU a request`;
}
