import type { Operation, OperationWorld } from '../control/operation.ts';
import { NylasOtelError } from '../errors.ts';
import { storeError } from '../state/open-state.ts';

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
