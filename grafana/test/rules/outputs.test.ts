// Debian: apt install prometheus
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { METRICS, type MetricDefinition, prometheusName } from '@nylas-otel/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { ruleGroups } from '../../src/rules/groups.ts';
import { parsePromql } from '../promql/parse.ts';
import { ALERT_CASES } from './all-cases.ts';

const ROOT = join(import.meta.dirname, '../..');
const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const alerts = ruleGroups(DEFAULT_CONFIG).flatMap((group) => group.alerts);

interface Groups {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

interface Rule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

const file = <Contents>(path: string): Contents => parse(readFileSync(join(ROOT, path), 'utf8')) as Contents;

describe.each(['', 'unsuffixed/'])('rules in %s', (folder) => {
  const paths = ['recording', 'alerts'].map((kind) => `alerts/${folder}nylas-otel.${kind}.yaml`);

  it.skipIf(!hasPromtool)('are taken by promtool, without a lint', () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', '--lint-fatal', ...paths], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain(`${alerts.length} rules found`);
  });

  it('are the same for the Prometheus operator', () => {
    const { spec } = file<{ spec: Groups }>(`kubernetes/${folder}prometheus-rule.yaml`);
    expect(spec.groups).toEqual(paths.flatMap((path) => [...file<Groups>(path).groups]));
  });
});

describe('every alert', () => {
  const rules = file<Groups>('alerts/nylas-otel.alerts.yaml').groups.flatMap((group) => group.rules);

  it('has severity, component, summary, description and runbook', () => {
    expect(rules.length).toBe(alerts.length);
    for (const { alert, labels, annotations } of rules) {
      expect(labels?.severity).toMatch(/^(critical|warning|info)$/);
      expect(labels?.component).toMatch(/^nylas-[a-z]+$/);
      expect([alert, annotations?.summary]).toEqual([alert, expect.stringMatching(/^[A-Z].{10,110}\.$/)]);
      expect([alert, annotations?.description]).toEqual([alert, expect.stringMatching(/\.$/)]);
      expect(annotations?.runbook_url).toBe(`${DEFAULT_CONFIG.runbookUrl}/${alert}.md`);
    }
  });

  it('describes itself with labels that it has when it fires', () => {
    for (const { alert, description } of alerts) {
      const used = [...description.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label as string);
      const has =
        ALERT_CASES[alert]?.fires.flatMap(({ labels }) => labels.flatMap((own) => Object.keys(own))) ?? [];
      expect([alert, has]).toEqual([alert, expect.arrayContaining(used)]);
    }
  });

  it('stays inside the PromQL and the rule files of Prometheus 2.42', () => {
    const texts = rules.map(({ expr }) => expr).join('\n');
    expect(texts).not.toMatch(
      /histogram_(avg|stddev|stdvar)|mad_over_time|limitk|sort_by_label|double_exponential|info\(/,
    );
    for (const group of file<Groups>('alerts/nylas-otel.alerts.yaml').groups) {
      expect(Object.keys(group).sort()).toEqual(['interval', 'name', 'rules']);
    }
  });

  it('takes shared gauges by max over replicas', () => {
    const sharedNames = Object.values<MetricDefinition>(METRICS)
      .filter(({ sharing }) => sharing === 'shared')
      .map((metric) => prometheusName(metric));
    for (const { alert, expr } of rules) {
      for (const { metric, inside } of parsePromql(expr).selectors) {
        if (sharedNames.includes(metric)) expect([alert, metric, inside[0]]).toEqual([alert, metric, 'max']);
      }
    }
  });
});

describe('Grafana-managed alerts', () => {
  interface Node {
    readonly refId: string;
    readonly datasourceUid: string;
    readonly model: { readonly expr?: string; readonly type?: string; readonly expression?: string };
  }
  interface GrafanaRule {
    readonly uid: string;
    readonly title: string;
    readonly condition: string;
    readonly data: readonly Node[];
    readonly noDataState: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
    readonly dashboardUid: string;
    readonly panelId: number;
  }
  const rules = file<{ groups: { rules: GrafanaRule[] }[] }>(
    'provisioning/alerting/nylas-otel.yaml',
  ).groups.flatMap((group) => group.rules);

  it('are all of them, with uids of their own that fit', () => {
    expect(rules.map(({ title }) => title)).toEqual(alerts.map(({ alert }) => alert));
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length);
    for (const { uid } of rules) expect(uid).toMatch(/^[a-z0-9-]{1,40}$/);
  });

  it('are the three nodes that Grafana’s importer makes, and are quiet without data', () => {
    for (const { data, condition, noDataState } of rules) {
      expect(
        data.map(({ refId, datasourceUid, model }) => [refId, datasourceUid, model.type ?? 'query']),
      ).toEqual([
        ['query', 'prometheus', 'query'],
        ['prometheus_math', '__expr__', 'math'],
        ['threshold', '__expr__', 'threshold'],
      ]);
      expect([condition, noDataState]).toEqual(['threshold', 'OK']);
    }
  });

  it('need no recorded series', () => {
    for (const { title, data } of rules)
      expect([title, data[0]?.model.expr]).toEqual([title, expect.not.stringMatching(/\w:\w/)]);
  });

  it('hold nothing that Grafana takes for an environment variable', () => {
    for (const { labels, annotations } of rules) {
      expect(JSON.stringify(labels)).not.toContain('$');
      expect(JSON.stringify(annotations)).not.toMatch(/\$\{/);
      expect(annotations.description).not.toMatch(/\$value\b/);
    }
  });
});
