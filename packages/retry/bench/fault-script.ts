import { type Client, PEERS, withoutRetries, withUs } from './world/clients.ts';
import { drive, type PlannedCall, percentile } from './world/drive.ts';
import { atLeast, atMost, type Row, round } from './world/row.ts';
import { ScriptedServer } from './world/scripted-server.ts';
import type { SimulatedServer } from './world/server.ts';
import { withVirtualGlobals } from './world/virtual-globals.ts';
import { seededRandom, VirtualTime } from './world/virtual-time.ts';

const GRANTS = 60;
const PER_SECOND = 60;
const SECONDS = 300;
/** Part of the calls that send mail. */
const SENDS = 0.1;
/** After this nobody waits any more. */
const PATIENCE_MS = 120_000;

interface Result {
  readonly name: string;
  /** Requests at the server for each call. */
  readonly amplification: number;
  /** Share of the calls that succeeded in time, in percent. */
  readonly success: number;
  readonly p50: number;
  readonly p99: number;
  readonly duplicates: number;
}

async function play(
  make: (server: SimulatedServer, random: () => number) => Client,
  countsRefused: boolean,
): Promise<Result> {
  const time = new VirtualTime();
  const server = new ScriptedServer(time, countsRefused);
  const random = seededRandom(23);
  return withVirtualGlobals(time, random, async () => {
    const client = make(server, random);
    const { calls, succeeded, times } = await drive(time, client, plan(), PATIENCE_MS);
    return {
      name: client.name,
      amplification: server.arrived / calls,
      success: (100 * succeeded) / calls,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      duplicates: server.duplicates,
    };
  });
}

/** Steady traffic over all grants, and three jobs that read a mailbox in one go. */
function plan(): PlannedCall[] {
  const random = seededRandom(29);
  const calls: PlannedCall[] = [];
  for (let index = 0; index < PER_SECOND * SECONDS; index++) {
    calls.push({
      atMs: (index * 1_000) / PER_SECOND,
      grant: Math.floor(random() * GRANTS),
      send: random() < SENDS,
      name: `call-${index}`,
    });
  }
  for (const [job, atMs] of [20_000, 110_000, 200_000].entries()) {
    for (let index = 0; index < 150; index++) {
      calls.push({ atMs: atMs + index * 20, grant: job, send: false, name: `job-${job}-${index}` });
    }
  }
  return calls;
}

/**
 * All results, ours first.
 *
 * @param countsRefused whether the mailbox limit counts refused requests too (Microsoft Graph does)
 */
export async function results(countsRefused: boolean): Promise<Result[]> {
  const all: Result[] = [];
  for (const make of [withUs, ...PEERS, withoutRetries]) all.push(await play(make, countsRefused));
  return all;
}

/**
 * The same five minutes of faults for every library, success and load side by side, with a strict and with a lenient
 * mailbox limit. Ours must be ahead of each peer on both.
 */
export async function rows(): Promise<Row[]> {
  return [
    ...compare(await results(true), 'fault script'),
    ...compare(await results(false), 'fault script with a lenient limit'),
  ];
}

function compare([ours, ...others]: readonly Result[], script: string): Row[] {
  if (ours === undefined) return [];
  const peers = others.filter(({ name }) => name !== 'no retries');
  const say = (what: (result: Result) => string): string =>
    others.map((result) => `${result.name} ${what(result)}`).join(', ');
  const best = Math.max(...peers.map(({ success }) => success));
  const least = Math.min(...peers.map(({ amplification }) => amplification));
  const seconds = ({ p50, p99 }: Result): string =>
    `${(p50 / 1_000).toFixed(2)}/${(p99 / 1_000).toFixed(1)} s`;
  return [
    atLeast(
      `retry: success on the ${script} (limit: best peer)`,
      round(ours.success, 2),
      '%',
      round(best, 2),
      say(({ success }) => `${success.toFixed(2)} %`),
    ),
    atMost(
      `retry: requests per call on the ${script} (limit: leanest peer)`,
      round(ours.amplification, 3),
      'x',
      round(least, 3),
      say(({ amplification }) => `${amplification.toFixed(3)}x`),
    ),
    atMost(
      `retry: p99 time to success on the ${script} (limit: patience)`,
      round(ours.p99 / 1_000, 2),
      's',
      PATIENCE_MS / 1_000,
      `median/p99: ours ${seconds(ours)}, ${say(seconds)}`,
    ),
    atMost(
      `retry: duplicate sends on the ${script}`,
      ours.duplicates,
      'duplicates',
      0,
      say(({ duplicates }) => String(duplicates)),
    ),
  ];
}
