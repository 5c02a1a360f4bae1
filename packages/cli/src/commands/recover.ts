import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { type RecoverInput, recoverMissed } from '../operations/recover-operation.ts';
import { localAndUtc } from '../terminal/time.ts';
import { counted } from '../terminal/words.ts';
import { type CommandContext, flagText } from './command.ts';
import { timeFlag } from './flag-values.ts';

/** `nylas-otel recover --since <time>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output } = context;
  const input = inputOf(context);
  output.note(`recovering what was missed since ${localAndUtc(input.since)}`);
  const { result: report } = await callOperation(context, recoverMissed, input, { create: true });
  output.result(report);
  const { recovered, known, unrecoverable, unknowable } = report;
  const seen = [recovered, known, unrecoverable].flatMap((counts) => Object.keys(counts));
  if (seen.length === 0) output.line('Nothing was missed that a list shows.');
  else {
    output.table(
      [
        { title: 'RESOURCE' },
        { title: report.dryRun ? 'WOULD BE RECOVERED' : 'RECOVERED', side: 'right' },
        { title: 'KNOWN ALREADY', side: 'right' },
        { title: 'UNRECOVERABLE', side: 'right' },
      ],
      [...new Set([...seen, ...unknowable])].map((kind) => [
        kind,
        ...[recovered, known].map((counts) => String(counts[kind] ?? 0)),
        lostOf(unrecoverable[kind], unknowable.includes(kind)),
      ]),
    );
  }
  output.line();
  output.line(
    `${counted(report.accounts, 'account')}, ${counted(report.requests, 'request')}${report.complete ? '' : '; not complete'}`,
  );
  if (report.postponed.length > 0)
    output.line(
      `${counted(report.postponed.length, 'account')} must be re-authenticated first: nylas-otel accounts list --unhealthy`,
    );
  if (report.failed.length > 0)
    output.line(
      `${counted(report.failed.length, 'account')} could not be read: ${report.failed.slice(0, 5).join(', ')}`,
    );
  if (report.blind.length > 0)
    output.line(output.paint('faint', `No list shows: ${report.blind.join(', ')}`));
  return report.failed.length > 0 ? 'findings' : 'ok';
}

/** A 0 where nobody can see what is lost would be a lie. */
function lostOf(counted: number | undefined, isUnknowable: boolean): string {
  if (!isUnknowable) return String(counted ?? 0);
  return counted === undefined ? 'unknown' : `at least ${counted}`;
}

function inputOf(context: CommandContext): RecoverInput {
  const since = timeFlag(context, 'since');
  if (since === undefined) {
    throw new NylasOtelError(
      'usage',
      '--since says when the gap began, and was not given.',
      'Give a time, or a time ago: 6h, 3d.',
    );
  }
  const until = timeFlag(context, 'until');
  const unfiltered = flagText(context, 'unfiltered');
  return {
    since,
    dryRun: context.flags.dryRun === true,
    ...(until === undefined ? {} : { until }),
    ...listOf(context, 'accounts'),
    ...listOf(context, 'resources'),
    ...(unfiltered === undefined ? {} : { unfiltered }),
  };
}

function listOf(context: CommandContext, name: 'accounts' | 'resources'): { [name: string]: string[] } {
  const text = flagText(context, name);
  return text === undefined ? {} : { [name]: text.split(',').map((item) => item.trim()) };
}
