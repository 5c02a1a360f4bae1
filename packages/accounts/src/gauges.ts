import type { AccountState, ApiVersion } from '@nylas-otel/nylas-api';
import {
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_PROVIDER,
  METRIC_NYLAS_ACCOUNT_POLL_LAST_SUCCESS_TIME,
  METRIC_NYLAS_ACCOUNT_SERIES_DROPPED,
  METRIC_NYLAS_ACCOUNT_UNHEALTHY_AGE,
  METRIC_NYLAS_ACCOUNTS,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState, type Report } from '@nylas-otel/telemetry';
import { type AccountSeriesSource, droppedSeries } from './account-series.ts';
import { SCOPE } from './version.ts';

/** What the gauges read of one watch at each collect. All of it is kept as it changes; reading walks no accounts. */
export interface GaugeSource extends AccountSeriesSource {
  readonly version: ApiVersion;
  counts(report: (provider: string, state: AccountState, count: number) => void): void;
  oldest(report: (provider: string, state: AccountState, since: number | undefined) => void): void;
  /** Unix milliseconds of the last complete sweep. */
  lastSweep(): number | undefined;
  /** Unix milliseconds. */
  now(): number;
}

/**
 * The watches of the process, one registry for all copies of this package: observers of one instrument that report the
 * same attributes would overwrite each other, so what several watches say of one series is put together here.
 */
const sources = processState('account-gauges', (): Set<GaugeSource> => {
  const registry = new Set<GaugeSource>();
  const emitter = createEmitter(SCOPE);
  emitter.observe(METRIC_NYLAS_ACCOUNTS, (report) => reportAccounts(registry, report));
  emitter.observe(METRIC_NYLAS_ACCOUNT_UNHEALTHY_AGE, (report) => reportAges(registry, report));
  emitter.observe(METRIC_NYLAS_ACCOUNT_POLL_LAST_SUCCESS_TIME, (report) => reportSweeps(registry, report));
  emitter.observe(METRIC_NYLAS_ACCOUNT_SERIES_DROPPED, (report) => {
    for (const [application, dropped] of droppedSeries(registry))
      report(dropped, { [ATTR_NYLAS_APPLICATION]: application });
  });
  return registry;
});

/** The watches of the process. */
export function gaugeSources(): Iterable<GaugeSource> {
  return sources;
}

/** Shows a watch on the account gauges; returns what takes it off. */
export function showOnGauges(source: GaugeSource): () => void {
  sources.add(source);
  return () => sources.delete(source);
}

/** True when a watch of this application and API version is on the gauges already. */
export function isShown(application: string, version: ApiVersion): boolean {
  for (const source of sources)
    if (source.application === application && source.version === version) return true;
  return false;
}

/** Values of one gauge by series; what several watches say is joined. */
class Merged {
  readonly #values = new Map<string, { value: number; readonly attributes: Record<string, string> }>();
  readonly #names: readonly string[];
  readonly #join: (a: number, b: number) => number;

  constructor(names: readonly string[], join: (a: number, b: number) => number) {
    this.#names = names;
    this.#join = join;
  }

  add(value: number, labels: readonly string[]): void {
    const key = labels.join('\u0000');
    const known = this.#values.get(key);
    if (known !== undefined) {
      known.value = this.#join(known.value, value);
      return;
    }
    const attributes: Record<string, string> = {};
    for (let index = 0; index < labels.length; index++)
      attributes[this.#names[index] as string] = labels[index] as string;
    this.#values.set(key, { value, attributes });
  }

  report(report: Report): void {
    for (const { value, attributes } of this.#values.values()) report(value, attributes);
  }
}

/** `nylas.accounts`: every provider seen with every state, 0 included. */
function reportAccounts(watches: Iterable<GaugeSource>, report: Report): void {
  const merged = new Merged(
    [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_ACCOUNT_STATE, ATTR_NYLAS_PROVIDER, ATTR_NYLAS_API_VERSION],
    (a, b) => a + b,
  );
  for (const watch of watches) {
    watch.counts((provider, state, count) =>
      merged.add(count, [watch.application, state, provider, watch.version]),
    );
  }
  merged.report(report);
}

/** `nylas.account.unhealthy.age`: 0 where no account is in the state, so that an old value does not stay in view. */
function reportAges(watches: Iterable<GaugeSource>, report: Report): void {
  const merged = new Merged(
    [ATTR_NYLAS_APPLICATION, ATTR_NYLAS_ACCOUNT_STATE, ATTR_NYLAS_PROVIDER],
    Math.max,
  );
  for (const watch of watches) {
    const now = watch.now();
    watch.oldest((provider, state, since) =>
      merged.add(since === undefined ? 0 : Math.max(0, (now - since) / 1_000), [
        watch.application,
        state,
        provider,
      ]),
    );
  }
  merged.report(report);
}

/** `nylas.account.poll.last_success.time`: of several watches of one application the one that lags behind. */
function reportSweeps(watches: Iterable<GaugeSource>, report: Report): void {
  const merged = new Merged([ATTR_NYLAS_APPLICATION], Math.min);
  for (const watch of watches) {
    const time = watch.lastSweep();
    if (time !== undefined) merged.add(time / 1_000, [watch.application]);
  }
  merged.report(report);
}
