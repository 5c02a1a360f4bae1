import type { Dispatch } from '../control/control-server.ts';
import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { OPERATIONS } from './operation-table.ts';
import { runOperation } from './run-operation.ts';

/** Runs operations by name in worlds that `worldOf` makes for each call. */
export function dispatcher(worldOf: (call: Parameters<Dispatch>[2]) => Promise<OperationWorld>): Dispatch {
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
    return await runOperation(operation, input, await worldOf(call));
  };
}
