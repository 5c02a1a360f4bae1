import { DEFAULT_CONFIG, type RulesConfig } from '../config.ts';
import { boardsAsJson } from '../dashboards/boards.ts';
import { ruleGroups } from '../rules/groups.ts';
import { alertmanagerExample } from './alertmanager.ts';
import { grafanaAlerting } from './grafana-rules.ts';
import { dashboardConfigMaps, prometheusRule, serviceMonitor } from './kubernetes.ts';
import { mixin } from './mixin.ts';
import { alertGroups, recordingGroups } from './prometheus-rules.ts';
import { dashboardProvider, datasources, notificationPoliciesExample } from './provisioning.ts';
import { yamlFile } from './yaml-file.ts';

/** Every generated file, by its path from `grafana/`. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...files(DEFAULT_CONFIG, ''),
    ...files({ ...DEFAULT_CONFIG, naming: 'unsuffixed' }, 'unsuffixed/'),
    ['alertmanager/alertmanager.yaml', yamlFile(alertmanagerExample())],
    ['provisioning/datasources/nylas-otel.yaml', yamlFile(datasources())],
    ['provisioning/dashboards/nylas-otel.yaml', yamlFile(dashboardProvider())],
    ['provisioning/examples/notification-policies.yaml', yamlFile(notificationPoliciesExample())],
    ['kubernetes/service-monitor.yaml', yamlFile(serviceMonitor())],
    ['mixin.libsonnet', mixin()],
  ]);
}

/** What comes in both forms of names. */
function files(config: RulesConfig, folder: string): [string, string][] {
  const groups = ruleGroups(config);
  const recording = recordingGroups(groups);
  const alerts = alertGroups(groups, config);
  // Grafana-managed alerts come without recording rules, so they read raw series.
  const raw = { ...config, slo: { ...config.slo, recorded: false } };
  const boards = boardsAsJson(config);
  return [
    [`alerts/${folder}nylas-otel.recording.yaml`, yamlFile({ groups: recording })],
    [`alerts/${folder}nylas-otel.alerts.yaml`, yamlFile({ groups: alerts })],
    [`provisioning/alerting/${folder}nylas-otel.yaml`, yamlFile(grafanaAlerting(ruleGroups(raw), raw))],
    [`kubernetes/${folder}prometheus-rule.yaml`, yamlFile(prometheusRule([...recording, ...alerts]))],
    [`kubernetes/${folder}dashboards.yaml`, yamlFile(...dashboardConfigMaps(boards))],
    ...[...boards].map(([uid, json]): [string, string] => [`dashboards/${folder}${uid}.json`, json]),
  ];
}
