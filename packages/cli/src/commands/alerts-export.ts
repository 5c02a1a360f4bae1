import { resolve } from 'node:path';
import { type Asset, type AssetFolder, assets } from '../assets.ts';
import { NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { type CommandContext, flagText } from './command.ts';
import { writeFiles } from './write-files.ts';

/** Where the rules of each form are, and which files they are. */
const FORMATS: Readonly<
  Record<string, { readonly folder: AssetFolder; readonly wanted: (asset: Asset) => boolean }>
> = {
  prometheus: { folder: 'alerts', wanted: () => true },
  'prometheus-rule': { folder: 'kubernetes', wanted: ({ name }) => name.startsWith('prometheus-rule') },
  grafana: { folder: 'provisioning/alerting', wanted: () => true },
};

/** `nylas-otel alerts export`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, cwd } = context;
  const format = FORMATS[flagText(context, 'format') ?? 'prometheus'];
  if (format === undefined) {
    throw new NylasOtelError(
      'usage',
      'There is no such format.',
      `There are: ${Object.keys(FORMATS).join(', ')}.`,
    );
  }
  const files = assets(format.folder, context.flags.unsuffixed === true).filter(format.wanted);
  const folder = flagText(context, 'to');
  if (folder === undefined) {
    output.result({ files: files.map(({ name, text }) => ({ name, text })) });
    if (!output.json) output.raw(files.map(({ text }) => text).join('---\n'));
    return 'ok';
  }
  const paths = writeFiles(resolve(cwd, folder), files);
  output.result({ files: paths });
  for (const path of paths) output.line(path);
  return 'ok';
}
