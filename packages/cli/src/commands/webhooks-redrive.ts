import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { redrive } from '../operations/webhook-operations.ts';
import { counted } from '../terminal/words.ts';
import { type CommandContext, flagText } from './command.ts';

/** `nylas-otel webhooks redrive [keys...]`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const keys = context.args.keys as readonly string[] | undefined;
  const trigger = flagText(context, 'trigger');
  const account = flagText(context, 'account');
  const some = trigger !== undefined || account !== undefined || context.flags.all === true;
  if ((keys === undefined || keys.length === 0) && !some) {
    throw new NylasOtelError(
      'usage',
      'Nothing says which dead letters go back to work.',
      'Give keys, --trigger, --account, or --all. nylas-otel webhooks dead shows them.',
    );
  }
  const { result } = await callOperation(
    context,
    redrive,
    keys !== undefined && keys.length > 0
      ? { keys }
      : {
          ...(trigger === undefined ? {} : { trigger }),
          ...(account === undefined ? {} : { account }),
        },
  );
  context.output.result(result);
  context.output.line(
    `${counted(result.redriven, 'dead letter')} ${result.redriven === 1 ? 'is' : 'are'} back at work.`,
  );
  return result.redriven === 0 && keys !== undefined && keys.length > 0 ? 'notFound' : 'ok';
}
