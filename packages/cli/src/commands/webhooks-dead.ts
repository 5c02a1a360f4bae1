import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { listDead } from '../operations/webhook-operations.ts';
import { agoCell, timeCells, utcTime } from '../terminal/time.ts';
import { type CommandContext, flagText } from './command.ts';
import { wholeFlag } from './flag-values.ts';

const NARROW = 'When, in local time and UTC: in a wider terminal, or with --json.';

/** `nylas-otel webhooks dead`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, now } = context;
  const trigger = flagText(context, 'trigger');
  const account = flagText(context, 'account');
  const { result } = await callOperation(context, listDead, {
    limit: wholeFlag(context, 'limit', 1, 9_999) ?? 100,
    ...(trigger === undefined ? {} : { trigger }),
    ...(account === undefined ? {} : { account }),
  });
  const { dead, total } = result;
  output.result({ total, dead: dead.map((letter) => ({ ...letter, diedAt: utcTime(letter.diedAt) })) });
  if (dead.length === 0) {
    output.line('There are no dead letters.');
    return 'ok';
  }
  const leftOut = output.table(
    [
      { title: 'KEY', whole: true },
      { title: 'TRIGGER' },
      { title: 'ACCOUNT' },
      { title: 'ERROR' },
      { title: 'RUNS', side: 'right' },
      { title: 'AGO', side: 'right', whole: true },
      { title: 'DIED (LOCAL)', spare: true },
      { title: 'DIED (UTC)', spare: true },
    ],
    dead.map(({ key, trigger: of, account: id, error, runs, diedAt }) => [
      key,
      of,
      id ?? '',
      error,
      String(runs),
      agoCell(diedAt, now()),
      ...timeCells(diedAt),
    ]),
  );
  output.line();
  if (leftOut.length > 0) output.line(output.paint('faint', NARROW));
  output.line(`${dead.length} of ${total}. Mend the handler, then: nylas-otel webhooks redrive --all`);
  return 'ok';
}
