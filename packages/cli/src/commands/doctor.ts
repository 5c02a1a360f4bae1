import { setTimeout as delay } from 'node:timers/promises';
import { type Check, type CheckStatus, type Finding, fail } from '../doctor/check.ts';
import { CHECKS } from '../doctor/check-table.ts';
import { beginVisit } from '../doctor/visit.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import type { Tone } from '../terminal/output.ts';
import type { Progress } from '../terminal/progress.ts';
import type { ProgressReport } from '../terminal/progress-line.ts';
import { localAndUtc, utcTime } from '../terminal/time.ts';
import { counted } from '../terminal/words.ts';
import { wrappedAt } from '../terminal/wrapped.ts';
import { type CommandContext, flagText } from './command.ts';

interface Result extends Finding {
  readonly name: string;
}

const MARKS: Readonly<Record<CheckStatus, readonly [mark: string, tone: Tone]>> = {
  pass: ['✓', 'good'],
  warn: ['!', 'warning'],
  fail: ['✗', 'bad'],
  skip: ['–', 'faint'],
};
const EVERY_S = 30;
/** The column at which findings begin. */
const FINDINGS = 23;

/** `nylas-otel doctor`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const checks = chosenChecks(flagText(context, 'only'));
  const { watch } = context.flags;
  const { output, signal } = context;
  if (watch === undefined) {
    const results = await output.during('checks', (progress) => round(context, checks, progress));
    if (signal.aborted) throw interrupted();
    conclude(context, results);
    return exitOf(results);
  }
  const seconds = watch === true ? EVERY_S : Number(watch);
  if (!(seconds >= 1 && seconds <= 86_400)) {
    throw new NylasOtelError(
      'usage',
      '--watch takes seconds from 1 to 86400.',
      'Leave the number out for 30.',
    );
  }
  let exit: ExitName = 'ok';
  while (!signal.aborted) {
    if (output.width < 1_000) output.line('\u001b[2J\u001b[H');
    const results = await output.quietly(() => round(context, checks));
    if (signal.aborted) break;
    conclude(context, results);
    exit = exitOf(results);
    output.line(output.paint('faint', `Every ${seconds} s; Ctrl-C ends it.`));
    await delay(seconds * 1_000, undefined, { signal }).catch(() => {});
  }
  return exit;
}

function interrupted(): NylasOtelError {
  return new NylasOtelError(
    'interrupted',
    'Interrupted before all checks were made.',
    'Run the command again; --only makes some of them.',
  );
}

function chosenChecks(only: string | undefined): readonly Check[] {
  if (only === undefined) return CHECKS;
  const names = only.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) {
    const known = CHECKS.map(({ name }) => name).join(', ');
    throw new NylasOtelError(
      'usage',
      `There is no check called ${unknown.join(', ')}.`,
      `There are: ${known}.`,
    );
  }
  return CHECKS.filter(({ name }) => names.includes(name));
}

/** Makes the checks and shows them; those that are left when Ctrl-C comes are not shown. */
async function round(
  context: CommandContext,
  checks: readonly Check[],
  progress?: Progress,
): Promise<Result[]> {
  const visit = beginVisit(context);
  const { output, signal } = context;
  output.line(output.paint('faint', localAndUtc(context.now())));
  const reports = new Map<string, ProgressReport>();
  let awaited = '';
  const tell = (name: string, report: ProgressReport): void => {
    reports.set(name, report);
    if (name === awaited) progress?.update(report);
  };
  const running = checks.map(async ({ name, run: look }): Promise<Result> => {
    try {
      return { name, ...(await look(visit, { update: (report) => tell(name, report) })) };
    } catch (error) {
      const fix = 'Run the command again; if it stays, please report it.';
      return { name, ...fail(`The check itself failed (${errorInWords(error)}).`, fix) };
    }
  });
  const results: Result[] = [];
  // In the order of the table, each as soon as it is there.
  for (const [index, result] of running.entries()) {
    awaited = (checks[index] as Check).name;
    progress?.update(reports.get(awaited) ?? { title: awaited });
    results.push(await result);
    if (signal.aborted) break;
    show(context, results.at(-1) as Result);
  }
  return results;
}

function conclude({ output, now }: CommandContext, results: readonly Result[]): void {
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  output.line();
  output.line(
    `${count('pass')} passed, ${counted(count('warn'), 'warning')}, ${count('fail')} failed, ${count('skip')} skipped`,
  );
  output.result({
    time: utcTime(now()),
    healthy: count('fail') === 0,
    checks: results,
  });
}

function show({ output }: CommandContext, { name, status, finding, fix }: Result): void {
  const [mark, tone] = MARKS[status];
  const line = (text: string, column: number): void => output.line(wrappedAt(text, output.width, column));
  line(`${output.paint(tone, mark)} ${name.padEnd(FINDINGS - 3)} ${finding}`, FINDINGS);
  if (fix !== undefined)
    line(`${' '.repeat(FINDINGS)}${output.paint('strong', 'Fix:')} ${fix}`, FINDINGS + 5);
}

function exitOf(results: readonly Result[]): ExitName {
  return results.some(({ status }) => status === 'fail') ? 'findings' : 'ok';
}
