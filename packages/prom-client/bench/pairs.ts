/** One line of `npm run bench`. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  limit: number;
  holds: boolean;
  peer: string;
}

/** Something to be timed: does its work `times` times over. */
export type Work = (times: number) => void | Promise<void>;

/**
 * How much longer `ours` takes than `peer`: both are run in turn, in either order, and the median of the ratios is
 * taken, so that what else the machine does meets both alike.
 */
export async function ratio(ours: Work, peer: Work, times: number, pairs: number): Promise<number> {
  for (let warmUp = 0; warmUp < 3; warmUp++) {
    await ours(times);
    await peer(times);
  }
  const ratios: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const first = pair % 2 === 0 ? ours : peer;
    const firstTime = await seconds(first, times);
    const secondTime = await seconds(first === ours ? peer : ours, times);
    ratios.push(first === ours ? firstTime / secondTime : secondTime / firstTime);
  }
  ratios.sort((a, b) => a - b);
  return ratios[Math.floor(ratios.length / 2)] as number;
}

/** A row that holds while the ratio is at most the limit. */
export function row(name: string, value: number, limit: number, peer: string): Row {
  return { name, value: Math.round(value * 1_000) / 1_000, unit: 'x', limit, holds: value <= limit, peer };
}

async function seconds(work: Work, times: number): Promise<number> {
  // The cost of garbage made by the one must not fall on the other.
  globalThis.gc?.();
  const start = process.hrtime.bigint();
  await work(times);
  return Number(process.hrtime.bigint() - start) / 1e9;
}
