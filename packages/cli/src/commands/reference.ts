import { CHECKS } from '../doctor/check-table.ts';
import { EXIT_CODES, exitsOf } from '../exit-codes.ts';
import { OPTION_KEYS, OPTIONS, type OptionDefinition } from '../options/option-table.ts';
import type { CommandDefinition } from './command.ts';
import { COMMANDS } from './command-table.ts';

/** The reference of the README, made from the tables that the command itself runs by. */
export function renderReference(): string {
  return [
    '## Commands',
    '',
    'Every command takes `--json` (one document on standard output; of the exporter: its log in JSON), `--config <file>` and `--help`; it takes the options of the sections named, as flags.',
    '',
    ...COMMANDS.flatMap(commandLines),
    '## Checks of doctor',
    '',
    ...table(
      ['Check', 'Looks at'],
      CHECKS.map(({ name, looksAt }) => [code(name), looksAt]),
    ),
    '',
    '## Exit codes',
    '',
    ...table(
      ['Code', 'Name', 'Meaning'],
      Object.entries(EXIT_CODES).map(([name, { code: number, meaning }]) => [
        String(number),
        code(name),
        meaning,
      ]),
    ),
    '',
    '## Options',
    '',
    'Flags go before variables, variables before the file. A secret is never a flag: give it as a variable, as a file (`NAME_FILE`, the flag, or the key with `_file`), or in a configuration file that only its owner reads.',
    '',
    ...table(
      ['Key in the file', 'Variable', 'Flag', 'Default', ''],
      OPTION_KEYS.map((key) => optionRow(key, OPTIONS[key])),
    ),
    '',
  ].join('\n');
}

function commandLines(command: CommandDefinition): string[] {
  const { path, summary, description, examples } = command;
  const words = (command.arguments ?? []).map(({ name, optional, many }) => {
    const shown = `${name}${many ? '...' : ''}`;
    return optional ? `[${shown}]` : `<${shown}>`;
  });
  const rows = [
    ...(command.arguments ?? []).map(({ name, description: about }) => [code(name), about]),
    ...(command.flags ?? []).map(({ flag, description: about }) => [code(flag), about]),
  ];
  const sections = command.options.map((entry) => code(entry)).join(', ');
  return [
    `### ${['nylas-otel', ...path, ...words].join(' ')}`,
    '',
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    '',
    ...(rows.length === 0 ? [] : [...table(['', ''], rows), '']),
    ...(sections === '' ? [] : [`Options: ${sections}.`, '']),
    '```sh',
    ...examples.flatMap(({ line, what }) => [`# ${what}`, line]),
    '```',
    '',
    `Ends with ${exitsOf(command)
      .map(({ code: number, name }) => `${number} (${name})`)
      .join(', ')}.`,
    '',
  ];
}

function optionRow(
  key: string,
  { variable, flag, secret, standard, kind, description }: OptionDefinition,
): string[] {
  const shown = standard === undefined ? '' : code(standard === false ? 'off' : String(standard));
  const flagWords = secret
    ? `--${flag}-file`
    : `--${flag}${kind.word === undefined ? '' : ` <${kind.word}>`}`;
  return [code(key), code(variable), code(flagWords), shown, secret ? `${description} Secret.` : description];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}

function code(text: string): string {
  return `\`${text}\``;
}
