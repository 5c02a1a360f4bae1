import type { AccountMonitor } from '@nylas-otel/repair';
import type { NylasStore } from '@nylas-otel/store';
import type { Settings } from '../options/settings.ts';
import type { ProgressReport } from '../terminal/progress-line.ts';

/** What an operation works with, in an exporter or in the command itself. */
export interface OperationWorld {
  readonly settings: Settings;
  readonly store: NylasStore;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly now: () => number;
  /** Values that must not be in anything that is handed out. */
  readonly secrets: readonly string[];
  /** Aborted when the caller leaves or the process ends. */
  readonly signal: AbortSignal;
  progress(report: ProgressReport): void;
  /** The parts of a running exporter; undefined in a command by itself. */
  readonly exporter: ExporterParts | undefined;
}

/** What of a running exporter operations may ask. */
export interface ExporterParts {
  status(): Promise<object>;
  /** Undefined without credentials. */
  readonly monitor: AccountMonitor | undefined;
}

/**
 * Something that is done with the store: by the running exporter when a command asks it over its socket, else by the
 * command itself. Input and result survive JSON.
 */
export interface Operation<Input, Result> {
  readonly name: string;
  /** True when it changes anything: then the journal says who asked. */
  readonly changes: boolean;
  run(input: Input, world: OperationWorld): Promise<Result>;
}
