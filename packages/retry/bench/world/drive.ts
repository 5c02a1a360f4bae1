import type { Client, ClientCall } from './clients.ts';
import type { VirtualTime } from './virtual-time.ts';

/** A call and when it is made, in milliseconds from the start. */
export interface PlannedCall extends ClientCall {
  readonly atMs: number;
}

/** What became of the calls. */
export interface Driven {
  readonly calls: number;
  readonly succeeded: number;
  /** Time to success, milliseconds, ascending. */
  readonly times: readonly number[];
}

/**
 * Makes the calls when they are due and waits for all. A success after the caller's patience counts for nothing.
 *
 * @param counts which calls are measured; default all
 */
export async function drive(
  time: VirtualTime,
  client: Client,
  planned: readonly PlannedCall[],
  patienceMs: number,
  counts: (call: PlannedCall) => boolean = () => true,
): Promise<Driven> {
  const start = time.now();
  const times: number[] = [];
  let calls = 0;
  const all = planned.map(
    (call) =>
      new Promise<void>((resolve) => {
        time.setTimeout(
          () => {
            const began = time.now();
            void client.call(call).then((ok) => {
              const took = time.now() - began;
              if (ok && took <= patienceMs && counts(call)) times.push(took);
              resolve();
            });
          },
          start + call.atMs - time.now(),
        );
      }),
  );
  for (const call of planned) if (counts(call)) calls++;
  await time.until(Promise.all(all));
  times.sort((one, other) => one - other);
  return { calls, succeeded: times.length, times };
}

/** The value below which a share of the sorted values lies. */
export function percentile(sorted: readonly number[], share: number): number {
  if (sorted.length === 0) return Number.NaN;
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] as number;
}
