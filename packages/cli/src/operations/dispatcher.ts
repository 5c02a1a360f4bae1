import type { Dispatch } from '../control/control-server.ts';
import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { storeError } from '../state/open-state.ts';
import { OPERATIONS } from './operation-table.ts';

/** Runs operations by name in worlds that `worldOf` makes for each call. */
export function dispatcher(worldOf: (call: Parameters<Dispatch>[2]) => OperationWorld): Dispatch {
  return async (name, input, call) => {
    const operation = OPERATIONS.find((known) => known.name === name) as
      | Operation<unknown, unknown>
      | undefined;
    if (operation === undefined) {
      throw new NylasOtelError(
        'usage',
        'The exporter does not know this operation.',
        'Exporter and command are of different versions: use the same for both.',
      );
    }
    return await runOperation(operation, input, worldOf(call));
  };
}

/** Runs an operation; whatever goes wrong in the store is told as such, and who changed something is in the journal. */
export async function runOperation<Input, Result>(
  operation: Operation<Input, Result>,
  input: Input,
  world: OperationWorld,
): Promise<Result> {
  try {
    const result = await operation.run(input, world);
    if (operation.changes) {
      await world.store.journal.append([
        { kind: 'operator', accountId: undefined, data: { command: operation.name } },
      ]);
    }
    return result;
  } catch (error) {
    if (error instanceof NylasOtelError || world.signal.aborted) throw error;
    if (error instanceof Error && /^Nylas(Accounts|Repair)?(Config)?Error$/.test(error.name)) {
      throw new NylasOtelError('usage', error.message, 'See --help.', { cause: error });
    }
    throw storeError(error, world.store.engine);
  }
}
