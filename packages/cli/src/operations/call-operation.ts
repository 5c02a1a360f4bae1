import { existsSync } from 'node:fs';
import type { CommandContext } from '../commands/command.ts';
import { askExporter } from '../control/control-client.ts';
import { answers } from '../control/control-server.ts';
import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { openState, pgliteFolder, storeInWords } from '../state/open-state.ts';
import { dataFolder, socketPath } from '../state/state-paths.ts';
import type { Progress } from '../terminal/progress.ts';
import { runOperation } from './run-operation.ts';

/** Who did an operation. */
export type DoneBy = 'exporter' | 'command';

/** What came of an operation. */
export interface Done<Result> {
  readonly by: DoneBy;
  readonly result: Result;
}

/** How an operation is called. */
export interface CallOptions {
  /** Makes an embedded store where there is none yet. Default false: it would be empty. */
  readonly create?: boolean;
}

/** The socket of the exporter that runs with these settings; undefined where none answers. */
export async function runningExporter({ settings, env, cwd }: CommandContext): Promise<string | undefined> {
  const path = socketPath(settings, env, cwd);
  return path !== undefined && existsSync(path) && (await answers(path)) ? path : undefined;
}

/** True where there is a store that this command may open itself. */
export function hasState({ settings, env, cwd }: CommandContext): boolean {
  if (settings['store.database_url'] !== undefined) return true;
  return dataFolder(settings, env, cwd) !== 'memory' && existsSync(pgliteFolder(settings, env, cwd));
}

/**
 * Does an operation: in the running exporter where there is one, else here, with the store opened for it. Says how far it
 * is where it takes long.
 *
 * @throws NylasOtelError
 */
export async function callOperation<Input, Result>(
  context: CommandContext,
  operation: Operation<Input, Result>,
  input: Input,
  { create = false }: CallOptions = {},
): Promise<Done<Result>> {
  const { output, signal } = context;
  const socket = await runningExporter(context);
  if (socket !== undefined) {
    const result = await output.during('asking the exporter', (progress) =>
      askExporter<Result>(socket, operation.name, input, {
        signal,
        progress: (report) => progress.update(report),
      }),
    );
    return { by: 'exporter', result };
  }
  return await output.during('opening the store', async (progress) => ({
    by: 'command',
    result: await doHere(context, operation, input, create, progress),
  }));
}

async function doHere<Input, Result>(
  context: CommandContext,
  operation: Operation<Input, Result>,
  input: Input,
  create: boolean,
  progress: Progress,
): Promise<Result> {
  const { settings, env, cwd, signal, now } = context;
  if (!create && !hasState(context)) {
    throw new NylasOtelError(
      'store',
      `There is no store yet (${storeInWords(settings, env, cwd)}), and no exporter answers.`,
      'Start nylas-otel exporter first, or give the --data-dir, --application or DATABASE_URL that it runs with.',
    );
  }
  const store = await openState(settings, env, cwd);
  progress.update({ title: 'reading the store' });
  const { secrets } = context.reading;
  const world: OperationWorld = {
    settings,
    store,
    env,
    cwd,
    now,
    secrets,
    signal,
    progress: (report) => progress.update(report),
    exporter: undefined,
  };
  try {
    return await runOperation(operation, input, world);
  } finally {
    await store.close({ graceMs: 5_000 });
  }
}
