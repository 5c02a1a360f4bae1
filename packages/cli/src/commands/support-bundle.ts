import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { callOperation } from '../operations/call-operation.ts';
import { makeBundle, type SupportInput } from '../operations/support-operations.ts';
import { argument, type CommandContext, flagText } from './command.ts';
import { timeFlag } from './flag-values.ts';

/** Texts that only people know: a flag each, by the name in the input. */
const TOLD = {
  userSees: 'userSees',
  settingsChanged: 'settingsChanged',
  reproduction: 'reproduction',
  tried: 'tried',
  code: 'code',
} as const;

/** `nylas-otel support-bundle <account>`. */
export async function run(context: CommandContext): Promise<ExitName> {
  const { output, cwd } = context;
  const { result } = await callOperation(context, makeBundle, inputOf(context));
  const { markdown, json } = result;
  const out = flagText(context, 'out');
  if (out !== undefined) {
    const path = resolve(cwd, out);
    write(path, path.endsWith('.json') ? `${JSON.stringify(json, undefined, 2)}\n` : markdown);
    output.note(`${path} is ready to mail; read it before.`, 'good');
  } else if (!output.json) output.raw(markdown);
  output.result(json);
  for (const warning of json.warnings) output.note(`warning: ${warning}`, 'warning');
  for (const missing of json.missing) output.note(`missing: ${withFlags(missing)}`);
  return 'ok';
}

/** What is missing comes with the names of the library's options; a person here has flags. */
const FLAGS: Readonly<Record<string, string>> = {
  messageIds: '--message-ids',
  since: '--since',
  errorLog: '--error-log',
  syncLog: '--sync-log',
  userSees: '--user-sees',
  settingsChanged: '--settings-changed',
  reproduction: '--reproduction',
  tried: '--tried',
  code: '--code',
};

function withFlags(missing: string): string {
  return missing.replace(/ \(([\w, ]+)\)$/, (whole, names: string) => {
    const flags = names.split(/, | or /).flatMap((name) => FLAGS[name] ?? []);
    return flags.length === 0 ? whole : `: ${flags.join(', ')}`;
  });
}

function inputOf(context: CommandContext): SupportInput {
  const { settings, cwd } = context;
  const since = timeFlag(context, 'since');
  const syncLog = flagText(context, 'syncLog');
  const messageIds = flagText(context, 'messageIds');
  const errorLog = settings['log.error_log'];
  const told = Object.entries(TOLD).flatMap(([name, flag]) => {
    const text = flagText(context, flag);
    return text === undefined ? [] : [[name, text]];
  });
  return {
    account: argument(context, 'account') ?? '',
    ...(since === undefined ? {} : { since }),
    ...(messageIds === undefined ? {} : { messageIds: messageIds.split(',').map((id) => id.trim()) }),
    ...(syncLog === undefined ? {} : { syncLog: read(resolve(cwd, syncLog)) }),
    ...(errorLog === undefined ? {} : { errorLog: resolve(cwd, errorLog) }),
    ...Object.fromEntries(told),
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new NylasOtelError(
      'usage',
      `${path} cannot be read (${errorInWords(error)}).`,
      'Copy the sync log of the account from the dashboard into a file, and give its path.',
    );
  }
}

function write(path: string, text: string): void {
  try {
    // It names an account and what its user sees.
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    throw new NylasOtelError(
      'usage',
      `${path} cannot be written (${errorInWords(error)}).`,
      'Give another path.',
    );
  }
}
