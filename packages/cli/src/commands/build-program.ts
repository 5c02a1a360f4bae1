import { Argument, Command, CommanderError, Option } from 'commander';
import { exitsOf } from '../exit-codes.ts';
import { OPTION_KEYS, OPTIONS, type OptionDefinition } from '../options/option-table.ts';
import type { FlagValues } from '../options/read-settings.ts';
import type { OptionKey } from '../options/settings.ts';
import { VERSION } from '../version.ts';
import type { CommandDefinition } from './command.ts';
import { COMMANDS, GROUPS } from './command-table.ts';

/** A command line that was understood. */
export interface Invocation {
  readonly command: CommandDefinition;
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The command's own flags, by camel-case name. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  /** Flags of the table of options, by their names. */
  readonly options: FlagValues;
  readonly json: boolean;
}

/** What became of a command line: a command to run, or a text to print. */
export type Parsed =
  | { readonly kind: 'run'; readonly invocation: Invocation }
  | { readonly kind: 'print'; readonly text: string; readonly wrong: boolean };

/** Understands a command line. Never throws for what a person typed. */
export function parseCommandLine(argv: readonly string[], columns: number | undefined): Parsed {
  let invocation: Invocation | undefined;
  let printed = '';
  const program = buildProgram((found) => {
    invocation = found;
  });
  const secret = argv.map(secretFlag).find((found) => found !== undefined);
  if (secret !== undefined) return { kind: 'print', text: secret, wrong: true };
  for (const command of allCommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        printed += text;
      },
      writeErr: (text) => {
        printed += text;
      },
      getOutHelpWidth: () => Math.min(columns ?? 100, 110),
      getErrHelpWidth: () => Math.min(columns ?? 100, 110),
    });
  }
  try {
    program.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = error.code === 'commander.helpDisplayed' || error.code === 'commander.version';
    const explained = asked || error.code === 'commander.help' ? printed : withHint(printed, argv);
    return { kind: 'print', text: explained, wrong: !asked };
  }
  if (invocation === undefined) return { kind: 'print', text: program.helpInformation(), wrong: true };
  return { kind: 'run', invocation };
}

function withHint(text: string, argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-')).slice(0, 2);
  const known = COMMANDS.find(({ path }) => path.every((word, index) => words[index] === word));
  return `${text.trimEnd()}\nSee: nylas-otel ${[...(known?.path ?? []), '--help'].join(' ')}\n`;
}

/** What to say to a secret on the command line; undefined for any other word. */
function secretFlag(word: string): string | undefined {
  const name = /^--([\w-]+)/.exec(word)?.[1];
  const key = OPTION_KEYS.find((candidate) => OPTIONS[candidate].secret && OPTIONS[candidate].flag === name);
  if (key === undefined) return undefined;
  const { flag, variable } = OPTIONS[key];
  return (
    `error: --${flag} is not taken: every user of this machine sees command lines. ` +
    `Set ${variable}, or give --${flag}-file or ${variable}_FILE the path of a file that holds it.\n`
  );
}

function allCommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(allCommands)];
}

/** The whole program. */
function buildProgram(onCommand: (invocation: Invocation) => void): Command {
  const program = new Command('nylas-otel')
    .description('Observability for the Nylas API: a sidecar exporter, a doctor, and tools for the night.')
    .version(VERSION, '-V, --version')
    .helpCommand('help [command]', 'Show help for a command')
    .addHelpText(
      'after',
      '\nFirst steps:\n  nylas-otel doctor                  what is right and what is not, with fixes\n' +
        '  nylas-otel exporter                serve /metrics for Prometheus\n' +
        '  nylas-otel init                    the lines to add to a Node service\n',
    );
  const groups = new Map<string, Command>();
  for (const definition of COMMANDS) {
    const name = definition.path.at(-1) as string;
    const parent =
      definition.path.length === 1 ? program : groupOf(definition.path[0] as string, program, groups);
    parent.addCommand(toCommand(name, definition, onCommand));
  }
  return program;
}

function groupOf(name: string, program: Command, groups: Map<string, Command>): Command {
  let group = groups.get(name);
  if (group === undefined) {
    group = new Command(name).description(GROUPS[name] ?? '');
    groups.set(name, group);
    program.addCommand(group);
  }
  return group;
}

function toCommand(
  name: string,
  definition: CommandDefinition,
  onCommand: (invocation: Invocation) => void,
): Command {
  const command = new Command(name).summary(definition.summary);
  command.description([definition.summary, definition.description].filter(Boolean).join('\n\n'));
  for (const { name: word, description, optional, many } of definition.arguments ?? []) {
    const shown = `${word}${many ? '...' : ''}`;
    command.addArgument(new Argument(optional ? `[${shown}]` : `<${shown}>`, description));
  }
  for (const { flag, description, standard } of definition.flags ?? []) {
    command.addOption(withDefault(new Option(flag, description), standard));
  }
  command.option(
    '--json',
    definition.endsBySignal
      ? 'log lines of JSON, as --log-format json'
      : 'print one JSON document on standard output',
  );
  command.option(
    '--config <file>',
    'configuration file (NYLAS_OTEL_CONFIG; default nylas-otel.yaml, where there is one)',
  );
  for (const key of optionKeys(definition)) command.addOption(toOption(OPTIONS[key]));
  if (definition.examples.length > 0) {
    const lines = definition.examples.map(({ line, what }) => `  $ ${line}\n      ${what}`);
    command.addHelpText('after', `\nExamples:\n${lines.join('\n')}`);
  }
  const exits = exitsOf(definition).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`);
  command.addHelpText('after', `\nEnds with:\n${exits.join('\n')}`);
  command.action((...given: unknown[]) => {
    const values = command.opts<Record<string, string | boolean | undefined>>();
    const names = (definition.arguments ?? []).map(({ name: word }) => word);
    onCommand({
      command: definition,
      args: Object.fromEntries(names.map((word, index) => [word, given[index] as string | undefined])),
      flags: Object.fromEntries(
        (definition.flags ?? []).map(({ flag }) => {
          const attribute = new Option(flag).attributeName();
          return [attribute, values[attribute]];
        }),
      ),
      options: optionValues(definition, values),
      json: values.json === true,
    });
  });
  return command;
}

function withDefault(option: Option, standard: string | boolean | undefined): Option {
  return standard === undefined ? option : option.default(standard);
}

/** The keys of the table that a command takes as flags. */
export function optionKeys({ options }: CommandDefinition): OptionKey[] {
  const wanted = options.flatMap((entry) =>
    entry.endsWith('.*')
      ? OPTION_KEYS.filter((key) => key.startsWith(entry.slice(0, -1)))
      : [entry as OptionKey],
  );
  return OPTION_KEYS.filter((key) => wanted.includes(key));
}

function toOption({ kind, flag, secret, variable, standard, description }: OptionDefinition): Option {
  const shown = standard === undefined ? '' : `; default ${standard === false ? 'off' : String(standard)}`;
  const text = lowerFirst(description.replace(/\.$/, ''));
  if (secret)
    return new Option(`--${flag}-file <file>`, `file that holds: ${text} (${variable}, ${variable}_FILE)`);
  const name = kind.word === undefined ? `--${flag}` : `--${flag} <${kind.word}>`;
  return new Option(name, `${text} (${variable}${kind.word === undefined ? '' : shown})`);
}

function lowerFirst(text: string): string {
  return /^[A-Z][A-Z]/.test(text) || /^(Nylas|Prometheus|PostgreSQL|JSON|Unix|Grafana)/.test(text)
    ? text
    : text.charAt(0).toLowerCase() + text.slice(1);
}

function optionValues(
  definition: CommandDefinition,
  values: Readonly<Record<string, string | boolean | undefined>>,
): FlagValues {
  const found: Record<string, string | boolean | undefined> = { config: values.config };
  for (const key of optionKeys(definition)) {
    const option = toOption(OPTIONS[key]);
    const value = values[option.attributeName()];
    if (value !== undefined) found[option.name()] = value === true ? 'true' : value;
  }
  return found;
}
