import type { ExitName } from '../exit-codes.ts';
import type { SettingsReading } from '../options/read-settings.ts';
import type { OptionKey, Settings } from '../options/settings.ts';
import type { Output } from '../terminal/output.ts';
import type { Redactor } from '../terminal/redactor.ts';

/** A flag of one command, beside the options that it takes from the table. */
export interface FlagDefinition {
  /** As commander writes it: `--since <time>`, `--watch [seconds]`. */
  readonly flag: string;
  readonly description: string;
  readonly standard?: string | boolean;
}

/** A word after the command. */
export interface ArgumentDefinition {
  readonly name: string;
  readonly description: string;
  readonly optional?: true;
  /** Takes all words that are left. */
  readonly many?: true;
}

/** One command: what help and reference say of it, and where its code is. */
export interface CommandDefinition {
  /** `['accounts', 'list']`. */
  readonly path: readonly string[];
  readonly summary: string;
  /** What a person should know before the first use. */
  readonly description?: string;
  readonly arguments?: readonly ArgumentDefinition[];
  /** Options of the table that are flags of this command; a `section.*` stands for all of a section. */
  readonly options: readonly (OptionKey | `${string}.*`)[];
  readonly flags?: readonly FlagDefinition[];
  /** It runs until it is told to end, and then all is well. */
  readonly endsBySignal?: true;
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  /** What it may end with besides `ok`, `usage` and `bug`. */
  readonly exits: readonly ExitName[];
  /** Loads the code, which may be heavy. */
  load(): Promise<{ readonly run: CommandRun }>;
}

/** What a command is given. */
export interface CommandContext {
  /** Arguments by name. */
  readonly args: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Values of the command's own flags, by camel-case name. */
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly settings: Settings;
  readonly reading: SettingsReading;
  /** Reads flags, environment and file again: for a reload. */
  readonly readAgain: () => Promise<SettingsReading>;
  readonly output: Output;
  readonly redactor: Redactor;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Runs a command; what it resolves to is how the process ends. */
export type CommandRun = (context: CommandContext) => Promise<ExitName>;

/** The argument of that name where it is one word. */
export function argument(context: CommandContext, name: string): string | undefined {
  const value = context.args[name];
  return typeof value === 'string' ? value : undefined;
}

/** The flag of that name where it has a text. */
export function flagText(context: CommandContext, name: string): string | undefined {
  const value = context.flags[name];
  return typeof value === 'string' ? value : undefined;
}
