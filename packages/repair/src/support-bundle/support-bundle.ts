import {
  checkedBy,
  kindOf,
  NylasAccountsConfigError,
  objectOption,
  refuseUnknown,
} from '@nylas-otel/accounts/tracking';
import type { JournalEntry, NylasStore, StoredAccount } from '@nylas-otel/store';
import { hashAccountId } from '@nylas-otel/telemetry';
import { dateOption, optionalStore, textOption, textsOption } from '../option-checks.ts';
import { REQUEST_ERROR } from '../tracking/error-journal.ts';
import { SCOPE } from '../version.ts';
import {
  type BundleStep,
  missingParts,
  type SupportBundle,
  SYNC_LOGS_KEPT_MS,
  syncLogWarning,
} from './bundle.ts';
import { bundleMarkdown } from './bundle-markdown.ts';
import { type BundleError, type ErrorLogReading, errorOf, readErrorLog } from './error-log-lines.ts';
import { fitBundle } from './fit-bundle.ts';
import { createRedactor } from './redact-text.ts';

/** Options of {@link supportBundle}. */
export interface SupportBundleOptions {
  /** Account id (v2) or grant id (v3), or the address of an account in the store. */
  readonly account: string;
  /** Gives the state, its history, what was tried, and errors. */
  readonly store?: NylasStore;
  /** File of an {@link errorLog}: for errors of processes that have no store. */
  readonly errorLog?: string;
  /** How far back to look. Default: two weeks, as long as Nylas keeps sync logs. */
  readonly since?: Date;
  /** Default: now. */
  readonly now?: Date;
  readonly messageIds?: readonly string[];
  /** What was copied from the sync log of the dashboard. */
  readonly syncLog?: string;
  readonly userSees?: string;
  readonly settingsChanged?: string;
  readonly reproduction?: string;
  /** What was tried beside what the journal knows. */
  readonly tried?: string;
  readonly code?: string;
  /** Versions to show beside those of Node and this package. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Alias of the Nylas application. Default: the store's, else `default`. */
  readonly application?: string;
  /**
   * Values that must not be in it: API key, client secret, webhook secret, access tokens. Values of `NYLAS_*_KEY`,
   * `NYLAS_*_SECRET` and `NYLAS_*_TOKEN` of the environment are taken out without being named.
   */
  readonly secrets?: readonly string[];
}

/** A support bundle in both forms. */
export interface SupportBundleResult {
  /** Ready to mail. */
  readonly markdown: string;
  readonly json: SupportBundle;
}

const KNOWN = [
  'account',
  'store',
  'errorLog',
  'since',
  'now',
  'messageIds',
  'syncLog',
  'userSees',
  'settingsChanged',
  'reproduction',
  'tried',
  'code',
  'versions',
  'application',
  'secrets',
];
const MOST_ERRORS = 500;
const MOST_STEPS = 500;
const MOST_TRANSITIONS = 200;
const MOST_MESSAGE_IDS = 100;
const MOST_VERSIONS = 50;
// A `Message-ID` looks like an address; nobody's mailbox is called like this.
const MADE_BY_MACHINE = /^<?(?=[^@]*\d)(?=[^@]*[A-Za-z])[\w.+=-]{20,}@[\w.-]+>?$/;

/**
 * Collects what Nylas support asks for about one account, as Markdown and as JSON: under 1 MB, without addresses, tokens
 * and secrets, the same for the same input. Says what is missing, and when Nylas is about to delete its sync logs.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 * @throws when the store or the error log cannot be read
 */
export async function supportBundle(options: SupportBundleOptions): Promise<SupportBundleResult> {
  checkedBy('supportBundle', () => check(options));
  const now = (options.now ?? new Date()).getTime();
  const since = options.since?.getTime() ?? now - SYNC_LOGS_KEPT_MS;
  const { store } = options;
  const account = await findAccount(options.account, store);
  const id = account?.id ?? options.account;
  const names = namesOf(id, account?.email);
  const journal = await journalOf(store, names, since, now);
  const errors = mergeErrors(
    await errorsOfLog(options.errorLog, names, since),
    journal.filter(isError).map((entry) => errorOf(entry.time, entry.data)),
  );
  const history = (await store?.accounts.history(id, { since, limit: MOST_TRANSITIONS })) ?? [];
  const troubleSince = earliest(
    account?.brokenSince,
    errors.errors[0]?.time,
    history.filter(({ to }) => to !== 'running').at(-1)?.time,
  );
  const clean = createRedactor(
    // An address that serves as an id is an address all the same.
    [id, ...(options.messageIds ?? []), ...errors.errors.flatMap(idsOf)].filter((one) => !one.includes('@')),
    [...(options.secrets ?? []), ...secretsOfEnvironment()],
  );
  const maybe = (text: string | undefined): string | undefined =>
    text === undefined || text.trim() === '' ? undefined : clean(text);
  const found = {
    generatedAt: iso(now),
    application: shortly(clean(options.application ?? store?.application ?? 'default')),
    account: {
      id: clean(id),
      provider: account?.provider,
      state: account?.state,
      rawState: account?.raw,
      stateSince: maybeIso(account?.since),
      unhealthySince: maybeIso(account?.brokenSince),
    },
    messageIds: (options.messageIds ?? [])
      .slice(0, MOST_MESSAGE_IDS)
      .map((one) => (MADE_BY_MACHINE.test(one) ? one : clean(one))),
    from: maybeIso(troubleSince),
    until: maybeIso(latest(errors.errors.at(-1)?.time, history[0]?.time)),
    history: history.map(({ time, from, to, raw, signal }) => ({
      time: iso(time),
      from,
      to,
      raw,
      seenBy: signal,
    })),
    errors: errors.errors.map((error) => ({
      ...error,
      time: iso(error.time),
      message: maybe(error.message),
    })),
    errorCount: errors.total,
    tried: triedSteps(journal, options.tried, now, clean),
    userSees: maybe(options.userSees),
    settingsChanged: maybe(options.settingsChanged),
    reproduction: maybe(options.reproduction),
    syncLog: maybe(options.syncLog),
    code: maybe(options.code),
    versions: {
      node: process.versions.node,
      [SCOPE.name]: SCOPE.version,
      ...Object.fromEntries(
        Object.entries(options.versions ?? {})
          .slice(0, MOST_VERSIONS)
          .map(([name, version]) => [shortly(clean(name)), shortly(clean(version))]),
      ),
    },
  };
  const warnings = [syncLogWarning(troubleSince, now)].filter((warning) => warning !== undefined);
  if (errors.unreadable > 0) warnings.push(`${errors.unreadable} lines of the error log could not be read.`);
  const json = fitBundle({ ...found, warnings, missing: missingParts(found) });
  return { markdown: bundleMarkdown(json), json };
}

async function findAccount(name: string, store: NylasStore | undefined): Promise<StoredAccount | undefined> {
  if (store === undefined) return undefined;
  const found = await store.accounts.resolve(name);
  if (found.length > 1)
    throw new NylasAccountsConfigError(
      'account',
      `account names ${found.length} accounts.`,
      `Give one of their ids: ${found.map(({ id }) => id).join(', ')}.`,
      'supportBundle',
    );
  return found[0];
}

/** Its id, and how telemetry names it where it was asked for by an address, or hashes are wanted. */
function namesOf(id: string, email: string | undefined): ReadonlySet<string> {
  const hashes = [id, email].map((name) => (name === undefined ? undefined : hashAccountId(name)));
  return new Set([id, ...hashes.filter((hash) => hash !== undefined)]);
}

async function journalOf(
  store: NylasStore | undefined,
  names: ReadonlySet<string>,
  since: number,
  until: number,
): Promise<readonly JournalEntry[]> {
  if (store === undefined) return [];
  const all: JournalEntry[] = [];
  for (const accountId of names)
    all.push(...(await store.journal.read({ accountId, since, until, limit: 10_000 })));
  return all.sort((a, b) => b.time - a.time || b.id - a.id);
}

async function errorsOfLog(
  path: string | undefined,
  names: ReadonlySet<string>,
  since: number,
): Promise<ErrorLogReading> {
  if (path === undefined) return { errors: [], unreadable: 0, total: 0 };
  return await readErrorLog(
    path,
    (account) => account !== undefined && names.has(account),
    since,
    MOST_ERRORS,
  );
}

// With an embedded monitor and a logger the same error is in the journal and in the log.
function mergeErrors(log: ErrorLogReading, journal: readonly BundleError[]): ErrorLogReading {
  const requests = new Set(log.errors.map(({ requestId }) => requestId).filter((one) => one !== undefined));
  const more = journal.filter(({ requestId }) => requestId === undefined || !requests.has(requestId));
  const errors = [...log.errors, ...more].sort((a, b) => a.time - b.time).slice(-MOST_ERRORS);
  return { errors, unreadable: log.unreadable, total: log.total + more.length };
}

function isError(entry: JournalEntry): boolean {
  return entry.kind === REQUEST_ERROR;
}

function triedSteps(
  journal: readonly JournalEntry[],
  tried: string | undefined,
  now: number,
  clean: (text: string) => string,
): BundleStep[] {
  const steps = journal
    .filter((entry) => !isError(entry))
    .slice(0, MOST_STEPS)
    .map(({ time, kind, data }) => ({ time: iso(time), kind, text: clean(words(data)) }))
    .reverse();
  if (tried !== undefined && tried.trim() !== '')
    steps.push({ time: iso(now), kind: 'told by a person', text: clean(tried.trim()) });
  return steps;
}

function words(data: JournalEntry['data']): string {
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => `${name}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

function idsOf({ requestId, flowId, traceId }: BundleError): string[] {
  return [requestId, flowId, traceId].filter((one) => one !== undefined);
}

function secretsOfEnvironment(): string[] {
  return Object.entries(process.env)
    .filter(([name, value]) => /^NYLAS_.*(KEY|SECRET|TOKEN)S?$/.test(name) && value !== undefined)
    .map(([, value]) => value as string);
}

const TEXTS = [
  'errorLog',
  'syncLog',
  'userSees',
  'settingsChanged',
  'reproduction',
  'tried',
  'code',
  'application',
];

function check(given: SupportBundleOptions): void {
  const options = objectOption('options', given, 'an object such as { account: "a grant id" }');
  refuseUnknown(options, KNOWN, '');
  if (typeof options.account !== 'string' || options.account === '')
    throw new NylasAccountsConfigError(
      'account',
      `account must be an id, got ${kindOf(options.account)}.`,
      'Give a grant id (v3) or an account id (v2).',
    );
  optionalStore(options.store);
  for (const name of TEXTS) textOption(options, name, 'Give it as text, or leave it out.');
  dateOption(options, 'since');
  dateOption(options, 'now');
  textsOption(options, 'secrets', 'Give the values that must not be in it.');
  for (const [name, version] of Object.entries(objectOption('versions', options.versions ?? {}, VERSIONS)))
    if (typeof version !== 'string')
      throw new NylasAccountsConfigError(
        `versions.${name}`,
        `versions.${name} must be a string, got ${kindOf(version)}.`,
        `Give ${VERSIONS}.`,
      );
  for (const id of textsOption(options, 'messageIds', 'Give ids as Nylas shows them.') ?? []) {
    if (id.length > 512 || !/^[\x21-\x7e]+$/.test(id))
      throw new NylasAccountsConfigError(
        'messageIds',
        'messageIds holds a string that is no message id.',
        'Give ids as Nylas shows them.',
      );
  }
}

const VERSIONS = 'an object such as { nylas: "8.0.0" }';

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}

function latest(...times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}

function shortly(text: string): string {
  return text.slice(0, 200);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}

function maybeIso(time: number | undefined): string | undefined {
  return time === undefined ? undefined : iso(time);
}
