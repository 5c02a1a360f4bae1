import type { ExitName } from '../exit-codes.ts';
import { configSchema } from '../options/config-schema.ts';
import type { CommandContext } from './command.ts';

/** `nylas-otel config schema`. */
export async function run({ output }: CommandContext): Promise<ExitName> {
  output.raw(`${JSON.stringify(configSchema(), undefined, 2)}\n`);
  return 'ok';
}
