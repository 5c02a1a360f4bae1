import { fork } from 'node:child_process';

/** One line of `npm run bench`. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  limit: number;
  holds: boolean;
  peer: string;
  interval: readonly [number, number];
}

// What is compiled how, and where it lies, differs from process to process by more than pairs in one of them do.
const PROCESSES = 9;
const LIMIT = 1.25;

/** The names of the rows, so that a filter can leave them out without running them. */
export const names: readonly string[] = ['webhooks: verify and respond to a bare HMAC handler'];

/** CPU of verify, parse, dedupe, store in memory and answer, beside a bare handler that only does the HMAC. */
export async function rows(): Promise<Row[]> {
  const ratios: number[] = [];
  for (let process = 0; process < PROCESSES; process++) ratios.push(...(await ratiosOfAProcess()));
  ratios.sort((a, b) => a - b);
  const ranked = (rank: number) => Math.round((ratios[rank] as number) * 1_000) / 1_000;
  const half = Math.floor(ratios.length / 2);
  // Ranks of the 95 % interval of a median: 1.96 standard deviations of a fair coin.
  const off = Math.ceil(0.98 * Math.sqrt(ratios.length));
  const value = ranked(half);
  return [
    {
      name: names[0] as string,
      value,
      unit: 'x',
      limit: LIMIT,
      holds: value <= LIMIT,
      peer: 'node:http, HMAC only',
      interval: [ranked(half - off), ranked(half + off)],
    },
  ];
}

async function ratiosOfAProcess(): Promise<readonly number[]> {
  const child = fork(new URL('verify-respond-process.ts', import.meta.url), { execArgv: [] });
  return await new Promise((resolve, reject) => {
    child.once('message', (ratios) => resolve(ratios as readonly number[]));
    child.once('exit', (code) => reject(new Error(`a measuring process ended with ${code} and no result`)));
  });
}
