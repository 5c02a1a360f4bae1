import type { ExitName } from '../exit-codes.ts';
import { problemLine } from '../options/config-problem.ts';
import { OPTION_KEYS, OPTIONS } from '../options/option-table.ts';
import type { CommandContext } from './command.ts';

/** `nylas-otel config check`. */
export async function run({ reading, output }: CommandContext): Promise<ExitName> {
  const { problems, warnings, sources, settings, configPath } = reading;
  const shown = OPTION_KEYS.filter((key) => settings[key] !== undefined).map((key) => ({
    option: key,
    value: OPTIONS[key].secret ? '(secret)' : settings[key],
    from: sources.get(key) ?? 'default',
  }));
  output.result({ file: configPath ?? null, problems, warnings, options: shown });
  for (const problem of problems) output.line(`${output.paint('bad', '✗')} ${problemLine(problem)}`);
  if (problems.length > 0) return 'usage';
  output.line(`${output.paint('good', '✓')} ${configPath ?? 'No file'}: nothing is wrong.`);
  output.line();
  output.table(
    [{ title: 'OPTION' }, { title: 'VALUE' }, { title: 'FROM' }],
    shown.map(({ option, value, from }) => [option, value === false ? 'off' : String(value), from]),
  );
  return 'ok';
}
