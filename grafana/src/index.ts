export { DEFAULT_CONFIG, type RulesConfig } from './config.ts';
export { freePort, type Prometheus, startPrometheus, untilReady } from './day/prometheus.ts';
export { alertGroups, recordingGroups } from './output/prometheus-rules.ts';
export { yamlFile } from './output/yaml-file.ts';
export { type HistogramPart, label, SeriesWriter } from './promql/series.ts';
export { alertsOf, ruleGroups } from './rules/groups.ts';
export type { AlertRule, RuleGroup } from './rules/rule.ts';
export { shortened } from './shorten.ts';
