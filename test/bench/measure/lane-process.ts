/** What one kind of process is to do for a measurement. Runs inside that process. */
export interface LaneWork {
  /** Gets ready for the next `times` units; not timed. Needs {@link batch}. */
  prepare?(times: number): void;
  /** Most units of work after one `prepare`. */
  readonly batch?: number;
  /** Does the work `times` times over; only this is timed. */
  run(times: number): Promise<void>;
  /**
   * Figures that show that the work was done as it says (spans exported, requests counted), after all the runs: what is
   * cheap because it broke must not pass for fast.
   */
  check(): Promise<LaneFacts>;
}

export type LaneFacts = Readonly<Record<string, number>>;

/** From the measuring process: what to do. */
export type LaneOrder = { readonly run: number } | { readonly check: true };

/** To the measuring process: how it went. */
export type LaneReport =
  | { readonly ready: true }
  | { readonly cpuNs: number }
  | { readonly facts: LaneFacts }
  | { readonly error: string };

/** Serves a lane from this process until the measuring process lets go of it. */
export async function serveLane(
  setUp: (args: readonly string[]) => Promise<LaneWork> | LaneWork,
): Promise<void> {
  const report = (message: LaneReport) => process.send?.(message);
  const failed = (error: unknown) =>
    report({ error: error instanceof Error ? `${error.stack}` : String(error) });
  try {
    const work = await setUp(process.argv.slice(2));
    process.on('message', (order: LaneOrder) => {
      const done = 'run' in order ? timed(work, order.run) : work.check().then((facts) => ({ facts }));
      done.then(report, failed);
    });
    report({ ready: true });
  } catch (error) {
    failed(error);
  }
}

// CPU of the whole process, its garbage collector and compiler threads included; what others on the machine do counts less.
async function timed(work: LaneWork, times: number): Promise<LaneReport> {
  let cpuNs = 0;
  for (let left = times; left > 0; ) {
    const batch = Math.min(left, work.batch ?? times);
    work.prepare?.(batch);
    const before = process.cpuUsage();
    await work.run(batch);
    const { user, system } = process.cpuUsage(before);
    cpuNs += (user + system) * 1_000;
    left -= batch;
  }
  return { cpuNs };
}
