import type { ExitName } from '../exit-codes.ts';
import { checkExporterSettings, runExporter } from '../exporter/exporter.ts';
import type { CommandContext } from './command.ts';

/** `nylas-otel exporter`. */
export async function run(context: CommandContext): Promise<ExitName> {
  checkExporterSettings(context.settings);
  return await runExporter(context);
}
