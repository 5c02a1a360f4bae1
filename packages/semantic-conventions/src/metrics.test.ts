import { describe, expect, it } from 'vitest';
import type { AttributeDefinition } from './attribute-definition.ts';
import { ATTRIBUTES } from './attributes.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { METRICS } from './metrics.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);
const valuesOf = (attribute: string) =>
  (ATTRIBUTES as { readonly [name: string]: AttributeDefinition })[attribute]?.values;

describe('histograms', () => {
  it('alone have buckets, ascending and in seconds', () => {
    for (const { name, kind, unit, buckets } of metrics) {
      expect([name, buckets !== undefined]).toEqual([name, kind === 'histogram']);
      if (buckets === undefined) continue;
      expect(unit).toBe('s');
      expect(buckets).toEqual([...new Set(buckets)].sort((a, b) => a - b));
      expect(buckets[0]).toBeGreaterThan(0);
    }
  });

  it('measure requests up to the time-out of the Nylas SDK', () => {
    expect(METRICS['nylas.client.request.duration'].buckets).toEqual([
      0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 90,
    ]);
  });
});

describe('shared metrics', () => {
  it('are gauges of which a query takes the maximum, never the sum', () => {
    for (const metric of metrics.filter(({ sharing }) => sharing === 'shared')) {
      expect([metric.name, metric.kind, metric.acrossInstances]).toEqual([metric.name, 'gauge', 'max']);
    }
  });

  it('alone name the application, first', () => {
    for (const { name, sharing, attributes } of metrics) {
      expect([name, attributes.indexOf('nylas.application')]).toEqual([name, sharing === 'shared' ? 0 : -1]);
    }
  });

  it('are those of accounts, repair, backlog, destinations and platform', () => {
    expect(metrics.filter(({ sharing }) => sharing === 'shared').map(({ name }) => name)).toEqual([
      'nylas.accounts',
      'nylas.account.unhealthy.age',
      'nylas.account.poll.last_success.time',
      'nylas.account.status',
      'nylas.account.series.dropped',
      'nylas.repair.pending',
      'nylas.repair.paused',
      'nylas.webhook.backlog',
      'nylas.webhook.gap.age',
      'nylas.webhook.destination.status',
      'nylas.platform.component.status',
      'nylas.platform.incidents',
    ]);
  });
});

describe('counters', () => {
  it('are summed over instances', () => {
    for (const metric of metrics.filter(({ kind }) => kind !== 'gauge')) {
      expect([metric.name, metric.acrossInstances]).toEqual([metric.name, 'sum']);
    }
  });

  it('are born at 0 over closed lists of their own attributes, in fewer than 200 series', () => {
    const born = metrics.filter(({ bornAtZero }) => bornAtZero !== undefined);
    expect(born.length).toBeGreaterThan(0);
    for (const { name, kind, attributes, bornAtZero = [] } of born) {
      expect([name, kind]).toEqual([name, 'counter']);
      expect(attributes).toEqual(expect.arrayContaining([...bornAtZero]));
      const series = bornAtZero.reduce(
        (product, attribute) => product * (valuesOf(attribute)?.length ?? Number.NaN),
        1,
      );
      expect([name, series < 200]).toEqual([name, true]);
    }
  });

  it('without attributes are always born: their only series must not appear with its first count', () => {
    for (const { name, kind, attributes, bornAtZero } of metrics) {
      if (kind === 'counter' && attributes.length === 0) expect([name, bornAtZero]).toEqual([name, []]);
    }
  });
});

describe('every metric', () => {
  it('has a description of one sentence that fits a HELP line', () => {
    for (const { name, description } of metrics) {
      expect([name, description]).toEqual([name, expect.stringMatching(/^[A-Z1][^\n.]{10,110}\.$/)]);
    }
  });

  it('has a UCUM unit', () => {
    for (const { name, unit } of metrics) {
      expect([name, unit]).toEqual([name, expect.stringMatching(/^(s|1|\{[a-z]+\})$/)]);
    }
  });
});
