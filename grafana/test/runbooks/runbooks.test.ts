import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  METRICS,
  type MetricDefinition,
  prometheusLabel,
  prometheusName,
} from '@nylas-otel/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { alertsOf, ruleGroups } from '../../src/rules/groups.ts';
import { parsePromql } from '../promql/parse.ts';

const FOLDER = join(import.meta.dirname, '../../runbooks');
const SECTIONS = [
  'What it means',
  'What users notice',
  'How to check',
  'How to fix',
  'When to contact Nylas',
];
/** Commands of `nylas-otel` that a runbook may ask for. */
const COMMANDS = [
  'accounts list',
  'accounts show',
  'accounts history',
  'accounts restart',
  'accounts reauth-link',
  'doctor',
  'recover',
  'status',
  'support-bundle',
  'webhooks dead',
  'webhooks list',
  'webhooks redrive',
  'webhooks send-test',
  'webhooks verify',
];

const alerts = alertsOf(ruleGroups(DEFAULT_CONFIG));
const pages = readdirSync(FOLDER).map((file) => ({
  name: file.replace(/\.md$/, ''),
  text: readFileSync(join(FOLDER, file), 'utf8'),
}));

describe('runbooks', () => {
  it('are there for every alert, and for nothing else', () => {
    expect(pages.map(({ name }) => name).sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  it('are where the annotation of the alert points to', () => {
    for (const { alert } of alerts) expect(existsSync(join(FOLDER, `${alert}.md`))).toBe(true);
    expect(DEFAULT_CONFIG.runbookUrl).toMatch(/\/grafana\/runbooks$/);
  });
});

describe.for(pages)('the runbook of $name', ({ name, text }) => {
  it('says what the alert says, and which panel shows it', () => {
    const alert = alerts.find((known) => known.alert === name);
    expect(text).toContain(`# ${name}\n\n**${alert?.summary}**`);
    expect(text.toLowerCase()).toContain(`${alert?.severity}`);
    expect(text).toContain(`/d/${alert?.panel[0]}?viewPanel=${alert?.panel[1]}`);
  });

  it('has the five sections in order, none of them empty', () => {
    expect([...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title)).toEqual(SECTIONS);
    for (const section of text.split(/^## .+$/m).slice(1)) expect(section.trim().length).toBeGreaterThan(5);
  });

  it('has queries that Prometheus can read, of metrics and labels that there are', () => {
    const queries = blocks(text, 'promql');
    expect(queries.length).toBeGreaterThan(0);
    for (const query of queries) {
      const { errors, selectors } = parsePromql(query);
      expect([query, errors]).toEqual([query, []]);
      for (const { metric, matchers } of selectors) {
        const labels = LABELS.get(metric);
        expect([query, metric, labels !== undefined]).toEqual([query, metric, true]);
        for (const { label } of matchers)
          expect([query, [...(labels ?? [])]]).toEqual([query, expect.arrayContaining([label])]);
      }
    }
  });

  it('asks only for commands that there are', () => {
    const commands = [
      ...blocks(text, 'sh'),
      ...[...text.matchAll(/`(nylas-otel [^`]+)`/g)].map(([, command]) => command as string),
    ].filter((line) => line.startsWith('nylas-otel '));
    expect(commands.length).toBeGreaterThan(0);
    const unknown = commands.filter(
      (line) => !COMMANDS.some((command) => `${line} `.startsWith(`nylas-otel ${command} `)),
    );
    expect(unknown).toEqual([]);
  });

  it('has steps to fix it, and says when to contact Nylas and with what', () => {
    const [, , , , fix = '', contact = ''] = text.split(/^## .+$/m);
    expect(fix).toMatch(/^1\. /m);
    expect(fix).toMatch(/^2\. /m);
    expect(contact).toMatch(/give them|support-bundle|not for this|only with|go on with/i);
  });

  it('leads to other runbooks that there are', () => {
    for (const [, target] of text.matchAll(/\]\((\w+)\.md\)/g)) {
      expect([name, pages.map((page) => page.name)]).toEqual([name, expect.arrayContaining([target])]);
    }
  });
});

/** Lines of the code blocks of a language. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].flatMap(
    ([, code = '']) => code.split('\n').filter((line) => line.trim() !== ''),
  );
}

const LABELS: ReadonlyMap<string, ReadonlySet<string>> = new Map<string, ReadonlySet<string>>([
  ['up', new Set(['job'])],
  ['', new Set(['__name__', 'otel_metric_overflow'])],
  ['job:nylas_slo_budget_left:ratio', new Set(['job'])],
  ...Object.values<MetricDefinition>(METRICS).flatMap((metric): [string, ReadonlySet<string>][] => {
    const labels = new Set([...metric.attributes.map(prometheusLabel), 'job', 'instance']);
    const name = prometheusName(metric);
    return metric.kind === 'histogram'
      ? ['_bucket', '_sum', '_count'].map((part) => [`${name}${part}`, labels])
      : [[name, labels]];
  }),
]);
