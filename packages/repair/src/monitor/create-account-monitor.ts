import {
  isLasting,
  isShown,
  outsideOfCallers,
  processRuntime,
  type Runtime,
} from '@nylas-otel/accounts/tracking';
import { ACCOUNT_STATES, type AccountState, type Outcome } from '@nylas-otel/nylas-api';
import type { StoredAccount } from '@nylas-otel/store';
import { addLogger, dropError, setAccountHashSecret } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { type DestinationWatch, startDestinationWatch } from '../destinations/watch-destinations.ts';
import { type PlatformWatch, startPlatformWatch } from '../platform/watch-platform.ts';
import { type Recovery, startRecoveryWith } from '../recovery/start-recovery.ts';
import { ErrorJournal } from '../tracking/error-journal.ts';
import { SignalCollector } from '../tracking/signal-collector.ts';
import type { AccountMonitor, MonitoredAccount, MonitorStatus } from './account-monitor.ts';
import { updateOf, webhookHandlers } from './account-news.ts';
import type { BesideOptions } from './beside.ts';
import { MonitorEvents } from './monitor-events.ts';
import { type AccountMonitorOptions, type MonitorSettings, readMonitorOptions } from './monitor-options.ts';
import { type MonitorParts, monitorParts } from './monitor-parts.ts';
import { Operator } from './operator.ts';
import { wakePlanned } from './reconcile.ts';

/**
 * Makes a monitor of the accounts of a Nylas application: v3 grants (`apiKey`) or v2 accounts (`clientId`,
 * `clientSecret`), with everything it knows in `store`. It watches them as `watchAccounts` does, repairs what it can, asks
 * users to authenticate again through your callback, and escalates the rest. Repair is a dry run unless it is told
 * otherwise. `start()` sets it going.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function createAccountMonitor(options: AccountMonitorOptions): AccountMonitor {
  return monitorOf(readMonitorOptions(options), processRuntime).monitor;
}

/** {@link createAccountMonitor} with time and chance passed in, and with its parts, for tests. */
export function monitorOf(
  settings: MonitorSettings,
  runtime: Runtime,
): { readonly monitor: AccountMonitor; readonly parts: MonitorParts } {
  setAccountHashSecret(settings.secret);
  const events = new MonitorEvents();
  const closing = new AbortController();
  const parts = monitorParts(settings, runtime, events, closing.signal);
  return { monitor: new Monitor(settings, runtime, events, parts, closing), parts };
}

const READY_LOOK_MS = 500;

class Monitor implements AccountMonitor {
  readonly webhookHandlers: AccountMonitor['webhookHandlers'];
  destinations: DestinationWatch | undefined;
  platform: PlatformWatch | undefined;
  recovery: Recovery | undefined;
  readonly #settings: MonitorSettings;
  readonly #runtime: Runtime;
  readonly #events: MonitorEvents;
  readonly #parts: MonitorParts;
  readonly #closing: AbortController;
  readonly #operator: Operator;
  readonly #undo: (() => unknown)[] = [];
  #started: Promise<void> | undefined;
  #ready: Promise<Outcome> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    settings: MonitorSettings,
    runtime: Runtime,
    events: MonitorEvents,
    parts: MonitorParts,
    closing: AbortController,
  ) {
    this.#settings = settings;
    this.#runtime = runtime;
    this.#events = events;
    this.#parts = parts;
    this.#closing = closing;
    this.#operator = new Operator(settings, parts);
    this.webhookHandlers = webhookHandlers(parts.tracker, settings.profile.version, () => runtime.now());
  }

  start(): Promise<void> {
    this.#started ??= outsideOfCallers(() => this.#start());
    return this.#started;
  }

  get ready(): Promise<Outcome> {
    this.#ready ??= this.#firstSweep();
    return this.#ready;
  }

  on: AccountMonitor['on'] = (name, listener) => this.#events.on(name, listener);

  async applySignal(news: Parameters<AccountMonitor['applySignal']>[0]): Promise<void> {
    const update = updateOf(news, this.#settings.profile.version, this.#runtime.now());
    if (update !== undefined) await this.#parts.tracker.apply([update]);
    else
      diag.warn(
        'account monitor: applySignal needs an id, a state and a time (a Date); the news was dropped.',
      );
  }

  async accounts(
    filter: Parameters<AccountMonitor['accounts']>[0] = {},
  ): Promise<readonly MonitoredAccount[]> {
    return (await this.#settings.store.accounts.list(filter)).map(shown);
  }

  async account(name: string): Promise<MonitoredAccount | undefined> {
    const [account] = await this.#settings.store.accounts.resolve(name);
    return account === undefined ? undefined : shown(account);
  }

  async status(): Promise<MonitorStatus> {
    const { gauges, control } = this.#parts;
    await gauges.refresh();
    const { counts, pending, polls, lastSweep } = gauges.shown;
    const accounts = Object.fromEntries(ACCOUNT_STATES.map((state) => [state, 0])) as Record<
      AccountState,
      number
    >;
    for (const { state, count } of counts) accounts[state] += count;
    const { application, profile, policy } = this.#settings;
    return {
      application,
      version: profile.version,
      accounts,
      lastSweep: lastSweep === undefined ? undefined : new Date(lastSweep),
      problems: polls.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
      repairs: Object.fromEntries([...pending].filter(([step]) => step !== 'recovered')),
      dryRun: policy.dryRun,
      pause: await control.pause(),
    };
  }

  repair: AccountMonitor['repair'] = (name) => this.#operator.repair(name);
  history: AccountMonitor['history'] = (name, { limit = 100 } = {}) => this.#operator.history(name, limit);
  restart: AccountMonitor['restart'] = (name, { force = false } = {}) =>
    this.#operator.restart(name, force, this.#runtime.now());
  reauthLink: AccountMonitor['reauthLink'] = (name) => this.#operator.reauthLink(name);
  markReauthenticated: AccountMonitor['markReauthenticated'] = (name, { newToken } = {}) =>
    this.#operator.markReauthenticated(name, newToken);
  pause: AccountMonitor['pause'] = (why = 'paused by an operator') => this.#operator.pause(why);
  resume: AccountMonitor['resume'] = () => this.#operator.resume();

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort();
      await this.#started?.catch(() => {});
      for (const undo of this.#undo.reverse()) await undo();
    })();
    return this.#closed;
  }

  async #start(): Promise<void> {
    const { store, profile, application, logger, beside, policy } = this.#settings;
    const { rereads, gauges, jobs } = this.#parts;
    if (isShown(application, profile.version))
      diag.warn(
        `createAccountMonitor: application '${application}' is on the gauges of this process already (another monitor, or ` +
          'watchAccounts), so its accounts are added up. Keep one of them.',
      );
    if (logger !== undefined) this.#undo.push(addLogger(logger));
    const signals = new SignalCollector({ store, rereads, runtime: this.#runtime }, profile.version);
    this.#undo.push(() => signals.close());
    const errors = new ErrorJournal(store, this.#runtime, profile.version);
    this.#undo.push(() => errors.close());
    await gauges.start();
    this.#undo.push(() => gauges.close());
    for (const { name, seconds, run } of jobs) {
      if (this.#closing.signal.aborted) return;
      this.#undo.push(
        await store.jobs.every(name, seconds, ({ signal }) =>
          outsideOfCallers(() => run({ signal: AbortSignal.any([signal, this.#closing.signal]) })),
        ),
      );
    }
    if (!policy.dryRun) {
      const waking = wakePlanned(store, this.#runtime.now(), this.#closing.signal).catch((error) =>
        dropError('repair', error),
      );
      this.#undo.push(() => waking);
    }
    this.#watchAround(beside);
  }

  #watchAround({ destinations, platform, recovery }: BesideOptions): void {
    if (destinations !== undefined) {
      const watch = startDestinationWatch(destinations, this.#runtime);
      this.destinations = watch;
      this.#undo.push(() => watch.close());
    }
    if (platform !== undefined) {
      const watch = startPlatformWatch(platform, this.#runtime);
      this.platform = watch;
      this.#undo.push(() => watch.close());
    }
    if (recovery !== undefined) {
      const running = startRecoveryWith(recovery, this.#runtime);
      this.recovery = running;
      this.#undo.push(() => running.close());
    }
  }

  async #firstSweep(): Promise<Outcome> {
    const { sweep } = this.#parts;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const { completeAt, problem } = await sweep.state();
        if (completeAt !== undefined) return 'success';
        if (problem !== undefined && isLasting(problem.kind)) return problem.outcome;
      } catch (error) {
        dropError('repair', error);
      }
      await this.#runtime.sleep(READY_LOOK_MS, signal, true);
    }
    return 'cancelled';
  }
}

function shown({ id, email, provider, state, raw, since, brokenSince }: StoredAccount): MonitoredAccount {
  return {
    id,
    email,
    provider,
    state,
    rawState: raw,
    since: new Date(since),
    unhealthySince: brokenSince === undefined ? undefined : new Date(brokenSince),
  };
}
