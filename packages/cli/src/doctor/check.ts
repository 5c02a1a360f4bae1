import type { CommandContext } from '../commands/command.ts';
import type { NylasOtelError } from '../errors.ts';
import type { NylasClient, NylasReply } from '../nylas/nylas-client.ts';
import type { Done } from '../operations/call-operation.ts';
import type { StoreReport } from '../operations/store-operations.ts';
import type { Progress } from '../terminal/progress.ts';

/** How a check ended. `skip`: it could not be made; its finding says what would let it. */
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skip';

/** What a check found. */
export interface Finding {
  readonly status: CheckStatus;
  /** What is so, as a sentence. */
  readonly finding: string;
  /** What to do; for `warn` and `fail`. */
  readonly fix?: string;
}

/** One thing the doctor looks at. A file each in `checks/`. */
export interface Check {
  /** In kebab case; `--only` takes it. */
  readonly name: string;
  /** What it looks at, for help and reference. */
  readonly looksAt: string;
  /** @param progress is told how far it is, where it may take long */
  run(visit: Visit, progress: Progress): Promise<Finding>;
}

/** What checks share, each asked for once a visit. */
export interface Visit {
  readonly context: CommandContext;
  /** Undefined where no credentials are given. */
  readonly client: NylasClient | undefined;
  /** The application, which every valid key may read. */
  application(): Promise<NylasReply | undefined>;
  /** The first page of webhook destinations. */
  destinations(): Promise<NylasReply | undefined>;
  /** The store, asked through the running exporter or opened for it; undefined where there is none. */
  store(): Promise<Done<StoreReport> | NylasOtelError | undefined>;
  /** Asks any address. Never rejects. */
  fetch(url: string, init?: RequestInit): Promise<Response | Error>;
}

/** It is as it should be. */
export const pass = (finding: string): Finding => ({ status: 'pass', finding });
/** It works, yet somebody will be sorry. */
export const warn = (finding: string, fix: string): Finding => ({ status: 'warn', finding, fix });
/** It does not work. */
export const fail = (finding: string, fix: string): Finding => ({ status: 'fail', finding, fix });
/** It could not be looked at. */
export const skip = (finding: string): Finding => ({ status: 'skip', finding });

/** For every check that needs Nylas and has no credentials. */
export const NO_CREDENTIALS: Finding = skip('Needs credentials for Nylas.');
