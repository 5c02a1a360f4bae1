import {
  type Connection,
  checkedBy,
  choice,
  flag,
  functionOption,
  kindOf,
  NylasAccountsConfigError,
  number,
  objectOption,
  processRuntime,
  type Runtime,
  readConnection,
  refuseUnknown,
} from '@nylas-otel/accounts/tracking';
import type { NylasStore } from '@nylas-otel/store';
import { CONNECTION_OPTIONS, type ConnectionOptions } from '../destinations/watch-destinations.ts';
import { dateOption, storeOption, textOption, textsOption } from '../option-checks.ts';
import { DEFAULT_SILENCE, type SilenceOptions } from './silence.ts';
import type { Unfiltered } from './step.ts';

/** Resources that can be recovered. */
export const RECOVERABLE = [
  'messages',
  'threads',
  'events',
  'contacts',
  'folders',
  'calendars',
  'grants',
] as const;
/** A resource that can be recovered. */
export type RecoverableResource = (typeof RECOVERABLE)[number];

/** How recovery reads, whatever makes it start. */
export interface RecoverySettingsOptions {
  /** Where events go, and where progress, inventories and cursors are kept. */
  readonly store: NylasStore;
  /**
   * Which resources. Default: all but `threads`, which Nylas tells of only where a message was sent with tracking: with
   * `threads`, every thread that got an answer is handed over as `thread.replied`.
   */
  readonly resources?: readonly RecoverableResource[];
  /**
   * v3: what to do about changes that no filter shows: updates and deletions of messages, deletions of events. They can be
   * found by comparing whole lists of ids (of the last 30 days of messages) with lists from before, which costs one request
   * for 200 objects, once a day and at a recovery.
   * - `off` (default): they stay unseen; the report names them (`unknowable`, `blind`), and no metric shows a 0 for them
   * - `count`: they are counted as unrecoverable
   * - `deliver`: they are read one by one and handed over
   */
  readonly unfiltered?: Unfiltered;
  /** The part of every documented limit of Nylas and the provider that may be used, at most 0.5. Default 0.5. */
  readonly share?: number;
  /** Highest rate over all accounts. Default 50; never more than `share` allows. */
  readonly requestsPerSecond?: number;
  /** Accounts read at one time, each with one request at most; most of them wait for their mailbox's limit. Default 32. */
  readonly concurrency?: number;
  /**
   * v2: the access token of an account, which its deltas are read with; undefined when there is none. Needed for v2.
   */
  readonly getAccessToken?: (accountId: string) => string | undefined | Promise<string | undefined>;
  /** Id of the Nylas application, for `data.application_id` of recovered events. */
  readonly applicationId?: string;
}

/** Options of `startRecovery`. */
export type StartRecoveryOptions = ConnectionOptions &
  RecoverySettingsOptions & {
    /** Seconds after the end of a gap until it is made up for. Default 1200: Nylas itself tries again for 20 minutes. */
    readonly settle?: number;
    /** Seconds a downtime must last at least. Default 300: shorter ones are covered by Nylas's own attempts. */
    readonly leastGap?: number;
    /** How silence is judged; false: not at all. */
    readonly silence?: SilenceOptions | false;
    /** Told how a run gets on. */
    readonly onProgress?: (progress: RecoveryProgress) => void;
  };

/** Options of `recover`. */
export type RecoverOptions = ConnectionOptions &
  RecoverySettingsOptions & {
    /** Begin of the gap. */
    readonly since: Date;
    /** Its end. Default: now. */
    readonly until?: Date;
    /** Which accounts, by id. Default: all. */
    readonly accounts?: readonly string[];
    /** Reads and counts, but hands nothing over. Default false. */
    readonly dryRun?: boolean;
    /** Ends it before its time; the same call goes on where it stopped. */
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: RecoveryProgress) => void;
  };

/** How far a run is. */
export interface RecoveryProgress {
  readonly run: string;
  /** Looked at so far. */
  readonly accounts: number;
  readonly done: number;
  /** Cannot be read until they are re-authenticated. */
  readonly postponed: number;
  readonly failed: number;
  /** Objects handed over. */
  readonly recovered: number;
}

/** Checked settings. */
export interface RecoverySettings {
  readonly connection: Connection;
  readonly clientId: string | undefined;
  readonly store: NylasStore;
  readonly resources: ReadonlySet<string>;
  readonly unfiltered: Unfiltered;
  readonly share: number;
  readonly requestsPerSecond: number;
  readonly concurrency: number;
  readonly getAccessToken: RecoverySettingsOptions['getAccessToken'];
  readonly applicationId: string | undefined;
  readonly runtime: Runtime;
}

const SHARED = [
  ...CONNECTION_OPTIONS,
  'store',
  'resources',
  'unfiltered',
  'share',
  'requestsPerSecond',
  'concurrency',
  'getAccessToken',
  'applicationId',
  'onProgress',
];
const DAY = 86_400;
const KNOWN = {
  startRecovery: [...SHARED, 'settle', 'leastGap', 'silence'],
  recover: [...SHARED, 'since', 'until', 'accounts', 'dryRun', 'signal'],
};

/**
 * Checks what `startRecovery` and `recover` have in common.
 * @throws {NylasAccountsConfigError}
 */
export function readRecoverySettings(
  by: 'startRecovery' | 'recover',
  given: ConnectionOptions & RecoverySettingsOptions,
  runtime: Runtime = processRuntime,
): RecoverySettings {
  return checkedBy(by, () => {
    const options = objectOption(
      'options',
      given,
      'an object such as { store, apiKey: process.env.NYLAS_API_KEY }',
    );
    refuseUnknown(options, KNOWN[by], '');
    const store = storeOption(options.store);
    const application = options.application ?? store.application;
    const connection = readConnection({ ...options, application }, by);
    const getAccessToken = functionOption(options, 'getAccessToken');
    functionOption(options, 'onProgress');
    if (connection.profile.version === 'v2' && getAccessToken === undefined)
      throw new NylasAccountsConfigError(
        'getAccessToken',
        'getAccessToken must be a function for API v2, got nothing: deltas are read with the token of each account.',
        'Give a function that resolves to the token of an account id.',
      );
    return {
      connection,
      clientId: given.clientId,
      store,
      resources: readResources(options.resources),
      unfiltered: choice(options, 'unfiltered', ['off', 'count', 'deliver'], 'off') as Unfiltered,
      share: number(options, 'share', 0.5, 0.001, 0.5, 'part of the limits'),
      requestsPerSecond: number(options, 'requestsPerSecond', 50, 0.01, 1_000, 'requests per second'),
      concurrency: Math.floor(number(options, 'concurrency', 32, 1, 100, 'accounts')),
      getAccessToken: getAccessToken as RecoverySettingsOptions['getAccessToken'],
      applicationId: textOption(
        options,
        'applicationId',
        'Give the id of the Nylas application, or leave it out.',
      ),
      runtime,
    };
  });
}

/** When recovery begins by itself, checked. */
export interface GapSettings {
  readonly settleMs: number;
  readonly leastMs: number;
  readonly silence: Required<SilenceOptions> | false;
  readonly onProgress: StartRecoveryOptions['onProgress'];
}

/**
 * Checks what `startRecovery` has of its own.
 * @throws {NylasAccountsConfigError}
 */
export function readGapSettings(given: StartRecoveryOptions): GapSettings {
  return checkedBy('startRecovery', () => {
    const options = given as unknown as Readonly<Record<string, unknown>>;
    return {
      settleMs: number(options, 'settle', 1_200, 0, DAY, 'seconds') * 1_000,
      leastMs: number(options, 'leastGap', 300, 0, DAY, 'seconds') * 1_000,
      silence: readSilence(options.silence),
      onProgress: given.onProgress,
    };
  });
}

function readSilence(value: unknown): GapSettings['silence'] {
  if (value === false) return false;
  const silence = objectOption('silence', value ?? {}, 'false, or an object such as { expected: 12 }');
  refuseUnknown(silence, ['expected', 'leastHours'], 'silence.');
  return {
    expected: number(silence, 'expected', DEFAULT_SILENCE.expected, 1, 1_000, 'events', 'silence.'),
    leastHours: number(silence, 'leastHours', DEFAULT_SILENCE.leastHours, 1, 672, 'hours', 'silence.'),
  };
}

/** What `recover` has of its own, checked. */
export interface OperatorSettings {
  readonly since: Date;
  readonly until: Date | undefined;
  readonly accounts: readonly string[] | undefined;
  readonly dryRun: boolean;
}

/**
 * Checks what `recover` has of its own.
 * @throws {NylasAccountsConfigError}
 */
export function readOperatorSettings(given: RecoverOptions): OperatorSettings {
  return checkedBy('recover', () => {
    const options = given as unknown as Readonly<Record<string, unknown>>;
    const since = dateOption(options, 'since');
    if (since === undefined)
      throw new NylasAccountsConfigError(
        'since',
        'since must be a Date, got nothing.',
        'Give the begin of the gap.',
      );
    if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
      throw new NylasAccountsConfigError(
        'signal',
        `signal must be an AbortSignal, got ${kindOf(options.signal)}.`,
        'Give the signal of an AbortController, or leave it out.',
      );
    return {
      since,
      until: dateOption(options, 'until'),
      accounts: textsOption(options, 'accounts', 'Give account ids, or leave it out for all.'),
      dryRun: flag(options, 'dryRun', false),
    };
  });
}

function readResources(value: unknown): ReadonlySet<string> {
  if (value === undefined) return new Set(RECOVERABLE.filter((resource) => resource !== 'threads'));
  if (Array.isArray(value) && value.length > 0 && value.every((one) => RECOVERABLE.includes(one)))
    return new Set(value as string[]);
  throw new NylasAccountsConfigError(
    'resources',
    `resources must be a list of resources, got ${kindOf(value)}.`,
    `Known are ${RECOVERABLE.join(', ')}.`,
  );
}
