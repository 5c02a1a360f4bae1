import { type ChildProcess, fork } from 'node:child_process';
import type { LaneFacts, LaneOrder, LaneReport } from './lane-process.ts';

/** A kind of process to be measured against others. */
export interface LaneSpec {
  readonly name: string;
  /** The module it runs, which calls `serveLane`. */
  readonly module: URL;
  readonly args?: readonly string[];
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A running process of a lane. It works only when told to, so that lanes in turn do not disturb each other. */
export class Lane {
  readonly name: string;
  readonly #child: ChildProcess;
  #answer: ((report: LaneReport) => void) | undefined;

  private constructor(spec: LaneSpec) {
    this.name = spec.name;
    this.#child = fork(spec.module, spec.args ?? [], {
      execArgv: [...(spec.execArgv ?? [])],
      env: { ...process.env, ...spec.env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#child.on('message', (report) => this.#answered(report as LaneReport));
    this.#child.on('exit', (code, signal) =>
      this.#answered({ error: `the process of lane "${spec.name}" ended (${signal ?? code})` }),
    );
  }

  /** Starts the process and waits until it is set up. */
  static async start(spec: LaneSpec): Promise<Lane> {
    const lane = new Lane(spec);
    await lane.#next();
    return lane;
  }

  /** CPU time of one unit of work, in nanoseconds, over `times` of them. */
  async run(times: number): Promise<number> {
    const report = await this.#order({ run: times });
    return 'cpuNs' in report ? report.cpuNs / times : Number.NaN;
  }

  /** What the process says it did, over all its runs. */
  async check(): Promise<LaneFacts> {
    const report = await this.#order({ check: true });
    return 'facts' in report ? report.facts : {};
  }

  /** Ends the process. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await ended;
  }

  #order(order: LaneOrder): Promise<LaneReport> {
    const next = this.#next();
    this.#child.send(order);
    return next;
  }

  #next(): Promise<LaneReport> {
    return new Promise((resolve, reject) => {
      this.#answer = (report) => {
        this.#answer = undefined;
        if ('error' in report) reject(new Error(report.error));
        else resolve(report);
      };
    });
  }

  #answered(report: LaneReport): void {
    this.#answer?.(report);
  }
}
