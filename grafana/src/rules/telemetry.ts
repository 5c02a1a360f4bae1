import {
  ATTR_NYLAS_TELEMETRY_COMPONENT,
  METRIC_NYLAS_TELEMETRY_ERRORS as ERRORS,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { counted } from '../promql/expressions.ts';
import { label, type SeriesWriter } from '../promql/series.ts';
import type { RuleGroup } from './rule.ts';

/** The label OpenTelemetry puts on the one series that takes what is over its limit. */
export const OVERFLOW_LABEL = 'otel_metric_overflow';

export function telemetryGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { absentFor, past, errorWindow, errorCount, overflowFor } = config.telemetry;
  const component = label(ATTR_NYLAS_TELEMETRY_COMPONENT);
  // Every process that runs any of our packages has it, from its first scrape on.
  const alive = series.of(ERRORS);
  return {
    name: 'nylas-telemetry',
    component: 'telemetry',
    interval: config.interval,
    recording: [],
    alerts: [
      {
        alert: 'NylasTelemetryAbsent',
        expr: `absent(${alive})
or
(group by (job) (${alive} offset ${duration(past)}) unless on (job) group by (job) (${alive}))`,
        for: absentFor,
        severity: 'critical',
        summary: 'A service no longer reports how its calls to Nylas go: we are blind.',
        description: 'No metrics of nylas-otel arrive{{ with $labels.job }} from {{ . }}{{ end }}.',
        panel: ['nylas-telemetry', 13],
      },
      {
        alert: 'NylasTelemetryErrors',
        expr: `${counted(series, { metric: ERRORS, by: ['job', component], window: errorWindow })} > ${errorCount}`,
        for: 0,
        severity: 'warning',
        summary: 'Telemetry fails inside itself: what it shows may be incomplete.',
        description: `{{ $value | humanize }} failures in {{ $labels.nylas_telemetry_component }} of {{ $labels.job }} within ${duration(errorWindow)}; the service is not harmed.`,
        panel: ['nylas-telemetry', 10],
      },
      {
        alert: 'NylasTelemetryOverflow',
        expr: `count by (job) (${series.matchers(['__name__=~"nylas_.+"', `${OVERFLOW_LABEL}="true"`])}) > 0`,
        for: overflowFor,
        severity: 'warning',
        summary: 'A metric has more series than OpenTelemetry keeps: part of it is folded into one.',
        description: '{{ $value | humanize }} series of {{ $labels.job }} hold what was over the limit.',
        panel: ['nylas-telemetry', 12],
      },
    ],
  };
}
