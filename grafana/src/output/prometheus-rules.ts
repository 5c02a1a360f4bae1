import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import type { AlertRule, Component, RecordingRule, RuleGroup } from '../rules/rule.ts';

/** A group as Prometheus reads it. */
export interface PrometheusGroup {
  readonly name: string;
  readonly interval: string;
  readonly rules: readonly object[];
}

/** The recording rules, in groups of their own. */
export function recordingGroups(groups: readonly RuleGroup[]): PrometheusGroup[] {
  return groups
    .filter(({ recording }) => recording.length > 0)
    .map(({ name, interval, recording }) => ({
      name: `${name}-recording`,
      interval: duration(interval),
      rules: recording.map(({ record, expr }: RecordingRule) => ({ record, expr })),
    }));
}

/** The alerts, with severity, component and runbook on each. */
export function alertGroups(groups: readonly RuleGroup[], config: RulesConfig): PrometheusGroup[] {
  return groups.map(({ name, interval, component, alerts }) => ({
    name,
    interval: duration(interval),
    rules: alerts.map((alert) => prometheusAlert(alert, component, config)),
  }));
}

function prometheusAlert(alert: AlertRule, component: Component, config: RulesConfig): object {
  return {
    alert: alert.alert,
    expr: alert.expr,
    ...(alert.for > 0 ? { for: duration(alert.for) } : {}),
    ...(alert.keepFiringFor === undefined ? {} : { keep_firing_for: duration(alert.keepFiringFor) }),
    labels: labelsOf(alert, component),
    annotations: annotationsOf(alert, config),
  };
}

export function labelsOf(alert: AlertRule, component: Component): Record<string, string> {
  return { severity: alert.severity, component: `nylas-${component}` };
}

export function annotationsOf(alert: AlertRule, config: RulesConfig): Record<string, string> {
  return {
    summary: alert.summary,
    description: alert.description,
    runbook_url: `${config.runbookUrl}/${alert.alert}.md`,
    dashboard: `/d/${alert.panel[0]}?viewPanel=${alert.panel[1]}`,
  };
}
