import { isAbsolute, resolve } from 'node:path';
import { NylasStoreError } from './errors.ts';

/** For how long rows are kept, in seconds. */
export interface Retention {
  /** Keys of accepted events, by which repetitions are known. Default 604,800 (7 days), at least 3 days. */
  readonly events?: number;
  /** Journal and transitions of accounts. Default 2,592,000 (30 days). */
  readonly journal?: number;
  /** Events that were given up, with their content. Default 7,776,000 (90 days). */
  readonly deadLetters?: number;
  /** Signed bodies that cannot be read. Default 2,592,000 (30 days). */
  readonly quarantine?: number;
}

/** Options of {@link openStore}. */
export interface OpenStoreOptions {
  /** PostgreSQL 13 or later: `postgresql://user:password@host:5432/database`. */
  readonly databaseUrl?: string;
  /** Folder of an embedded database (PGlite), made when it is not there. One process at a time. */
  readonly folder?: string;
  /** An embedded database in memory, lost with the process: for tests. */
  readonly memory?: boolean;
  /** Alias of the Nylas application (`nylas.application`): letters, digits, `_`, `-`, `.`. Default `default`. */
  readonly application?: string;
  /**
   * PostgreSQL schema of our tables; pg-boss has `SCHEMA_jobs` beside it. Default `nylas_otel`. Processes that share a
   * database share this.
   */
  readonly schema?: string;
  /** Connections of the pool, beside up to 4 for jobs and one that listens. Default 10. PostgreSQL only. */
  readonly poolSize?: number;
  readonly retention?: Retention;
  /**
   * Whether dead letters hold the message of the error: it may name people, subjects, addresses. Default false, only
   * class and code.
   */
  readonly keepErrorMessages?: boolean;
}

/** Where the rows are. */
export type Place =
  | { readonly engine: 'postgresql'; readonly url: string; readonly poolSize: number }
  | { readonly engine: 'pglite'; readonly folder: string | undefined };

/** Options, checked and complete. */
export interface StoreSettings {
  readonly place: Place;
  readonly application: string;
  readonly schema: string;
  readonly retention: Required<Retention>;
  readonly keepErrorMessages: boolean;
}

const DAY = 86_400;
const KEPT: Required<Retention> = {
  events: 7 * DAY,
  journal: 30 * DAY,
  deadLetters: 90 * DAY,
  quarantine: 30 * DAY,
};
// Nylas repeats within 20 minutes, and fills up to 72 hours after a re-authentication.
const SHORTEST_EVENTS = 3 * DAY;
const LONGEST_KEPT = 10 * 365 * DAY;

const ALIAS = /^[A-Za-z0-9_.-]{1,64}$/;
const SCHEMA = /^[a-z_][a-z0-9_]{0,39}$/;
const KNOWN = new Set([
  'databaseUrl',
  'folder',
  'memory',
  'application',
  'schema',
  'poolSize',
  'retention',
  'keepErrorMessages',
]);

/** @throws {NylasStoreError} `NYLAS_STORE_INVALID_OPTION` */
export function readOptions(options: OpenStoreOptions): StoreSettings {
  if (typeof options !== 'object' || options === null) throw invalid('options', 'give an object.');
  for (const name of Object.keys(options))
    if (!KNOWN.has(name)) throw invalid(name, `there is no such option; there are ${[...KNOWN].join(', ')}.`);
  const application = options.application ?? 'default';
  if (typeof application !== 'string' || !ALIAS.test(application))
    throw invalid('application', 'give 1 to 64 letters, digits, `_`, `-` or `.`.');
  const schema = options.schema ?? 'nylas_otel';
  if (typeof schema !== 'string' || !SCHEMA.test(schema) || schema.startsWith('pg_'))
    throw invalid('schema', 'give at most 40 lower-case letters, digits and `_`, not beginning with `pg_`.');
  return {
    place: readPlace(options),
    application,
    schema,
    retention: readRetention(options.retention),
    keepErrorMessages: readBoolean('keepErrorMessages', options.keepErrorMessages),
  };
}

function readPlace(options: OpenStoreOptions): Place {
  const { databaseUrl, folder } = options;
  const memory = readBoolean('memory', options.memory);
  const given = [databaseUrl !== undefined, folder !== undefined, memory].filter(Boolean).length;
  if (given !== 1) {
    throw invalid(
      'databaseUrl',
      `give exactly one of \`databaseUrl\`, \`folder\` and \`memory: true\`; ${given === 0 ? 'none was' : `${given} were`} given.`,
    );
  }
  if (databaseUrl !== undefined)
    return {
      engine: 'postgresql',
      url: readUrl(databaseUrl),
      poolSize: readWhole('poolSize', options.poolSize, 10, 2, 500),
    };
  if (options.poolSize !== undefined)
    throw invalid('poolSize', 'it is of use with `databaseUrl` only: PGlite has one connection.');
  if (folder === undefined) return { engine: 'pglite', folder: undefined };
  if (typeof folder !== 'string' || folder === '' || folder.includes('\0') || /^[a-z]+:\/\//i.test(folder))
    throw invalid('folder', 'give the path of a folder.');
  return { engine: 'pglite', folder: isAbsolute(folder) ? folder : resolve(folder) };
}

function readUrl(given: unknown): string {
  // The value is not repeated in the message: it holds a password.
  const wanted = 'give a URL such as postgresql://user:password@host:5432/database.';
  if (typeof given !== 'string') throw invalid('databaseUrl', wanted);
  if (given.startsWith('socket:')) return given;
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw invalid('databaseUrl', wanted);
  }
  if (url.protocol !== 'postgresql:' && url.protocol !== 'postgres:') throw invalid('databaseUrl', wanted);
  return given;
}

function readRetention(given: Retention | undefined): Required<Retention> {
  if (given === undefined) return KEPT;
  if (typeof given !== 'object' || given === null) throw invalid('retention', 'give an object of seconds.');
  for (const name of Object.keys(given))
    if (!(name in KEPT))
      throw invalid(
        `retention.${name}`,
        `there is no such option; there are ${Object.keys(KEPT).join(', ')}.`,
      );
  return {
    events: readWhole('retention.events', given.events, KEPT.events, SHORTEST_EVENTS, LONGEST_KEPT),
    journal: readWhole('retention.journal', given.journal, KEPT.journal, 1, LONGEST_KEPT),
    deadLetters: readWhole('retention.deadLetters', given.deadLetters, KEPT.deadLetters, 1, LONGEST_KEPT),
    quarantine: readWhole('retention.quarantine', given.quarantine, KEPT.quarantine, 1, LONGEST_KEPT),
  };
}

function readBoolean(option: string, given: unknown): boolean {
  if (given === undefined) return false;
  if (typeof given !== 'boolean') throw invalid(option, 'give true or false.');
  return given;
}

function readWhole(option: string, given: unknown, standard: number, least: number, most: number): number {
  if (given === undefined) return standard;
  if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < least || given > most)
    throw invalid(option, `give a whole number from ${least} to ${most}, not ${String(given)}.`);
  return given;
}

function invalid(option: string, wanted: string): NylasStoreError {
  return new NylasStoreError('NYLAS_STORE_INVALID_OPTION', `Store option \`${option}\`: ${wanted}`);
}
