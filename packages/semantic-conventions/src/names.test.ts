import * as incubating from '@opentelemetry/semantic-conventions/incubating';
import { describe, expect, it } from 'vitest';
import * as attributeNames from './attribute-names.ts';
import { ATTRIBUTES } from './attributes.ts';
import * as eventNames from './event-names.ts';
import { EVENTS } from './events.ts';
import * as metricNames from './metric-names.ts';
import { METRICS } from './metrics.ts';
import { SPANS } from './spans.ts';

const KINDS = [
  { prefix: 'ATTR', constants: attributeNames, data: ATTRIBUTES },
  { prefix: 'METRIC', constants: metricNames, data: METRICS },
  { prefix: 'EVENT', constants: eventNames, data: EVENTS },
];

describe.each(KINDS)('$prefix constants', ({ prefix, constants, data }) => {
  it('name exactly what the data defines, each once', () => {
    expect(Object.values(constants).sort()).toEqual(Object.keys(data).sort());
  });

  it('are called after their values', () => {
    for (const [constant, name] of Object.entries(constants)) {
      expect(constant).toBe(`${prefix}_${name.toUpperCase().replaceAll('.', '_')}`);
    }
  });

  it('follow the naming rules of OpenTelemetry: lower case, dots between words of snake case', () => {
    for (const name of Object.values(constants)) {
      expect(name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*(\.[a-z][a-z0-9]*(_[a-z0-9]+)*)+$/);
    }
  });
});

describe('data', () => {
  it('repeats the key of a metric or event as its name', () => {
    for (const [key, metric] of Object.entries(METRICS)) expect(metric.name).toBe(key);
    for (const [key, event] of Object.entries(EVENTS)) expect(event.name).toBe(key);
  });

  it('gives every kind of span a name of its own, made of words and known attributes', () => {
    const names = Object.values(SPANS).map((span) => span.name);
    expect(new Set(names).size).toBe(names.length);
    const placeholders = names.flatMap((name) => [...name.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]));
    expect(placeholders.length).toBeGreaterThan(0);
    for (const placeholder of placeholders) expect(Object.keys(ATTRIBUTES)).toContain(placeholder);
  });
});

describe('names taken from OpenTelemetry', () => {
  const published = incubating as unknown as Record<string, unknown>;

  it('are those of its published semantic conventions', () => {
    const theirs = Object.entries(attributeNames).filter(
      ([, name]) => ATTRIBUTES[name].source === 'opentelemetry',
    );
    expect(theirs.length).toBe(20);
    for (const [constant, name] of theirs) expect(published[constant]).toBe(name);
  });

  it('leave the nylas namespace to us and take no other', () => {
    for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
      expect(name.startsWith('nylas.')).toBe(attribute.source === 'nylas-otel');
    }
    for (const name of [...Object.keys(METRICS), ...Object.keys(EVENTS)]) expect(name).toMatch(/^nylas\./);
  });
});
