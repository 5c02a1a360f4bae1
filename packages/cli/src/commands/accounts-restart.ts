import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { restartAccount } from '../operations/monitor-operations.ts';
import { argument, type CommandContext } from './command.ts';

/** `nylas-otel accounts restart <account>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { result, by } = await callOperation(context, restartAccount, {
    account: argument(context, 'account') ?? '',
    force: context.flags.force === true,
  });
  context.output.result(result);
  context.output.line(
    `${result.account} was restarted${result.step === undefined ? '' : `; repair is at: ${result.step}`}.`,
  );
  if (by === 'command') {
    context.output.note(
      'No exporter is running: nobody checks whether it came back. See nylas-otel accounts list --live in five minutes.',
      'warning',
    );
  }
  return 'ok';
}
