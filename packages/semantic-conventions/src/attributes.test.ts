import * as stableConventions from '@opentelemetry/semantic-conventions';
import { describe, expect, it } from 'vitest';
import type { AttributeDefinition, Signal } from './attribute-definition.ts';
import * as values from './attribute-values.ts';
import { ATTRIBUTES } from './attributes.ts';
import { EVENTS } from './events.ts';
import { METRICS } from './metrics.ts';
import { ALLOWED_FROM_OUTSIDE, KEPT_QUERY_KEYS } from './privacy.ts';
import { SPANS } from './spans.ts';

const attributes: [string, AttributeDefinition][] = Object.entries(ATTRIBUTES);

const USED: Record<Signal, Set<string>> = {
  spans: new Set(Object.values(SPANS).flatMap((span) => span.attributes)),
  metrics: new Set(Object.values(METRICS).flatMap((metric) => metric.attributes)),
  logs: new Set(Object.values(EVENTS).flatMap((event) => event.attributes)),
};

describe('an attribute', () => {
  it('says exactly the signals that use it', () => {
    const signals: Signal[] = ['spans', 'metrics', 'logs'];
    for (const [name, attribute] of attributes) {
      expect({ name, on: attribute.on }).toEqual({
        name,
        on: signals.filter((signal) => USED[signal].has(name)),
      });
    }
  });

  it('is defined wherever it is used', () => {
    const defined = attributes.map(([name]) => name);
    for (const used of Object.values(USED)) expect(defined).toEqual(expect.arrayContaining([...used]));
  });

  it('is listed once on every span, metric and event', () => {
    for (const signal of [...Object.values(SPANS), ...Object.values(METRICS), ...Object.values(EVENTS)]) {
      expect({ name: signal.name, attributes: new Set(signal.attributes).size }).toEqual({
        name: signal.name,
        attributes: signal.attributes.length,
      });
    }
  });

  it('has a closed list or a stated bound when it labels metrics', () => {
    for (const [name, attribute] of attributes.filter(([, { on }]) => on.includes('metrics'))) {
      expect([name, attribute.values ?? attribute.bound]).toEqual([name, expect.anything()]);
    }
  });

  it('is stable only where OpenTelemetry says so', () => {
    const stable = new Set<unknown>(Object.values(stableConventions));
    for (const [name, attribute] of attributes) {
      expect([name, attribute.stability]).toEqual([name, stable.has(name) ? 'stable' : 'development']);
    }
  });

  it('is described in sentences', () => {
    for (const [, attribute] of attributes) expect(attribute.description).toMatch(/^[\dA-Zv`].*[.]$/s);
  });
});

describe('closed lists', () => {
  const lists = Object.entries(values) as [string, readonly string[]][];

  it('hold every value once', () => {
    for (const [list, entries] of lists)
      expect([list, new Set(entries).size]).toEqual([list, entries.length]);
  });

  it('belong to an attribute each, but for the part of the outcomes an SLO counts as bad', () => {
    const used = new Set(attributes.map(([, attribute]) => attribute.values));
    expect(lists.filter(([, entries]) => !used.has(entries)).map(([list]) => list)).toEqual([
      'SLO_BAD_OUTCOMES',
    ]);
    expect(values.OUTCOMES).toEqual(expect.arrayContaining([...values.SLO_BAD_OUTCOMES]));
  });

  it('agree with each other: what is retried is an outcome, and a bad one', () => {
    expect([...values.RETRY_REASONS].sort()).toEqual([...values.SLO_BAD_OUTCOMES].sort());
  });
});

describe('privacy', () => {
  it('keeps everything that came from outside off the metrics, but for the opt-in account series', () => {
    const allowed = ALLOWED_FROM_OUTSIDE.flatMap((entry) => entry.attributes);
    expect(allowed.filter((name) => USED.metrics.has(name))).toEqual(['nylas.account.id']);
    const labelled = Object.values(METRICS).filter((metric) =>
      metric.attributes.includes('nylas.account.id'),
    );
    expect(labelled.map((metric) => [metric.name, metric.optIn])).toEqual([['nylas.account.status', true]]);
  });

  it('allows known attributes only', () => {
    for (const { attributes: names } of ALLOWED_FROM_OUTSIDE) {
      expect(Object.keys(ATTRIBUTES)).toEqual(expect.arrayContaining([...names]));
    }
  });

  it('keeps the values of five query keys', () => {
    expect(KEPT_QUERY_KEYS).toEqual(['limit', 'offset', 'select', 'fields', 'view']);
  });
});
