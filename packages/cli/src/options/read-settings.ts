import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { didYouMean, knownVariables } from '@nylas-otel/node/options';
import { errorInWords } from '../errors.ts';
import type { FileValue } from './config-file.ts';
import type { ConfigProblem } from './config-problem.ts';
import { OPTION_KEYS, OPTIONS, type OptionDefinition } from './option-table.ts';
import type { OptionKey, Settings } from './settings.ts';

/** Values of flags by the name of the flag, `api-key-file` among them. */
export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

/** Where settings come from; flags go before variables, variables before the file. */
export interface SettingsSources {
  readonly flags: FlagValues;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** The settings, and what is wrong with their sources. */
export interface SettingsReading {
  readonly settings: Settings;
  /** Where each option that was given comes from: a flag, a variable, a file and its line. */
  readonly sources: ReadonlyMap<OptionKey, string>;
  readonly problems: readonly ConfigProblem[];
  /** What can be used but is likely not meant. */
  readonly warnings: readonly string[];
  /** Values that must never be printed. */
  readonly secrets: readonly string[];
  /** The file that was read. */
  readonly configPath: string | undefined;
}

const STANDARD_FILE = 'nylas-otel.yaml';

interface Given {
  readonly value: unknown;
  readonly where: string;
}

/** Reads all options from flags, environment and file. Never throws. */
export async function readSettings(sources: SettingsSources): Promise<SettingsReading> {
  const problems: ConfigProblem[] = [];
  const warnings = unknownVariables(sources.env);
  const configPath = pathOfConfig(sources);
  const file = configPath === undefined ? undefined : await (await fileReader())(configPath);
  problems.push(...(file?.problems ?? []));
  const settings: Partial<Record<OptionKey, unknown>> = {};
  const origins = new Map<OptionKey, string>();
  const secrets = secretsBeside(sources.env);
  for (const key of OPTION_KEYS) {
    const option: OptionDefinition = OPTIONS[key];
    const given = find(key, option, sources, file?.values ?? new Map(), problems);
    settings[key] = option.standard;
    if (given === undefined) continue;
    const value =
      typeof given.value === 'string' ? option.kind.parse(given.value) : checked(option, given.value);
    if (option.secret) secrets.push(...secretTexts(given.value));
    if (value === undefined) {
      const problem = given.value === '' ? 'is empty' : 'cannot be used';
      problems.push({ where: given.where, key, problem, fix: `Give ${option.kind.expects}.` });
      continue;
    }
    settings[key] = value;
    origins.set(key, given.where);
    if (
      option.secret &&
      configPath !== undefined &&
      given.where.startsWith(configPath) &&
      othersMayRead(configPath)
    ) {
      warnings.push(
        `${given.where}: ${key} is in a file that others on this machine can read. chmod 600 it.`,
      );
    }
  }
  return { settings: settings as Settings, sources: origins, problems, warnings, secrets, configPath };
}

// Loaded only where there is a file: parser and validator cost a third of the time to the first /metrics.
async function fileReader(): Promise<
  (path: string) => ReturnType<typeof import('./config-file.ts').readConfigFile>
> {
  return (await import('./config-file.ts')).readConfigFile;
}

function pathOfConfig({ flags, env, cwd }: SettingsSources): string | undefined {
  const given = flags.config ?? (env.NYLAS_OTEL_CONFIG?.trim() || undefined);
  if (typeof given === 'string') return resolve(cwd, given);
  const standard = resolve(cwd, STANDARD_FILE);
  return existsSync(standard) ? standard : undefined;
}

function find(
  key: OptionKey,
  { flag, variable, secret }: OptionDefinition,
  { flags, env, cwd }: SettingsSources,
  file: ReadonlyMap<string, FileValue>,
  problems: ConfigProblem[],
): Given | undefined {
  const fromFile = (path: string, where: string): Given | undefined => {
    try {
      return { value: readFileSync(resolve(cwd, path), 'utf8').trim(), where };
    } catch (error) {
      const problem = `names a file that cannot be read (${errorInWords(error)})`;
      problems.push({ where, key, problem, fix: 'Give the path of a file that this user can read.' });
      return undefined;
    }
  };
  const ofFlag = flags[flag];
  if (ofFlag !== undefined) return { value: ofFlag, where: `--${flag}` };
  const flagFile = secret ? flags[`${flag}-file`] : undefined;
  if (typeof flagFile === 'string') return fromFile(flagFile, `--${flag}-file`);
  const ofVariable = env[variable]?.trim();
  if (ofVariable) return { value: ofVariable, where: variable };
  const variableFile = secret ? env[`${variable}_FILE`]?.trim() : undefined;
  if (variableFile) return fromFile(variableFile, `${variable}_FILE`);
  const ofFile = file.get(key);
  if (ofFile !== undefined) return ofFile;
  const fileFile = secret ? file.get(`${key}_file`) : undefined;
  return fileFile === undefined ? undefined : fromFile(String(fileFile.value), fileFile.where);
}

/** A value that is no text: its schema was checked, its words are checked here. */
function checked(option: OptionDefinition, value: unknown): unknown {
  if (Array.isArray(value))
    return value.every((item) => option.kind.parse(String(item)) !== undefined) ? value : undefined;
  return option.kind.parse(String(value));
}

function secretTexts(value: unknown): string[] {
  const texts = Array.isArray(value)
    ? value.map(String)
    : String(value)
        .split(',')
        .map((part) => part.trim());
  const whole = Array.isArray(value) ? [] : [String(value)];
  return [...whole, ...texts.flatMap(credentialsOf)];
}

/** Secrets in variables that are not ours to read: whatever shows them is not ours either, but passes through our output. */
function secretsBeside(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && /^(OTEL_EXPORTER_OTLP_(\w+_)?HEADERS|NYLAS_OTEL_HASH_KEY)$/.test(name)
      ? value
          .split(',')
          .flatMap((part) => [part, part.replace(/^[^=]*=/, '')].flatMap((text) => [text, decoded(text)]))
      : [],
  );
}

/** Of an address and of `user:password` the password alone is a secret too. */
function credentialsOf(text: string): string[] {
  const password = URL.parse(text)?.password || /^[^:/\s]+:([^/].*)$/.exec(text)?.[1];
  return [text, ...(password ? [password, decoded(password)] : [])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function othersMayRead(path: string): boolean {
  try {
    return (statSync(path).mode & 0o077) !== 0;
  } catch {
    return false;
  }
}

/** Sentences on variables that begin as ours do and mean nothing. */
function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = knownVariables();
  return Object.keys(env)
    .filter((name) => name.startsWith('NYLAS_OTEL_') && !known.includes(name))
    .map((name) => `${name} is not a variable of nylas-otel and is ignored.${didYouMean(name, known)}`);
}
