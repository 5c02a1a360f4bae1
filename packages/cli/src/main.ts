import { parseCommandLine } from './commands/build-program.ts';
import type { CommandContext } from './commands/command.ts';
import { errorInWords, NylasOtelError } from './errors.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { problemLine } from './options/config-problem.ts';
import { readSettings, type SettingsReading } from './options/read-settings.ts';
import { Output, type Stream } from './terminal/output.ts';
import { Redactor } from './terminal/redactor.ts';

/** The world of a command; by default the process's. */
export interface World {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/**
 * Runs one command line, without the names of Node and the program.
 *
 * @returns the exit code. Never rejects.
 */
export async function run(argv: readonly string[], world: World): Promise<number> {
  const redactor = new Redactor();
  const wantsJson = argv.includes('--json');
  const early = new Output({ ...world, redactor, json: wantsJson });
  let output = early;
  try {
    const parsed = parseCommandLine(argv, world.stdout.columns);
    if (parsed.kind === 'print') {
      (parsed.wrong ? world.stderr : world.stdout).write(parsed.text);
      if (parsed.wrong) early.result({ error: wrongLine(parsed.text) });
      return EXIT_CODES[parsed.wrong ? 'usage' : 'ok'].code;
    }
    const { command, args, flags, options, json } = parsed.invocation;
    output = new Output({ ...world, redactor, json });
    const readAgain = async (): Promise<SettingsReading> => {
      const reading = await readSettings({ flags: options, env: world.env, cwd: world.cwd });
      redactor.add(reading.secrets);
      return reading;
    };
    const reading = await readAgain();
    if (reading.problems.length > 0 && !command.path.includes('config')) throw unusable(reading);
    for (const warning of reading.warnings) output.note(`warning: ${warning}`, 'warning');
    const context: CommandContext = {
      args,
      flags,
      settings: reading.settings,
      reading,
      readAgain,
      output,
      redactor,
      env: world.env,
      cwd: world.cwd,
      signal: world.signal,
      now: world.now,
    };
    const module = await command.load();
    const exit = await module.run(context);
    const cut = world.signal.aborted && exit === 'ok' && command.endsBySignal !== true;
    if (cut) output.note('Interrupted.', 'warning');
    return EXIT_CODES[cut ? 'interrupted' : exit].code;
  } catch (error) {
    return tell(error, output, world.signal.aborted);
  }
}

/** What is wrong with a command line, for programs. */
function wrongLine(text: string): object {
  const [message = '', ...rest] = text.trim().split('\n');
  const fix = rest.find((line) => line.startsWith('See: ')) ?? 'See nylas-otel --help.';
  return { message: message.replace(/^error: /, ''), fix, exit: 'usage' };
}

/** The error for a configuration that cannot be used; all of its problems at once. */
function unusable({ problems }: SettingsReading): NylasOtelError {
  const lines = problems.map((problem) => `  ${problemLine(problem)}`);
  return new NylasOtelError(
    'usage',
    `The configuration cannot be used:\n${lines.join('\n')}`,
    'Mend it and run the command again; nothing was done.',
  );
}

// Errors of our packages that say what is wrong and what to do, known by name: two copies of one have two classes.
const TELLING = /^Nylas\w*Error$/;

function tell(error: unknown, output: Output, interrupted: boolean): number {
  // What fails after Ctrl-C fails because of it: a host does not answer to a request that was ended.
  if (interrupted && (!(error instanceof NylasOtelError) || error.exit === 'unreachable')) {
    output.note('Interrupted.', 'warning');
    output.result({
      error: { message: 'Interrupted.', fix: 'Run the command again.', exit: 'interrupted' },
    });
    return EXIT_CODES.interrupted.code;
  }
  const told = asTold(error);
  output.note(`error: ${told.message}`, 'bad');
  output.note(told.fix);
  output.result({ error: { message: told.message, fix: told.fix, exit: told.exit } });
  return told.exitCode;
}

function asTold(error: unknown): NylasOtelError {
  if (error instanceof NylasOtelError) return error;
  if (error instanceof Error && TELLING.test(error.name)) {
    return new NylasOtelError('usage', error.message, 'See nylas-otel --help.', { cause: error });
  }
  // The message of anything else may hold what must not be shown.
  const frame =
    error instanceof Error ? error.stack?.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return new NylasOtelError(
    'bug',
    `Something unexpected happened: ${errorInWords(error)}${frame === undefined ? '' : frame.replace(/^\s+/, ' ')}`,
    'This is a defect of nylas-otel: please report it with this line.',
    { cause: error },
  );
}
