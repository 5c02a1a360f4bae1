// Debian: apt install prometheus
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ATTRIBUTES,
  METRICS,
  type MetricDefinition,
  prometheusLabel,
  prometheusName,
} from '@nylas-otel/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { ruleGroups } from '../../src/rules/groups.ts';
import { parsePromql, withVariables } from '../promql/parse.ts';
import { committedBoards, prometheusQueries } from './board-json.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

describe.each(['suffixed', 'unsuffixed'] as const)('queries of boards, %s', (naming) => {
  const boards = committedBoards(naming === 'suffixed' ? '' : 'unsuffixed');
  const queries = [
    ...prometheusQueries(boards).map(({ where, expr }) => ({ where, expr })),
    ...boards.flatMap(({ uid, annotations }) =>
      annotations.list.map(({ name, expr }) => ({ where: `${uid} ${name}`, expr })),
    ),
  ].map(({ where, expr }) => ({ where, expr: withVariables(expr) }));
  const rules = ruleGroups({ ...DEFAULT_CONFIG, naming }).flatMap(({ recording, alerts }) => [
    ...recording.map(({ record, expr }) => ({ where: record, expr })),
    ...alerts.map(({ alert, expr }) => ({ where: alert, expr })),
  ]);
  const recorded = ruleGroups({ ...DEFAULT_CONFIG, naming }).flatMap(({ recording }) =>
    recording.map(({ record }) => record),
  );

  it('can be read, and so can those of the rules', () => {
    expect(queries.length).toBeGreaterThan(100);
    const broken = [...queries, ...rules].flatMap(({ where, expr }) =>
      parsePromql(expr).errors.map((error) => ({ where, error })),
    );
    expect(broken).toEqual([]);
  });

  it('name only metrics and labels of the contract', () => {
    const labels = labelsByMetric(naming);
    const others = new Set([...recorded, 'ALERTS', 'target_info', 'scrape_duration_seconds', '']);
    const unknown = [...queries, ...rules].flatMap(({ where, expr }) =>
      parsePromql(expr).selectors.flatMap(({ metric, matchers }) => {
        const known = labels.get(metric);
        if (!known) return others.has(metric) ? [] : [`${where}: ${metric}`];
        return matchers
          .filter(({ label }) => !known.has(label))
          .map(({ label }) => `${where}: ${metric}{${label}}`);
      }),
    );
    expect(unknown).toEqual([]);
  });

  it.skipIf(!hasPromtool)('are taken by Prometheus, types and patterns included', () => {
    const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-queries-'));
    try {
      const file = join(folder, 'queries.yaml');
      writeFileSync(
        file,
        stringify({
          groups: [
            { name: 'queries', rules: queries.map(({ expr }, i) => ({ record: `query:${i}`, expr })) },
          ],
        }),
      );
      const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', file], {
        encoding: 'utf8',
      });
      expect(status, stdout + stderr).toBe(0);
      expect(stdout).toContain(`${queries.length} rules found`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('unsuffixed names', () => {
  it('are the only difference between the two sets of boards', () => {
    const suffixed = JSON.stringify(committedBoards());
    const unsuffixed = JSON.stringify(committedBoards('unsuffixed'));
    const renamed = Object.values<MetricDefinition>(METRICS).reduce(
      (text, metric) =>
        text.replaceAll(
          new RegExp(`\\b${prometheusName(metric)}(?=_bucket|_sum|_count|\\b)`, 'g'),
          prometheusName(metric, { unitSuffix: false }),
        ),
      suffixed,
    );
    expect(renamed).not.toBe(suffixed);
    expect(renamed === unsuffixed).toBe(true);
  });
});

function labelsByMetric(naming: 'suffixed' | 'unsuffixed'): Map<string, Set<string>> {
  const labels = new Map<string, Set<string>>();
  for (const metric of Object.values<MetricDefinition>(METRICS)) {
    const name = prometheusName(metric, { unitSuffix: naming === 'suffixed' });
    const own = [
      'job',
      'instance',
      ...metric.attributes.filter((attribute) => attribute in ATTRIBUTES).map(prometheusLabel),
    ];
    const parts = metric.kind === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const part of parts)
      labels.set(`${name}${part}`, new Set([...own, ...(part === '_bucket' ? ['le'] : [])]));
  }
  return labels;
}
