import type { WatchAccountsOptions } from '@nylas-otel/accounts';
import {
  checkedBy,
  functionOption,
  kindOf,
  NylasAccountsConfigError,
  objectOption,
  readOptions,
  refuseUnknown,
  WATCH_OPTIONS,
  type WatchSettings,
} from '@nylas-otel/accounts/tracking';
import type { NylasStore } from '@nylas-otel/store';
import type { DestinationOptions } from '../destinations/watch-destinations.ts';
import type { RepairPolicy } from '../machine/repair-policy.ts';
import type { ReauthSettings } from '../nylas/reauth-link.ts';
import { storeOption, textsOption } from '../option-checks.ts';
import type { WatchPlatformOptions } from '../platform/watch-platform.ts';
import type { RecoverySettingsOptions, StartRecoveryOptions } from '../recovery/options.ts';
import type { BrakeSettings } from '../runner/brake.ts';
import type { Escalation, ReauthenticationRequest, RepairedAccount } from '../runner/people.ts';
import type { SupportBundleResult } from '../support-bundle/support-bundle.ts';
import { type BesideOptions, readBeside } from './beside.ts';
import { MOST_LEASE_MS, readRepair } from './repair-options.ts';

/** How repair goes about it; all times are seconds. */
export interface RepairOptions {
  /** Journals what it would do and does nothing but read. Default true: switch it off when the journal looks right. */
  readonly dryRun?: boolean;
  /** How long an account must be stopped, or in sync_error, before anything is done. Default 900. */
  readonly flapTime?: number;
  /** v2: shortest time between two restarts of one account. Default 86,400. */
  readonly restartEvery?: number;
  /** v2: from a restart to the check, at least 60. Default 300. */
  readonly settleTime?: number;
  /** From a prompt to its reminder, at least 86,400. Default 259,200 (three days). */
  readonly remindEvery?: number;
  /** Prompts of one repair, reminders included, before it is escalated. Default 3. */
  readonly mostPrompts?: number;
  /** v2: between checks of an account that is running partly. Default 1,800. */
  readonly checkEvery?: number;
  /** v2: how long an account may be running partly before it is escalated. Default 86,400. */
  readonly partialTime?: number;
  /** v2: revoke the old access tokens once there is a new one; needs `getAccessToken`. Default false. */
  readonly revokeTokens?: boolean;
  /** Restarts, prompts, revocations and escalations a minute. Default 30. */
  readonly actionsPerMinute?: number;
  /** When repair holds still because it is not the accounts. Default: 20 accounts, and 5 % of all, within 600 seconds. */
  readonly massFailure?: { readonly accounts?: number; readonly share?: number; readonly within?: number };
}

/** How missed webhooks are made up for; see `startRecovery`. The connection, the store and tokens are the monitor's. */
export type MonitorRecoveryOptions = Omit<
  RecoverySettingsOptions & Pick<StartRecoveryOptions, 'settle' | 'leastGap' | 'silence' | 'onProgress'>,
  'store' | 'getAccessToken'
>;

/** What a monitor does beside what `watchAccounts` does. */
export interface MonitorExtras {
  /** Where everything is kept; see `openStore`. */
  readonly store: NylasStore;
  readonly repair?: RepairOptions;
  /** For the address at which a user authenticates again. Needed unless repair is a dry run. */
  readonly reauth?: ReauthSettings;
  /**
   * Ask the account's user to authenticate again: by e-mail, in your application. Called at most once in 24 hours for one
   * account. Throw when nothing was sent: it is called again later.
   */
  readonly onReauthenticationNeeded?: (request: ReauthenticationRequest) => unknown;
  /** An account that repair cannot mend, with what Nylas support asks for. Throw when it reached nobody. */
  readonly onEscalation?: (escalation: Escalation<SupportBundleResult>) => unknown;
  /** v2: the account's present access token, from wherever you keep it; undefined when there is none. */
  readonly getAccessToken?: (account: RepairedAccount) => string | undefined | Promise<string | undefined>;
  /** Watch the webhook destinations too, on the same store. Default true. */
  readonly destinations?: boolean | Omit<DestinationOptions, 'store'>;
  /** Watch the status page of Nylas too. Default true. */
  readonly platform?: boolean | Omit<WatchPlatformOptions, 'store' | 'application'>;
  /**
   * Make up for missed webhooks too, as `startRecovery` does: what is found goes through the store's inbox to the handlers
   * of `store.inbox.work`. Default false.
   */
  readonly recovery?: boolean | MonitorRecoveryOptions;
}

/** Options of `createAccountMonitor`: those of `watchAccounts`, the store, and what repair may do. */
export type AccountMonitorOptions = WatchAccountsOptions & MonitorExtras;

/** Checked options with every default filled in. */
export interface MonitorSettings extends WatchSettings {
  readonly given: AccountMonitorOptions;
  readonly store: NylasStore;
  readonly policy: RepairPolicy;
  readonly brake: BrakeSettings;
  readonly actionsPerMinute: number;
  readonly reauth: ReauthSettings | undefined;
  readonly beside: BesideOptions;
}

const EXTRAS = [
  'store',
  'repair',
  'reauth',
  'onReauthenticationNeeded',
  'onEscalation',
  'getAccessToken',
  'destinations',
  'platform',
  'recovery',
];

/**
 * Checks the options of a monitor and fills in the defaults.
 * @throws {NylasAccountsConfigError} naming the option, the type that was given and the fix
 */
export function readMonitorOptions(given: AccountMonitorOptions): MonitorSettings {
  return checkedBy('createAccountMonitor', () => {
    const options = objectOption('options', given, 'an object such as { apiKey, store }');
    refuseUnknown(options, [...WATCH_OPTIONS, ...EXTRAS], '');
    const store = storeOption(options.store);
    const watch = readOptions({ application: store.application, ...pick(options, WATCH_OPTIONS) });
    if (watch.application !== store.application)
      throw new NylasAccountsConfigError(
        'application',
        `application is '${watch.application}', but the store was opened for '${store.application}'.`,
        'Leave it out, or open the store with the same application.',
      );
    for (const name of ['onReauthenticationNeeded', 'onEscalation', 'getAccessToken'])
      functionOption(options, name);
    const reauth = readReauth(options.reauth);
    const repair = readRepair(options.repair, watch.profile.version);
    if (!repair.policy.dryRun) needsPeople(given, reauth);
    if (repair.policy.revokeTokens && given.getAccessToken === undefined)
      throw new NylasAccountsConfigError(
        'repair.revokeTokens',
        'repair.revokeTokens is true, but getAccessToken is nothing: which access token to keep is not known.',
        'Give getAccessToken.',
      );
    if (2 * watch.timeoutMs > MOST_LEASE_MS)
      throw new NylasAccountsConfigError(
        'timeout',
        `timeout must be at most ${MOST_LEASE_MS / 2_000} (seconds) for repair, got the number ${watch.timeoutMs / 1_000}.`,
        'Leave it out for 30.',
      );
    return { ...watch, ...repair, given, store, reauth, beside: readBeside(given, store) };
  });
}

function needsPeople(
  { onReauthenticationNeeded }: AccountMonitorOptions,
  reauth: ReauthSettings | undefined,
) {
  if (onReauthenticationNeeded === undefined)
    throw new NylasAccountsConfigError(
      'onReauthenticationNeeded',
      'onReauthenticationNeeded must be a function when repair.dryRun is false, got nothing: nobody would ask users.',
      'Give onReauthenticationNeeded, a function that sends them the address it is given.',
    );
  if (reauth === undefined)
    throw new NylasAccountsConfigError(
      'reauth',
      'reauth must be an object when repair.dryRun is false, got nothing: where users authenticate again is not known.',
      'Give reauth: { clientId, redirectUri }.',
    );
}

function readReauth(value: unknown): ReauthSettings | undefined {
  if (value === undefined) return undefined;
  const reauth = objectOption('reauth', value, 'an object such as { clientId, redirectUri }');
  refuseUnknown(reauth, ['clientId', 'redirectUri', 'scopes', 'state'], 'reauth.');
  for (const name of ['clientId', 'redirectUri']) {
    if (typeof reauth[name] === 'string' && reauth[name] !== '') continue;
    throw new NylasAccountsConfigError(
      `reauth.${name}`,
      `reauth.${name} must be a string, got ${kindOf(reauth[name])}.`,
      name === 'clientId'
        ? 'Give the client id of the Nylas application.'
        : 'Give a redirect URI that the application has registered.',
    );
  }
  if (!URL.canParse(reauth.redirectUri as string))
    throw new NylasAccountsConfigError(
      'reauth.redirectUri',
      'reauth.redirectUri must be an address, got a string that is none.',
      'Give one such as "https://app.example.com/nylas/callback".',
    );
  functionOption(reauth, 'state', 'Give a function of the account, or leave it out for its id.', 'reauth.');
  textsOption(reauth, 'scopes', 'Leave it out for what the connector asks for.', 'reauth.');
  return reauth as unknown as ReauthSettings;
}

function pick(options: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  );
}
