import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { reauthLinkOf } from '../operations/monitor-operations.ts';
import { argument, type CommandContext } from './command.ts';

/** `nylas-otel accounts reauth-link <account>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { result } = await callOperation(context, reauthLinkOf, {
    account: argument(context, 'account') ?? '',
  });
  context.output.result(result);
  context.output.line(result.url);
  context.output.note('Send it to the user of the mailbox; it holds the address. Nothing was sent.');
  return 'ok';
}
