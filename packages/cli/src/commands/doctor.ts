import { setTimeout as delay } from 'node:timers/promises';
import { type Check, type CheckStatus, type Finding, fail } from '../doctor/check.ts';
import { CHECKS } from '../doctor/check-table.ts';
import { beginVisit } from '../doctor/visit.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import type { Tone } from '../terminal/output.ts';
import { localAndUtc, utcTime } from '../terminal/time.ts';
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
  if (watch === undefined) return exitOf(await round(context, checks));
  const seconds = watch === true ? EVERY_S : Number(watch);
  if (!(seconds >= 1 && seconds <= 86_400)) {
    throw new NylasOtelError(
      'usage',
      '--watch takes seconds from 1 to 86400.',
      'Leave the number out for 30.',
    );
  }
  let exit: ExitName = 'ok';
  while (!context.signal.aborted) {
    if (context.output.width < 1_000) context.output.line('\u001b[2J\u001b[H');
    exit = exitOf(await round(context, checks));
    context.output.line(context.output.paint('faint', `Every ${seconds} s; Ctrl-C ends it.`));
    await delay(seconds * 1_000, undefined, { signal: context.signal }).catch(() => {});
  }
  return exit;
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

async function round(context: CommandContext, checks: readonly Check[]): Promise<Result[]> {
  const visit = beginVisit(context);
  const { output } = context;
  output.line(output.paint('faint', localAndUtc(context.now())));
  const running = checks.map(async ({ name, run: look }): Promise<Result> => {
    try {
      return { name, ...(await look(visit)) };
    } catch (error) {
      const fix = 'Run the command again; if it stays, please report it.';
      return { name, ...fail(`The check itself failed (${errorInWords(error)}).`, fix) };
    }
  });
  const results: Result[] = [];
  // In the order of the table, each as soon as it is there.
  for (const result of running) {
    results.push(await result);
    show(context, results.at(-1) as Result);
  }
  const count = (status: CheckStatus): number => results.filter((result) => result.status === status).length;
  output.line();
  output.line(
    `${count('pass')} passed, ${count('warn')} warnings, ${count('fail')} failed, ${count('skip')} skipped`,
  );
  output.result({
    time: utcTime(context.now()),
    healthy: count('fail') === 0,
    checks: results,
  });
  return results;
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
