import {
  METRIC_NYLAS_REPAIR_ACTIONS as ACTIONS,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_REPAIR_ACTION,
  METRIC_NYLAS_REPAIR_PAUSED as PAUSED,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { counted, shared } from '../promql/expressions.ts';
import { is, label, noneOf, type SeriesWriter } from '../promql/series.ts';
import { allAccounts, rise } from './accounts.ts';
import type { RuleGroup } from './rule.ts';

const APPLICATION = label(ATTR_NYLAS_APPLICATION);
const ACTION = label(ATTR_NYLAS_REPAIR_ACTION);

export function repairGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { failing, escalated, mass } = config.repair;
  const by = ['job', ACTION];
  const failed = counted(series, {
    metric: ACTIONS,
    matchers: [noneOf(ATTR_NYLAS_OUTCOME, ['success', 'cancelled'])],
    by,
    window: failing.window,
  });
  const all = counted(series, { metric: ACTIONS, by, window: failing.window });
  return {
    name: 'nylas-repair',
    component: 'repair',
    interval: config.interval,
    recording: [],
    alerts: [
      {
        alert: 'NylasRepairFailing',
        expr: `${failed} / ${all} > ${failing.ratio}
and on (job, ${ACTION})
${failed} > ${failing.count}`,
        for: 0,
        severity: 'warning',
        summary: 'Repair of accounts does not work: its own calls fail.',
        description:
          '{{ $value | humanizePercentage }} of the repair actions {{ $labels.nylas_repair_action }} of {{ $labels.job }} ' +
          `failed within ${duration(failing.window)}.`,
        panel: ['nylas-accounts', 15],
      },
      {
        alert: 'NylasRepairEscalated',
        expr: `${counted(series, { metric: ACTIONS, matchers: [is(ATTR_NYLAS_REPAIR_ACTION, 'escalate')], by: ['job'], window: escalated.window })} > 0`,
        for: 0,
        severity: 'warning',
        summary: 'Repair gave an account up: Nylas support must look at it.',
        description: `Repair in {{ $labels.job }} escalated {{ $value | humanize }} accounts within ${duration(escalated.window)}.`,
        panel: ['nylas-accounts', 15],
      },
      {
        alert: 'NylasMassFailure',
        expr: `${shared(series.of(PAUSED), [APPLICATION])} > 0
or
(
  ${rise(series, mass.states, mass.window)} > ${mass.count}
  and on (${APPLICATION})
  ${rise(series, mass.states, mass.window)} / ${allAccounts(series)} > ${mass.ratio}
)`,
        for: 0,
        keepFiringFor: mass.window,
        severity: 'critical',
        summary:
          'Many accounts failed within minutes: an incident at Nylas or a provider, not single accounts.',
        description:
          'Accounts of application {{ $labels.nylas_application }} fail in numbers; automatic repair holds still so ' +
          'that it does not make things worse.',
        panel: ['nylas-accounts', 10],
      },
    ],
  };
}
