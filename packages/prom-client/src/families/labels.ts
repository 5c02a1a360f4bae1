import { prometheusLabel } from '@nylas-otel/semantic-conventions';
import type { Attributes } from '@opentelemetry/api';
import type { Labels } from '../registry/prom-registry.ts';

/** The one series of an instrument at its limit, named as OpenTelemetry SDKs name it. */
export const OVERFLOW_LABELS: Labels = { [prometheusLabel('otel.metric.overflow')]: 'true' };

// Prometheus keeps it for the bucket bounds; an attribute of that name would break every line of a histogram.
const RESERVED = 'le';

/**
 * Attributes as Prometheus labels, in the attributes' order: names translated, numbers and booleans as text, arrays as
 * JSON. What has no value, or an empty one, is left out: to Prometheus both are the same. Never throws.
 */
export function promLabels(attributes: Attributes): Labels {
  const labels = new Map<string, string>();
  const origins = new Map<string, string>();
  for (const [attribute, raw] of Object.entries(attributes)) {
    const value = labelValue(raw);
    if (value === '' || attribute === '') continue;
    const translated = prometheusLabel(attribute);
    const name = translated === RESERVED ? `exported_${RESERVED}` : translated;
    const taken = labels.get(name);
    if (taken === undefined) {
      labels.set(name, value);
      origins.set(name, attribute);
    } else {
      // Two attributes meet in one label (`a.b`, `a_b`): both values, ordered by attribute, as OpenTelemetry says.
      labels.set(name, (origins.get(name) as string) < attribute ? `${taken};${value}` : `${value};${taken}`);
    }
  }
  // fromEntries defines own properties, so that an attribute called __proto__ is a label like any other.
  return Object.fromEntries(labels);
}

/** The identity of a set of labels, whatever their order. */
export function labelsKey(labels: Labels): string {
  const names = Object.keys(labels).sort();
  let key = '';
  for (const name of names) key += `${name}\u0000${labels[name]}\u0001`;
  return key;
}

function labelValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? '' : json(value);
    default:
      return '';
  }
}

function json(value: object): string {
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
