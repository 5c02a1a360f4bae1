import {
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_PLATFORM_COMPONENT,
  ATTR_NYLAS_PLATFORM_IMPACT,
  ATTR_NYLAS_PLATFORM_STATUS,
  METRIC_NYLAS_PLATFORM_COMPONENT_STATUS as COMPONENT,
  METRIC_NYLAS_PLATFORM_INCIDENTS as INCIDENTS,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { shared } from '../promql/expressions.ts';
import { among, label, type SeriesWriter } from '../promql/series.ts';
import type { RuleGroup } from './rule.ts';

const APPLICATION = label(ATTR_NYLAS_APPLICATION);
const BROKEN = ['degraded_performance', 'partial_outage', 'major_outage'];

export function platformGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const incidents = shared(series.of(INCIDENTS, among(ATTR_NYLAS_PLATFORM_IMPACT, config.platform.impacts)), [
    APPLICATION,
    label(ATTR_NYLAS_PLATFORM_IMPACT),
  ]);
  const components = shared(series.of(COMPONENT, among(ATTR_NYLAS_PLATFORM_STATUS, BROKEN)), [
    APPLICATION,
    label(ATTR_NYLAS_PLATFORM_COMPONENT),
  ]);
  return {
    name: 'nylas-platform',
    component: 'platform',
    interval: config.interval,
    recording: [],
    alerts: [
      {
        alert: 'NylasPlatformIncident',
        expr: `sum by (${APPLICATION}) (${incidents}) > 0
or
sum by (${APPLICATION}) (${components}) > 0`,
        for: config.platform.for,
        severity: 'warning',
        summary: 'Nylas reports an incident on its status page.',
        description:
          'The status page shows {{ $value | humanize }} incidents or broken components (application {{ $labels.nylas_application }}).',
        panel: ['nylas-platform', 10],
      },
    ],
  };
}
