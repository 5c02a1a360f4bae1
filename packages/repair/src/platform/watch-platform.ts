import {
  checkedBy,
  functionOption,
  kindOf,
  NylasAccountsConfigError,
  number,
  objectOption,
  processRuntime,
  type Runtime,
  readApplication,
  readLogger,
  refuseUnknown,
} from '@nylas-otel/accounts/tracking';
import type { NylasStore } from '@nylas-otel/store';
import { addLogger, type LoggerLike } from '@nylas-otel/telemetry';
import { optionalStore } from '../option-checks.ts';
import { startSharedPoll } from '../shared-poll/shared-poll.ts';
import { incidentChanges } from './incident-changes.ts';
import type { PlatformComponent, PlatformIncident } from './platform-reading.ts';
import { showPlatform, tellIncident } from './platform-telemetry.ts';
import { type PlatformReading, readStatusPage } from './read-status-page.ts';

/** Options of {@link watchPlatform}. */
export interface WatchPlatformOptions {
  /** With a store one process of the application asks, and all show the same. */
  readonly store?: NylasStore;
  /** Address of a Statuspage. Default `https://status-v3.nylas.com`; redirects are followed. */
  readonly page?: string;
  /** Seconds between readings, at least 10; differs by up to a tenth. Default 60. */
  readonly interval?: number;
  /** Seconds until a reading is given up. Default 10. */
  readonly timeout?: number;
  /** Alias of the Nylas application (`nylas.application`). Default: the store's, else `default`. */
  readonly application?: string;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Gets incidents as plain lines too. */
  readonly logger?: LoggerLike;
}

/** What the status page said last. */
export interface PlatformSnapshot {
  readonly components: readonly PlatformComponent[];
  /** Unresolved incidents and maintenances under way. */
  readonly incidents: readonly PlatformIncident[];
  /** When the page was last read; undefined before the first time. */
  readonly readAt: Date | undefined;
  /** Why the last reading failed: an HTTP status, an error type, `unreadable`. */
  readonly problem: string | undefined;
}

/** A running watch over the status page. */
export interface PlatformWatch {
  /** Resolves when the page was asked for the first time, whatever came of it, or the watch is closed. */
  readonly ready: Promise<void>;
  snapshot(): PlatformSnapshot;
  close(): Promise<void>;
}

const KNOWN = ['store', 'page', 'interval', 'timeout', 'application', 'fetch', 'logger'];
const DEFAULT_PAGE = 'https://status-v3.nylas.com';
// One reading that fails is no news: a page behind a CDN has hiccups.
const STALE_AFTER_FAILURES = 3;

/**
 * Watches the Nylas status page: components and incidents as gauges, and a log event when an incident begins, changes its
 * impact or ends. Never throws into the host later on, never keeps a process alive.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function watchPlatform(options: WatchPlatformOptions = {}): PlatformWatch {
  return startPlatformWatch(options, processRuntime);
}

/** {@link watchPlatform} with time and chance passed in. */
export function startPlatformWatch(options: WatchPlatformOptions, runtime: Runtime): PlatformWatch {
  const { page, intervalMs, timeoutMs } = readPlatformSettings(options);
  const access = { page, timeoutMs, fetch: options.fetch };
  const poll = startSharedPoll<PlatformReading>({
    store: options.store,
    name: 'platform',
    intervalMs,
    runtime,
    read: (previous, signal) => readStatusPage(access, previous, runtime.now(), signal),
    commit: (reading, previous) => {
      for (const change of incidentChanges(previous?.page?.incidents ?? [], reading.page?.incidents ?? []))
        tellIncident(change, page);
    },
  });
  const hide = showPlatform({
    application: options.application ?? options.store?.application ?? 'default',
    page: () => poll.value?.page,
    stale: () => (poll.value?.failures ?? 0) >= STALE_AFTER_FAILURES,
  });
  const removeLogger = options.logger === undefined ? undefined : addLogger(options.logger);
  return {
    ready: poll.first.then(() => undefined),
    snapshot() {
      const { page: read, readAt, problem } = poll.value ?? {};
      return {
        components: read?.components ?? [],
        incidents: read?.incidents ?? [],
        readAt: readAt === undefined ? undefined : new Date(readAt),
        problem,
      };
    },
    async close() {
      hide();
      removeLogger?.();
      await poll.close();
    },
  };
}

/** Options of a watch, checked. */
export interface PlatformSettings {
  readonly page: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

/**
 * Checks the options of {@link watchPlatform}.
 * @throws {NylasAccountsConfigError}
 */
export function readPlatformSettings(given: WatchPlatformOptions): PlatformSettings {
  return checkedBy('watchPlatform', () => {
    const options = objectOption('options', given, 'an object such as { interval: 60 }');
    refuseUnknown(options, KNOWN, '');
    optionalStore(options.store);
    functionOption(options, 'fetch', 'Leave it out to use the global one.');
    readLogger(options.logger);
    readApplication(options.application);
    return {
      page: readPage(options.page),
      intervalMs: number(options, 'interval', 60, 10, 86_400, 'seconds') * 1_000,
      timeoutMs: number(options, 'timeout', 10, 0.1, 120, 'seconds') * 1_000,
    };
  });
}

function readPage(given: unknown): string {
  if (given === undefined) return DEFAULT_PAGE;
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const plain = url?.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (url === undefined || !plain || !/^https?:$/.test(url.protocol))
    throw new NylasAccountsConfigError(
      'page',
      `page must be an http(s) address without credentials or query, got ${kindOf(given)}.`,
      `Leave it out for ${DEFAULT_PAGE}.`,
    );
  return url.origin + url.pathname.replace(/\/+$/, '');
}
