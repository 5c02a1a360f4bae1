import { createHash } from 'node:crypto';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import type { AlertRule, Component, RuleGroup } from '../rules/rule.ts';
import { annotationsOf, labelsOf } from './prometheus-rules.ts';

/** How far back Grafana's own importer lets an instant query look, in seconds. */
const RANGE = { from: 600, to: 0 };

/**
 * Alerts as Grafana provisions them from files. Each is three nodes, as Grafana's importer of Prometheus rules makes
 * them: the query, whether it gave a value at all, and whether that says yes. An empty answer is not an alarm.
 */
export function grafanaAlerting(groups: readonly RuleGroup[], config: RulesConfig): object {
  return {
    apiVersion: 1,
    groups: groups
      .filter(({ alerts }) => alerts.length > 0)
      .map(({ name, interval, component, alerts }) => ({
        orgId: 1,
        name,
        folder: config.grafanaFolder,
        interval: duration(interval),
        rules: alerts.map((alert) => grafanaRule(alert, component, config)),
      })),
  };
}

function grafanaRule(alert: AlertRule, component: Component, config: RulesConfig): object {
  const [dashboardUid, panelId] = alert.panel;
  const { dashboard: _, ...annotations } = annotationsOf(alert, config);
  return {
    uid: uidOf(alert.alert),
    title: alert.alert,
    condition: 'threshold',
    data: [
      {
        refId: 'query',
        relativeTimeRange: RANGE,
        datasourceUid: config.grafanaDatasourceUid,
        model: {
          refId: 'query',
          datasource: { type: 'prometheus', uid: config.grafanaDatasourceUid },
          expr: alert.expr,
          instant: true,
          range: false,
        },
      },
      node('prometheus_math', {
        type: 'math',
        expression: 'is_number($query) || is_nan($query) || is_inf($query)',
      }),
      node('threshold', {
        type: 'threshold',
        expression: 'prometheus_math',
        conditions: [{ evaluator: { type: 'gt', params: [0] } }],
      }),
    ],
    dashboardUid,
    panelId,
    noDataState: 'OK',
    execErrState: 'Error',
    for: duration(alert.for),
    ...(alert.keepFiringFor === undefined ? {} : { keepFiringFor: duration(alert.keepFiringFor) }),
    missing_series_evals_to_resolve: 1,
    annotations: { ...annotations, description: withGrafanaValue(annotations.description as string) },
    labels: labelsOf(alert, component),
    isPaused: false,
  };
}

function node(refId: string, model: object): object {
  return {
    refId,
    relativeTimeRange: RANGE,
    datasourceUid: '__expr__',
    model: { refId, datasource: { type: '__expr__', uid: '__expr__' }, ...model },
  };
}

// `$value` is a text of all nodes in Grafana; the number of Prometheus is the query's.
function withGrafanaValue(description: string): string {
  return description.replaceAll('$value', '$values.query.Value');
}

/** At most 40 characters, the same for ever. */
function uidOf(alert: string): string {
  return `nylas-${createHash('sha256').update(alert).digest('hex').slice(0, 16)}`;
}
