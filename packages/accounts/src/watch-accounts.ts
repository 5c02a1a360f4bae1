import {
  ACCOUNT_STATES,
  type AccountState,
  type ApiVersion,
  type Outcome,
  providerLabel,
} from '@nylas-otel/nylas-api';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import {
  type AccountSignalEvent,
  addLogger,
  onAccountSignal,
  setAccountHashSecret,
  shownAccountId,
} from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { accountApi } from './account-api.ts';
import { isUnhealthy } from './account-status.ts';
import { type GaugeSource, isShown, showOnGauges } from './gauges.ts';
import { readOptions, type WatchAccountsOptions, type WatchSettings } from './options.ts';
import { outsideOfCallers, pollTelemetry } from './poll-telemetry.ts';
import { Poller } from './poller.ts';
import type { WatchIdentity, WatchProblem } from './problem.ts';
import { newsWords, readId } from './profile.ts';
import { processRuntime, type Runtime } from './runtime.ts';
import type { SweepProgress } from './sweep-progress.ts';
import { AccountTracker, type TrackedAccount, type Verdict } from './tracker.ts';
import { transitionTelemetry } from './transition-telemetry.ts';

/** One account as the watch knows it. Holds personal data (the address): for the host's own use, not for telemetry. */
export interface WatchedAccount {
  /** Grant id (v3) or account id (v2). */
  readonly id: string;
  readonly email: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
  readonly state: AccountState;
  /** The state in Nylas's own word where it is a documented one, else `other`. */
  readonly rawState: string;
  /** When it entered the state; for an account first seen in it, when that was. */
  readonly since: Date;
  /** When it left `running`, if it is not back; undefined while it is healthy. */
  readonly unhealthySince: Date | undefined;
}

/** Which accounts to list; every condition must hold. */
export interface AccountFilter {
  readonly state?: AccountState;
  /** A value of `nylas.provider`. */
  readonly provider?: string;
  /** True: `partial`, `stopped`, `invalid`, `sync_error`, `exception`. False: the others. */
  readonly unhealthy?: boolean;
}

/** Counts of a watch at one moment. */
export interface AccountsSnapshot {
  readonly application: string;
  readonly version: ApiVersion;
  /** Number of accounts. */
  readonly total: number;
  readonly byState: Readonly<Record<AccountState, number>>;
  /** For every provider seen. */
  readonly byProvider: Readonly<Record<string, Readonly<Record<AccountState, number>>>>;
  /** When the last complete sweep over all accounts ended. */
  readonly lastSweep: Date | undefined;
  /** How far the sweep under way is; undefined between sweeps. */
  readonly sweep: SweepProgress | undefined;
  /** When the last complete poll ended, sweep or poll for invalid grants. */
  readonly lastPoll: Date | undefined;
  /** What keeps the watch from reading the accounts; they keep their last known state meanwhile. */
  readonly problem: WatchProblem | undefined;
}

/** News of one account from outside: a webhook, a support tool. */
export interface AccountNews {
  /** Grant id (v3) or account id (v2). */
  readonly id: string;
  /** Nylas's own word (`valid`, `invalid`, `stopped`, ...) or a state of ours; `deleted` takes the account out. */
  readonly state: string;
  /** When it happened: the event's own time. */
  readonly time: Date;
  /** Default `webhook`. */
  readonly signal?: AccountSignal;
  /** Nylas's word for the provider, where the event says it. */
  readonly provider?: string;
  readonly email?: string;
}

/**
 * What became of news:
 * - `first`: the account was not known; `changed`: a transition; `same`: nothing new
 * - `stale`: older than what is known, dropped
 * - `contested`: it contradicts a reading of about the same time; the account is read again
 * - `full`: there are more accounts than a watch without a store holds
 * - `closed`: the watch is closed; nothing was taken
 * - `unreadable`: not usable: no id, no state or no time; the reason is logged through `diag`
 */
export type NewsVerdict = Verdict | 'closed' | 'unreadable';

/** A running watch over the accounts of one Nylas application. */
export interface AccountWatch {
  /**
   * How the first sweep ended; never rejects. `success` when all accounts are known. Anything else when it cannot be
   * completed for now: at once for refused credentials, after three failures in a row, or when Nylas asks for a pause of
   * over a minute. The watch goes on trying, and `snapshot().problem` says what is wrong. `cancelled`: closed before.
   *
   * A process with nothing else to do exits although a watch runs; from the first use of `ready` until it is settled the
   * watch keeps it alive.
   */
  readonly ready: Promise<Outcome>;
  /** Counts now, from memory. */
  snapshot(): AccountsSnapshot;
  /** The accounts that fit a filter (default: all), in the order they were first seen. */
  accounts(filter?: AccountFilter): WatchedAccount[];
  /** Takes news from a webhook. Never throws; older news never undoes newer. */
  applySignal(news: AccountNews): NewsVerdict;
  /** Stops polling and takes the application off the gauges. */
  close(): Promise<void>;
}

/**
 * Watches the sync state of every account of a Nylas application: the grants of API v3 (`apiKey`) or the accounts of
 * API v2 (`clientId`, `clientSecret`). Sweeps over all accounts at intervals, asks for invalid grants in between (v3),
 * reads an account again when a request of the host's was answered 401 or 403 for it, and feeds the account metrics and
 * log events. Without a store: what it knows is rebuilt by the first sweep.
 *
 * Never throws into the host later on, never keeps a process alive (see `ready`), makes one request at a time.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function watchAccounts(options: WatchAccountsOptions): AccountWatch {
  return startWatch(readOptions(options), processRuntime);
}

/** {@link watchAccounts} with time and chance passed in. */
export function startWatch(settings: WatchSettings, runtime: Runtime): AccountWatch {
  const { profile, application, host, region, logger, captureAccountId } = settings;
  const identity: WatchIdentity = { application, profile, host, region };
  const closing = new AbortController();
  setAccountHashSecret(settings.secret);
  if (isShown(application, profile.version)) {
    diag.warn(
      `watchAccounts: two watches share application '${application}' and API ${profile.version}, so their accounts are ` +
        'added up. Give each Nylas application its own `application`, or close the first watch.',
    );
  }
  const tracker = new AccountTracker(transitionTelemetry(application, profile, captureAccountId));
  const poller = new Poller({
    api: accountApi({ ...settings, closing: closing.signal }),
    tracker,
    identity,
    runtime,
    observer: pollTelemetry(identity),
    sweepMs: settings.sweepMs,
    invalidMs: settings.invalidMs,
    requestsPerSecond: settings.requestsPerSecond,
  });
  const undo = [
    showOnGauges(gaugeSource(settings, tracker, poller, runtime)),
    onAccountSignal((event) => rereadOn(event, settings, tracker, poller)),
    ...(logger === undefined ? [] : [addLogger(logger)]),
  ];
  outsideOfCallers(() => poller.start());
  let closed: Promise<void> | undefined;
  return {
    get ready() {
      return poller.ready;
    },
    snapshot: () => snapshot(settings, tracker, poller),
    accounts: (filter = {}) => listAccounts(tracker, filter),
    applySignal: (news) =>
      closed === undefined ? applyNews(news, settings, tracker, poller, runtime) : 'closed',
    close() {
      closed ??= (async () => {
        for (const step of undo) step();
        closing.abort();
        await poller.close();
      })();
      return closed;
    },
  };
}

function gaugeSource(
  { application, profile, series, captureAccountId }: WatchSettings,
  tracker: AccountTracker,
  poller: Poller,
  runtime: Runtime,
): GaugeSource {
  return {
    application,
    version: profile.version,
    series,
    counts: (report) => tracker.counts(report),
    oldest: (report) => tracker.oldest(report),
    lastSweep: () => poller.lastSweep,
    now: () => runtime.now(),
    shownId: (id) => shownAccountId(id, captureAccountId),
    resolve: (name) => tracker.resolve(name),
    unhealthyCount: () => tracker.unhealthyCount(),
    longestUnhealthy: (most) => tracker.longestUnhealthy(most),
  };
}

// An address with several accounts: each is read, but not a crowd of them.
const MOST_OF_ONE_ADDRESS = 5;

// Accounts that are not known are another application's, or new: the next poll brings those.
function rereadOn(
  event: AccountSignalEvent,
  { profile }: WatchSettings,
  tracker: AccountTracker,
  poller: Poller,
): void {
  if (event.version !== profile.version) return;
  for (const { id } of tracker.resolve(event.account).slice(0, MOST_OF_ONE_ADDRESS)) {
    poller.wantReread(id, 'request');
  }
}

function applyNews(
  news: AccountNews,
  { profile }: WatchSettings,
  tracker: AccountTracker,
  poller: Poller,
  runtime: Runtime,
): NewsVerdict {
  const id = readId((news as AccountNews | undefined)?.id);
  const time = news?.time instanceof Date ? news.time.getTime() : Number.NaN;
  if (id === undefined || typeof news.state !== 'string' || Number.isNaN(time)) {
    diag.warn('watchAccounts: applySignal needs an id, a state and a time (a Date); the news was dropped.');
    return 'unreadable';
  }
  const signal: AccountSignal = news.signal === 'poll' || news.signal === 'request' ? news.signal : 'webhook';
  const known = tracker.get(id) !== undefined;
  const verdict = tracker.apply(
    {
      id,
      email: typeof news.email === 'string' ? news.email : undefined,
      provider: providerLabel(typeof news.provider === 'string' ? news.provider : undefined),
      ...newsWords(profile.version, news.state),
    },
    // Clocks differ: news from the future would shut out every reading until then.
    { time: Math.min(time, runtime.now()), signal, event: true },
  );
  // News of a new account may leave out its provider and address.
  if (verdict === 'contested' || (!known && verdict === 'first')) poller.wantReread(id, signal);
  return verdict;
}

function snapshot(
  { application, profile }: WatchSettings,
  tracker: AccountTracker,
  poller: Poller,
): AccountsSnapshot {
  const none = (): Record<AccountState, number> =>
    Object.fromEntries(ACCOUNT_STATES.map((state) => [state, 0])) as Record<AccountState, number>;
  const byState = none();
  const byProvider: Record<string, Record<AccountState, number>> = {};
  tracker.counts((provider, state, count) => {
    byState[state] += count;
    byProvider[provider] ??= none();
    byProvider[provider][state] = count;
  });
  return {
    application,
    version: profile.version,
    total: tracker.size,
    byState,
    byProvider,
    lastSweep: dateOf(poller.lastSweep),
    sweep: poller.sweep,
    lastPoll: dateOf(poller.lastPoll),
    problem: poller.problem,
  };
}

function listAccounts(
  tracker: AccountTracker,
  { state, provider, unhealthy }: AccountFilter,
): WatchedAccount[] {
  const found: WatchedAccount[] = [];
  for (const account of tracker.accounts()) {
    if (
      (state === undefined || account.state === state) &&
      (provider === undefined || account.provider === provider) &&
      (unhealthy === undefined || isUnhealthy(account.state) === unhealthy)
    )
      found.push(shown(account));
  }
  return found;
}

function shown({ id, email, provider, state, raw, since, brokenSince }: TrackedAccount): WatchedAccount {
  return {
    id,
    email,
    provider,
    state,
    rawState: raw,
    since: new Date(since),
    unhealthySince: dateOf(brokenSince),
  };
}

function dateOf(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
