import { resolve } from 'node:path';
import { assets } from '../assets.ts';
import type { ExitName } from '../exit-codes.ts';
import { argument, type CommandContext } from './command.ts';
import { writeFiles } from './write-files.ts';

/** `nylas-otel dashboards export [folder]`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, cwd } = context;
  const dashboards = assets('dashboards', context.flags.unsuffixed === true);
  const paths = writeFiles(resolve(cwd, argument(context, 'folder') ?? 'dashboards'), dashboards);
  output.result({ files: paths });
  for (const path of paths) output.line(path);
  return 'ok';
}
