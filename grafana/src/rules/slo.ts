import {
  ATTR_NYLAS_OUTCOME,
  METRIC_NYLAS_CLIENT_REQUEST_DURATION as DURATION,
} from '@nylas-otel/semantic-conventions';
import type { BurnPair, RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { among, type SeriesWriter } from '../promql/series.ts';
import type { AlertRule, RuleGroup } from './rule.ts';

/** The series that the rules below record, and that boards read. */
export const SLO_SERIES = {
  requests: 'job:nylas_client_requests:rate5m',
  bad: 'job:nylas_client_bad_requests:rate5m',
  objective: 'nylas:slo_objective:ratio',
  budgetLeft: 'job:nylas_slo_budget_left:ratio',
  errorRatio: (window: number): string => `job:nylas_client_errors:ratio_rate${duration(window)}`,
} as const;

/** All windows of the objective, ascending, its whole period last. */
export function sloWindows({ slo }: RulesConfig): number[] {
  const windows = [...slo.fast, ...slo.slow].flatMap(({ short, long }) => [short, long]);
  return [...new Set([...windows, slo.period])].sort((a, b) => a - b);
}

export function sloGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { slo } = config;
  return {
    name: 'nylas-slo',
    component: 'slo',
    interval: config.interval,
    recording: [
      { record: SLO_SERIES.requests, expr: requests(series, slo.base) },
      { record: SLO_SERIES.bad, expr: bad(config, series, slo.base) },
      { record: SLO_SERIES.objective, expr: `vector(${slo.objective})` },
      ...sloWindows(config).map((window) => ({
        record: SLO_SERIES.errorRatio(window),
        expr: window < slo.long ? rawErrorRatio(config, series, window) : recordedErrorRatio(window),
      })),
      {
        record: SLO_SERIES.budgetLeft,
        expr: `1 - ${SLO_SERIES.errorRatio(slo.period)} / (1 - ${slo.objective})`,
      },
    ],
    alerts: [
      burn(config, series, {
        name: 'NylasErrorBudgetBurnFast',
        pairs: slo.fast,
        for: slo.fastFor,
        severity: 'critical',
        summary: 'Calls to Nylas fail so often that the month’s error budget is gone within days.',
      }),
      burn(config, series, {
        name: 'NylasErrorBudgetBurnSlow',
        pairs: slo.slow,
        for: slo.slowFor,
        severity: 'warning',
        summary: 'Calls to Nylas have failed more often than the objective allows for hours or days.',
      }),
    ],
  };
}

interface Burn extends Pick<AlertRule, 'for' | 'severity' | 'summary'> {
  readonly name: string;
  readonly pairs: readonly BurnPair[];
}

function burn(config: RulesConfig, series: SeriesWriter, alert: Burn): AlertRule {
  const { slo } = config;
  const pairs = alert.pairs.map(({ short, long, factor }) => {
    const limit = `${factor} * (1 - ${slo.objective})`;
    return `  (${errorRatio(config, series, long)} > ${limit} and ${errorRatio(config, series, short)} > ${limit})`;
  });
  return {
    alert: alert.name,
    expr: `(\n${pairs.join('\n  or\n')}\n)
and on (job)
sum by (job) (increase(${series.part(DURATION, 'count')}[${duration(slo.guard.window)}])) > ${slo.guard.count}`,
    for: alert.for,
    severity: alert.severity,
    summary: alert.summary,
    description:
      '{{ $value | humanizePercentage }} of the requests of {{ $labels.job }} to Nylas ended badly ' +
      `(objective: at most ${Number(((1 - slo.objective) * 100).toFixed(3))}%).`,
    panel: ['nylas-slo', 11],
  };
}

function errorRatio(config: RulesConfig, series: SeriesWriter, window: number): string {
  if (config.slo.recorded) return SLO_SERIES.errorRatio(window);
  return `(${rawErrorRatio(config, series, window)})`;
}

function rawErrorRatio(config: RulesConfig, series: SeriesWriter, window: number): string {
  return `${bad(config, series, window)} / (${requests(series, window)} > 0)`;
}

// Sums of rates, not means of ratios: a failing night with three calls weighs as much as three calls.
function recordedErrorRatio(window: number): string {
  const sum = (recorded: string): string => `sum_over_time(${recorded}[${duration(window)}])`;
  return `${sum(SLO_SERIES.bad)} / (${sum(SLO_SERIES.requests)} > 0)`;
}

function requests(series: SeriesWriter, window: number): string {
  return `sum by (job) (rate(${series.part(DURATION, 'count')}[${duration(window)}]))`;
}

// A job without a failure has no series of a bad outcome: it has 0 of its requests.
function bad({ slo }: RulesConfig, series: SeriesWriter, window: number): string {
  const failures = series.part(DURATION, 'count', among(ATTR_NYLAS_OUTCOME, slo.badOutcomes));
  return `(sum by (job) (rate(${failures}[${duration(window)}])) or 0 * ${requests(series, window)})`;
}
