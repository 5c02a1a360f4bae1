import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { RulesConfig } from '../../src/config.ts';
import { alertGroups, labelsOf, recordingGroups } from '../../src/output/prometheus-rules.ts';
import type { AlertRule, Component, RuleGroup } from '../../src/rules/rule.ts';
import type { AlertCases, Input } from './alert-case.ts';

/** A moment at which an alert must fire with these label sets, or not at all. */
interface Expectation {
  readonly at: number;
  readonly labels: readonly Readonly<Record<string, string>>[];
}

/**
 * Writes the rules of a group, without annotations (promtool wants them word for word), and a promtool test of the
 * alert's cases; returns the path of the test.
 */
export function writePromtoolTest(
  folder: string,
  group: RuleGroup,
  alert: AlertRule,
  cases: AlertCases,
  config: RulesConfig,
): string {
  mkdirSync(folder, { recursive: true });
  const groups = [...recordingGroups([group]), ...alertGroups([group], config)].map(({ name, rules }) => ({
    name,
    rules: rules
      .filter((rule) => !('alert' in rule) || rule.alert === alert.alert)
      .map((rule) => ({ ...rule, ...('alert' in rule ? { annotations: {} } : {}) })),
  }));
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }));
  const tests = promtoolTests(alert, group.component, cases);
  const file = join(folder, 'test.yaml');
  writeFileSync(
    file,
    stringify({ rule_files: ['rules.yaml'], evaluation_interval: `${pace(cases)}m`, tests }),
  );
  return file;
}

function promtoolTests(
  alert: AlertRule,
  component: Component,
  { fires, quiet, resolves }: AlertCases,
): object[] {
  const test = (
    what: string,
    input: readonly Input[],
    every: number,
    expectations: readonly Expectation[],
  ): object => ({
    name: what,
    interval: `${every}m`,
    input_series: input,
    alert_rule_test: expectations.map(({ at, labels }) => ({
      eval_time: `${at}m`,
      alertname: alert.alert,
      exp_alerts: labels.map((own) => ({ exp_labels: { ...own, ...labelsOf(alert, component) } })),
    })),
  });
  return [
    ...fires.map(({ what, input, at, labels, every = 1 }) =>
      test(`fires: ${what}`, input, every, [{ at, labels }]),
    ),
    ...quiet.map(({ what, input, at, every = 1 }) =>
      test(`is quiet: ${what}`, input, every, [{ at, labels: [] }]),
    ),
    ...resolves.map(({ what, input, firing, resolved, labels, every = 1 }) =>
      test(`resolves: ${what}`, input, every, [
        { at: firing, labels },
        { at: resolved, labels: [] },
      ]),
    ),
  ];
}

/** Minutes between evaluations: no faster than the slowest samples, which keeps weeks of history affordable. */
function pace({ fires, quiet, resolves }: AlertCases): number {
  return Math.max(...[...fires, ...quiet, ...resolves].map(({ every = 1 }) => every));
}
