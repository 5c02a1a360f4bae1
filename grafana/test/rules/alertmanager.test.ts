// Debian: apt install prometheus-alertmanager
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { labelsOf } from '../../src/output/prometheus-rules.ts';
import { ruleGroups } from '../../src/rules/groups.ts';

const FILE = join(import.meta.dirname, '../../alertmanager/alertmanager.yaml');
const hasAmtool = spawnSync('amtool', ['--version']).status === 0;
const groups = ruleGroups(DEFAULT_CONFIG);
const names = groups.flatMap(({ alerts }) => alerts.map(({ alert }) => alert));

describe('the example for Alertmanager', () => {
  it.skipIf(!hasAmtool)('is taken by amtool', () => {
    const { status, stdout, stderr } = spawnSync('amtool', ['check-config', FILE], { encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toContain('4 receivers');
  });

  it.skipIf(!hasAmtool)(
    'wakes somebody for critical alerts, and tells the support desk of single accounts',
    () => {
      for (const { component, alerts } of groups) {
        for (const alert of alerts) {
          const wanted =
            alert.severity === 'critical'
              ? 'nylas-pager'
              : ['accounts', 'repair'].includes(component)
                ? 'nylas-support-desk'
                : 'nylas-chat';
          expect([alert.alert, route({ alertname: alert.alert, ...labelsOf(alert, component) })]).toEqual([
            alert.alert,
            wanted,
          ]);
        }
      }
    },
  );

  it.skipIf(!hasAmtool)('leaves information alone, and what is not ours to its default', () => {
    expect(route({ component: 'nylas-slo', severity: 'info' })).toBe('nobody');
    expect(route({ alertname: 'SomethingElse', severity: 'critical' })).toBe('nylas-chat');
  });

  it('holds back only alerts that there are, none of them by itself', () => {
    const { inhibit_rules: rules } = parse(readFileSync(FILE, 'utf8')) as {
      inhibit_rules: { source_matchers: string[]; target_matchers: string[] }[];
    };
    expect(rules.length).toBeGreaterThan(5);
    for (const { source_matchers, target_matchers } of rules) {
      const source = /alertname="(\w+)"/.exec(source_matchers[0] ?? '')?.[1];
      const targets = /alertname=~"([\w|]+)"/.exec(target_matchers[0] ?? '')?.[1]?.split('|') ?? [];
      expect(names).toEqual(expect.arrayContaining([source, ...targets]));
      expect(targets).not.toContain(source);
    }
  });

  it('lets an incident of Nylas explain what it causes, and not what is ours', () => {
    const text = readFileSync(FILE, 'utf8');
    const incident = text.slice(
      text.indexOf('alertname="NylasPlatformIncident"'),
      text.indexOf('alertname="NylasMassFailure"'),
    );
    expect(incident).toContain('NylasErrorBudgetBurnFast');
    for (const ours of [
      'NylasWebhookRefused',
      'NylasCredentialsRejected',
      'NylasWebhookDeadLetters',
      'NylasTelemetryAbsent',
    ]) {
      expect(incident).not.toContain(ours);
    }
  });
});

function route(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return spawnSync('amtool', ['config', 'routes', 'test', `--config.file=${FILE}`, ...pairs], {
    encoding: 'utf8',
  }).stdout.trim();
}
