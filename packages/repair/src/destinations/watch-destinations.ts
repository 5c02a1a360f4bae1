import type { WatchAccountsOptions } from '@nylas-otel/accounts';
import {
  type Connection,
  checkedBy,
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
import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { WebhookStatus } from '@nylas-otel/semantic-conventions';
import type { NylasStore, StoreTransaction } from '@nylas-otel/store';
import { addLogger, dropError } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { optionalStore } from '../option-checks.ts';
import { noteGap } from '../recovery/gap-ledger.ts';
import { startSharedPoll } from '../shared-poll/shared-poll.ts';
import { showDestinations } from './destination-gauge.ts';
import type { DestinationReading } from './destination-list.ts';
import {
  type DestinationTransition,
  destinationLabel,
  type KnownDestination,
  mergeDestinations,
} from './destination-state.ts';
import { listDestinations, problemWord } from './read-destinations.ts';

/** Options of {@link watchDestinations} beside those of `watchAccounts` that say how the application is reached. */
export interface DestinationOptions {
  /**
   * With a store one process of the application asks, all show the same, and changes are written to the journal; a
   * destination that is back to `active` leaves a gap that `startRecovery` makes up for.
   */
  readonly store?: NylasStore;
  /** Seconds between readings, at least 10; differs by up to a tenth. Default 60. */
  readonly interval?: number;
  /** Names for the metric label, by destination id: letters, digits, `.`, `_`, `-`. Default: the ordinal by age. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Which destinations are yours; others are passed over. Default: all. */
  readonly ours?: (destination: { readonly id: string; readonly url: string | undefined }) => boolean;
  /** Told of every change once (with a store: in the process that saw it). */
  readonly onTransition?: (transition: DestinationChange) => void;
}

/** Options of {@link watchDestinations}: the API key for v3, client id and secret for v2. */
export type WatchDestinationsOptions = DestinationOptions & ConnectionOptions;

type OfConnection = 'region' | 'baseUrl' | 'application' | 'timeout' | 'fetch' | 'logger';
/** How an application is reached; see `watchAccounts`. */
export type ConnectionOptions = Pick<WatchAccountsOptions, OfConnection> &
  (
    | { readonly apiKey: string; readonly clientId?: never; readonly clientSecret?: never }
    | { readonly clientId: string; readonly clientSecret: string; readonly apiKey?: never }
  );

/** A change of a destination's status. */
export interface DestinationChange {
  readonly id: string;
  /** The metric label. */
  readonly label: string;
  readonly from: WebhookStatus | undefined;
  readonly to: WebhookStatus | undefined;
  readonly time: Date;
}

/** One destination as the watch knows it. */
export interface WatchedDestination {
  readonly id: string;
  readonly label: string;
  /** Undefined for a word of Nylas's that nobody documented. */
  readonly status: WebhookStatus | undefined;
  readonly since: Date;
}

/** A running watch over the webhook destinations of one application. */
export interface DestinationWatch {
  /** Resolves when the list was asked for the first time, whatever came of it, or the watch is closed. */
  readonly ready: Promise<void>;
  destinations(): readonly WatchedDestination[];
  /** Why the last reading failed: an HTTP status, an error type, `unreadable`. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

interface Knowledge {
  readonly destinations: readonly KnownDestination[];
  readonly transitions: readonly DestinationTransition[];
  readonly problem: string | undefined;
}

/** The options that {@link readConnection} reads. */
export const CONNECTION_OPTIONS: readonly string[] = [
  'apiKey',
  'clientId',
  'clientSecret',
  'region',
  'baseUrl',
  'application',
  'timeout',
  'fetch',
  'logger',
];
const KNOWN = [...CONNECTION_OPTIONS, 'store', 'interval', 'aliases', 'ours', 'onTransition'];

// Nylas calls a destination failing once 95 % of the deliveries of 15 minutes have failed.
const FAILING_AFTER_MS = 15 * 60_000;

/**
 * Watches the webhook destinations of an application: `active`, `failing`, `failed` or `pause` as a gauge, changes in the
 * journal. Nylas tells of a failing destination by e-mail only, and never sends what was missed while one had failed.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function watchDestinations(options: WatchDestinationsOptions): DestinationWatch {
  return startDestinationWatch(options, processRuntime);
}

/** {@link watchDestinations} with time and chance passed in. */
export function startDestinationWatch(options: WatchDestinationsOptions, runtime: Runtime): DestinationWatch {
  const { connection, intervalMs, aliases } = readDestinationSettings(options);
  const { store, clientId, ours, logger, onTransition } = options;
  const { application, profile } = connection;
  const label = (destination: KnownDestination): string => destinationLabel(destination, aliases);
  const poll = startSharedPoll<Knowledge>({
    store,
    name: `destinations-${profile.version}`,
    intervalMs,
    runtime,
    async read(previous, signal) {
      const reply = await listDestinations(connection, clientId, signal);
      const known = previous?.destinations ?? [];
      if (!reply.ok) return { destinations: known, transitions: [], problem: problemWord(reply.failure) };
      const listed = reply.value.filter((one) => isOurs(ours, one));
      return { ...mergeDestinations(known, listed, runtime.now()), problem: undefined };
    },
    async commit({ transitions, problem }, previous, tx) {
      if (problem !== undefined && problem !== previous?.problem)
        diag.warn(`Nylas webhook destinations of application '${application}' cannot be read (${problem}).`);
      for (const transition of transitions) {
        await keep(tx, transition, label(transition.destination), profile.version);
        tell(onTransition, transition, label(transition.destination));
      }
    },
  });
  const listed = (): readonly KnownDestination[] =>
    poll.value?.destinations.filter((one) => one.listed) ?? [];
  const hide = showDestinations({
    application,
    statuses: () => listed().map((one) => ({ label: label(one), status: one.status })),
  });
  const removeLogger = logger === undefined ? undefined : addLogger(logger);
  return {
    ready: poll.first.then(() => undefined),
    destinations: () =>
      listed().map((one) => ({
        id: one.id,
        label: label(one),
        status: one.status,
        since: new Date(one.since),
      })),
    get problem() {
      return poll.value?.problem;
    },
    async close() {
      hide();
      removeLogger?.();
      await poll.close();
    },
  };
}

async function keep(
  tx: StoreTransaction | undefined,
  { destination, from, to, time, trouble }: DestinationTransition,
  label: string,
  version: ApiVersion,
): Promise<void> {
  if (tx === undefined) return;
  await tx.journal.append([
    {
      kind: 'destination',
      accountId: undefined,
      time,
      data: { destination: label, from: from ?? null, to: to ?? null },
    },
  ]);
  const since = trouble ?? destination.troubleSince;
  if (since === undefined) return;
  await noteGap(tx, `destination:${version}:${destination.ordinal}:${since}`, {
    from: since - FAILING_AFTER_MS,
    to: trouble === undefined ? undefined : time,
    cause: 'destination',
    version,
  });
}

function tell(
  listener: DestinationOptions['onTransition'],
  { destination, from, to, time }: DestinationTransition,
  label: string,
): void {
  try {
    listener?.({ id: destination.id, label, from, to, time: new Date(time) });
  } catch (error) {
    dropError('subscriber', error);
  }
}

function isOurs(ours: DestinationOptions['ours'], { id, url }: DestinationReading): boolean {
  return ours === undefined || ours({ id, url });
}

/** Options of a watch, checked. */
export interface DestinationSettings {
  readonly connection: Connection;
  readonly intervalMs: number;
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * Checks the options of {@link watchDestinations}.
 * @throws {NylasAccountsConfigError}
 */
export function readDestinationSettings(given: WatchDestinationsOptions): DestinationSettings {
  return checkedBy('watchDestinations', () => {
    const options = objectOption('options', given, 'an object such as { apiKey: process.env.NYLAS_API_KEY }');
    refuseUnknown(options, KNOWN, '');
    functionOption(options, 'ours');
    functionOption(options, 'onTransition');
    const application = options.application ?? optionalStore(options.store)?.application;
    return {
      connection: readConnection({ ...options, application }, 'watchDestinations'),
      intervalMs: number(options, 'interval', 60, 10, 86_400, 'seconds') * 1_000,
      aliases: readAliases(options.aliases),
    };
  });
}

function readAliases(value: unknown): Readonly<Record<string, string>> {
  const aliases = objectOption('aliases', value ?? {}, 'an object such as { "destination id": "main" }');
  for (const [id, alias] of Object.entries(aliases)) {
    if (typeof alias === 'string' && /^[\w.-]{1,64}$/.test(alias)) continue;
    throw new NylasAccountsConfigError(
      `aliases.${id}`,
      `aliases holds a name that cannot be a metric label, ${kindOf(alias)}.`,
      'Use up to 64 letters, digits, ".", "_" or "-".',
    );
  }
  return aliases as Readonly<Record<string, string>>;
}
