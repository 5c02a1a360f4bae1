import type { AccountNews } from '@nylas-otel/accounts';
import type { AccountState, ApiVersion, Outcome } from '@nylas-otel/nylas-api';
import type { DurableHandler, StoredAccountFilter } from '@nylas-otel/store';
import type { DestinationWatch } from '../destinations/watch-destinations.ts';
import type { RepairStep } from '../machine/repair-state.ts';
import type { PlatformWatch } from '../platform/watch-platform.ts';
import type { Recovery } from '../recovery/start-recovery.ts';
import type { RepairPause } from '../runner/control.ts';
import type { PollProblem } from '../tracking/poll-state.ts';
import type { MonitorEventMap } from './monitor-events.ts';

/** One account as the store has it. Holds personal data (the address): for the host's own use, not for telemetry. */
export interface MonitoredAccount {
  /** Grant id (v3) or account id (v2). */
  readonly id: string;
  readonly email: string | undefined;
  /** A value of `nylas.provider`. */
  readonly provider: string;
  readonly state: AccountState;
  /** The state in Nylas's own word where it is a documented one, else `other`. */
  readonly rawState: string;
  readonly since: Date;
  /** When it left `running`, if it is not back. */
  readonly unhealthySince: Date | undefined;
}

/** How a monitor does. */
export interface MonitorStatus {
  readonly application: string;
  readonly version: ApiVersion;
  /** Accounts by state. */
  readonly accounts: Readonly<Record<AccountState, number>>;
  /** When the last complete sweep over all accounts ended, in whichever process. */
  readonly lastSweep: Date | undefined;
  /** What keeps the accounts from being read; they keep their last known state meanwhile. */
  readonly problems: readonly PollProblem[];
  /** Accounts under repair, by the step they wait at. */
  readonly repairs: Readonly<Partial<Record<RepairStep, number>>>;
  readonly dryRun: boolean;
  /** Why repair holds still. */
  readonly pause: RepairPause | undefined;
}

/** One thing that happened to an account, or was done for it. */
export interface HistoryEntry {
  readonly time: Date;
  /** `transition`, or the kind of a journal line: `repair`, `operator`, `request_error`, ... */
  readonly kind: string;
  readonly data: { readonly [key: string]: unknown };
}

/** The repair of one account. */
export interface RepairView {
  readonly step: RepairStep;
  readonly reason: AccountState;
  readonly since: Date;
  readonly restartedAt: Date | undefined;
  readonly promptedAt: Date | undefined;
  readonly escalatedAt: Date | undefined;
  /** Dry run: what would be done. */
  readonly planned: string | undefined;
}

/**
 * The accounts of one Nylas application, kept alive: watched, repaired, and told about. Any number of processes may run a
 * monitor on one database; each piece of work is done by one of them.
 */
export interface AccountMonitor {
  /** Begins to watch and to repair, and to show gauges. Operator functions work without it. */
  start(): Promise<void>;
  /** How the first sweep over all accounts ended, in whichever process; `cancelled` when the monitor is closed before. */
  readonly ready: Promise<Outcome>;
  /** Calls `listener` at each event; returns what ends it. */
  on<Name extends keyof MonitorEventMap>(
    name: Name,
    listener: (...args: MonitorEventMap[Name]) => void,
  ): () => void;
  /**
   * Handlers of `grant.*` and `account.*` webhooks by trigger, for `store.inbox.work({ onEvent })`: spread them beside your
   * own.
   */
  readonly webhookHandlers: Readonly<Record<string, DurableHandler>>;
  /** Takes news of an account from elsewhere than a webhook of the store's inbox. */
  applySignal(news: AccountNews): Promise<void>;
  accounts(filter?: StoredAccountFilter): Promise<readonly MonitoredAccount[]>;
  /** @param name an id, an address, `grant:` or `email:` and one */
  account(name: string): Promise<MonitoredAccount | undefined>;
  status(): Promise<MonitorStatus>;
  /** The repair of an account, if there is one. */
  repair(name: string): Promise<RepairView | undefined>;
  /** What happened to an account and what was done for it, newest first. */
  history(name: string, options?: { readonly limit?: number }): Promise<readonly HistoryEntry[]>;
  /**
   * v2: restarts the account (downgrade, upgrade), also in a dry run and during a pause.
   * @throws {NylasRepairError} for an account that is not known, on v3, and within `repair.restartEvery` unless `force`
   */
  restart(name: string, options?: { readonly force?: boolean }): Promise<void>;
  /**
   * The address at which the account's user authenticates again. Sends nothing.
   * @throws {NylasRepairError} for an account that is not known, and without the option `reauth`
   */
  reauthLink(name: string): Promise<string>;
  /**
   * Says that the account was authenticated again: the old tokens are revoked where that is wanted, and it is checked.
   * @param options `newToken` is kept in memory only; without it `getAccessToken` is asked
   * @throws {NylasRepairError} for an account that is not known
   */
  markReauthenticated(name: string, options?: { readonly newToken?: string }): Promise<void>;
  /** Holds repair still in all processes, until {@link resume}. An upgrade that is owed is still done. */
  pause(why?: string): Promise<void>;
  /** Lets repair go on, also after a mass failure. */
  resume(): Promise<void>;
  /** The watch over webhook destinations; undefined before {@link start} and where it is switched off. */
  readonly destinations: DestinationWatch | undefined;
  /** The watch over the platform's status page; undefined before {@link start} and where it is switched off. */
  readonly platform: PlatformWatch | undefined;
  /** The recovery of missed webhooks; undefined before {@link start} and where it is not asked for. */
  readonly recovery: Recovery | undefined;
  /** Ends what {@link start} began. The store stays open. */
  close(): Promise<void>;
}
