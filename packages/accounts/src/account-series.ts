import {
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_PROVIDER,
  METRIC_NYLAS_ACCOUNT_STATUS,
  METRICS,
} from '@nylas-otel/semantic-conventions';
import type { Scope } from '@nylas-otel/telemetry';
import type { HrTime } from '@opentelemetry/api';
import { isUnhealthy } from './account-status.ts';
import type { TrackedAccount } from './tracker.ts';
import { SCOPE } from './version.ts';

/** Most accounts of one application that may have series of their own. */
export const MOST_ACCOUNT_SERIES = 500;
// OpenTelemetry JS and most back ends stop taking attribute sets at 2,000 an instrument.
const MOST_POINTS = 1_990;

/** What the per-account series read of one watch. */
export interface AccountSeriesSource {
  readonly application: string;
  readonly series: SeriesLimits;
  /** The id as telemetry may show it; undefined when it may not. */
  shownId(id: string): string | undefined;
  resolve(name: string): readonly TrackedAccount[];
  unhealthyCount(): number;
  longestUnhealthy(most: number): readonly TrackedAccount[];
}

/** Which accounts have series of their own. */
export interface SeriesLimits {
  /** Most accounts beside the allowed ones; 0: none. */
  readonly max: number;
  /** Ids or addresses of accounts that always have them. */
  readonly allow: readonly string[];
}

/** One value of `nylas.account.status`. */
export interface AccountSeriesPoint {
  /** 1 for the state the account is in; 0 for `running` while it is in another. */
  readonly value: 0 | 1;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The accounts of a watch that have series, and how many more should have but do not fit. */
function listed(
  source: AccountSeriesSource,
  room: number,
): { readonly accounts: TrackedAccount[]; readonly dropped: number } {
  const { max, allow } = source.series;
  const accounts = new Set<TrackedAccount>();
  let dropped = 0;
  for (const name of allow) {
    for (const account of source.resolve(name)) {
      if (accounts.size < room) accounts.add(account);
      else if (!accounts.has(account)) dropped++;
    }
  }
  if (max > 0) {
    const most = Math.min(max, MOST_ACCOUNT_SERIES);
    let shown = 0;
    let known = 0;
    for (const { state } of accounts) if (isUnhealthy(state)) known++;
    // Allowed accounts may be among the longest unhealthy; enough are asked for to fill the places without them.
    for (const account of source.longestUnhealthy(most + accounts.size)) {
      if (shown === most || accounts.size >= room) break;
      if (accounts.has(account)) continue;
      accounts.add(account);
      shown++;
    }
    dropped += source.unhealthyCount() - known - shown;
  }
  return { accounts: [...accounts], dropped };
}

/** The values of `nylas.account.status` of all watches: at most 1,990, and none of an account that is gone. */
export function accountSeries(watches: Iterable<AccountSeriesSource>): AccountSeriesPoint[] {
  const points: AccountSeriesPoint[] = [];
  for (const watch of watches) {
    if (!wanted(watch)) continue;
    for (const account of listed(watch, (MOST_POINTS - points.length) >> 1).accounts) {
      const id = watch.shownId(account.id);
      if (id === undefined) continue;
      const attributes = (state: string): Record<string, string> => ({
        [ATTR_NYLAS_APPLICATION]: watch.application,
        [ATTR_NYLAS_ACCOUNT_ID]: id,
        [ATTR_NYLAS_ACCOUNT_STATE]: state,
        [ATTR_NYLAS_PROVIDER]: account.provider,
      });
      points.push({ value: 1, attributes: attributes(account.state) });
      if (account.state !== 'running') points.push({ value: 0, attributes: attributes('running') });
    }
  }
  return points;
}

/** How many accounts are left out, by application; only for watches that asked for series. */
export function droppedSeries(watches: Iterable<AccountSeriesSource>): Map<string, number> {
  const dropped = new Map<string, number>();
  let points = 0;
  for (const watch of watches) {
    if (!wanted(watch)) continue;
    const { accounts, dropped: more } = listed(watch, (MOST_POINTS - points) >> 1);
    for (const { state } of accounts) points += state === 'running' ? 1 : 2;
    dropped.set(watch.application, (dropped.get(watch.application) ?? 0) + more);
  }
  return dropped;
}

function wanted({ series: { max, allow } }: AccountSeriesSource): boolean {
  return max > 0 || allow.length > 0;
}

/** What a metric reader gets of {@link AccountSeriesProducer}: OpenTelemetry's `CollectionResult`. */
export interface ProducedMetrics<R> {
  readonly errors: unknown[];
  readonly resourceMetrics: { readonly resource: R; readonly scopeMetrics: ProducedScope[] };
}

/** The metrics of one scope, in the form of OpenTelemetry's `ScopeMetrics`. */
export interface ProducedScope {
  readonly scope: Scope;
  readonly metrics: ProducedGauge[];
}

/** One gauge, in the form of OpenTelemetry's `GaugeMetricData`. */
export interface ProducedGauge {
  readonly descriptor: {
    readonly name: string;
    readonly description: string;
    readonly unit: string;
    /** `ValueType.INT`. */
    readonly valueType: 0;
  };
  /** `AggregationTemporality.CUMULATIVE`. */
  readonly aggregationTemporality: 1;
  /** `DataPointType.GAUGE`. */
  readonly dataPointType: 2;
  readonly dataPoints: {
    readonly startTime: HrTime;
    readonly endTime: HrTime;
    readonly attributes: Record<string, string>;
    readonly value: number;
  }[];
}

/** The data of `nylas.account.status` at `now` (Unix milliseconds), in the form metric readers take. */
export function produce<R>(
  watches: Iterable<AccountSeriesSource>,
  resource: R,
  now: number,
): ProducedMetrics<R> {
  const time: HrTime = [Math.floor(now / 1_000), Math.floor(now % 1_000) * 1_000_000];
  const dataPoints = accountSeries(watches).map(({ value, attributes }) => ({
    startTime: time,
    endTime: time,
    attributes: { ...attributes },
    value,
  }));
  const { name, description, unit } = METRICS[METRIC_NYLAS_ACCOUNT_STATUS];
  const descriptor = { name, description, unit, valueType: 0 as const };
  const gauge: ProducedGauge = { descriptor, aggregationTemporality: 1, dataPointType: 2, dataPoints };
  const scopeMetrics = dataPoints.length === 0 ? [] : [{ scope: SCOPE, metrics: [gauge] }];
  return { errors: [], resourceMetrics: { resource, scopeMetrics } };
}
