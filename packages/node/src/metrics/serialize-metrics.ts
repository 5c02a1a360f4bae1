import { prometheusLabel, prometheusName } from '@nylas-otel/semantic-conventions';
import { type Attributes, diag } from '@opentelemetry/api';
import type { DataPoint, Histogram, MetricData, ResourceMetrics } from '@opentelemetry/sdk-metrics';

/** The content type of {@link serializeMetrics}' output: Prometheus text format 0.0.4. */
export const TEXT_FORMAT = 'text/plain; version=0.0.4; charset=utf-8';

// Our own serializer, because the stock one (exporter-prometheus 0.301) cannot be made right from outside: no unit
// suffixes, curly units in `# UNIT`, scope labels on all scopes or none, label names that collide after translation
// and series that are equal after translation (`200` and `'200'`) are printed twice, which makes a scrape invalid.

type FamilyType = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly name: string;
  readonly type: FamilyType;
  help: string;
  readonly members: Member[];
}

interface Member {
  readonly metric: MetricData;
  /** Rendered `otel_scope_*` labels, `''` for scopes of our own. */
  readonly scope: string;
}

// DataPointType of sdk-metrics, as numbers: reading them from the package would load a second copy of the SDK where
// the application's differs.
const HISTOGRAM = 0;
const EXPONENTIAL_HISTOGRAM = 1;
const SUM = 3;

const SCOPE_LABEL = /^otel_scope_(name|version|schema_url)$/;

/**
 * Turns collected metrics into Prometheus text format 0.0.4.
 *
 * Names and units follow the OpenTelemetry specification "Prometheus and OpenMetrics compatibility", for every metric of
 * the process: unit suffixes, `_total` on counters, one HELP and TYPE a family even when several scopes share a name.
 * `otel_scope_*` labels are kept, but for scopes of our own (`@nylas-otel/*`). The resource becomes `target_info`.
 *
 * What text format cannot hold is left out and reported once through `diag`: a metric whose type contradicts an earlier
 * one of the same name, a second series with the same labels. Exponential histograms keep their count and sum.
 */
export function serializeMetrics(collected: ResourceMetrics): string {
  const families = new Map<string, Family>();
  for (const { scope, metrics } of collected.scopeMetrics) {
    const scopeLabels = scope.name.startsWith('@nylas-otel/') ? '' : renderScope(scope);
    for (const metric of metrics) addToFamily(families, metric, scopeLabels);
  }
  let text = targetInfo(collected.resource.attributes);
  for (const family of families.values()) text += renderFamily(family);
  return text;
}

function addToFamily(families: Map<string, Family>, metric: MetricData, scope: string): void {
  const { name: otelName, description, unit } = metric.descriptor;
  const type = familyType(metric);
  const kind = type === 'gauge' && metric.dataPointType === SUM ? 'updowncounter' : type;
  const name = prometheusName({ name: otelName, unit, kind });
  if (name === '') return;
  const family = families.get(name) ?? { name, type, help: '', members: [] };
  if (family.type !== type || name === 'target_info' || meetsHistogram(families, name, type)) {
    reportOnce(
      `metric "${otelName}" is left out of /metrics: its Prometheus name ${name} is taken by a metric of another type. Rename one of them with a view.`,
    );
    return;
  }
  if (family.help === '') family.help = description;
  family.members.push({ metric, scope });
  families.set(name, family);
}

function familyType(metric: MetricData): FamilyType {
  if (metric.dataPointType === HISTOGRAM || metric.dataPointType === EXPONENTIAL_HISTOGRAM)
    return 'histogram';
  return metric.dataPointType === SUM && metric.isMonotonic ? 'counter' : 'gauge';
}

const HISTOGRAM_SUFFIXES = ['_bucket', '_sum', '_count'];

/** True when one of the two is a histogram whose sample names are the other's name. */
function meetsHistogram(families: Map<string, Family>, name: string, type: FamilyType): boolean {
  return HISTOGRAM_SUFFIXES.some(
    (suffix) =>
      (type === 'histogram' && families.has(name + suffix)) ||
      (name.endsWith(suffix) && families.get(name.slice(0, -suffix.length))?.type === 'histogram'),
  );
}

function renderFamily(family: Family): string {
  const { name, type } = family;
  const seen = new Set<string>();
  let samples = '';
  for (const { metric, scope } of family.members) {
    for (const point of metric.dataPoints) {
      const labels = renderLabels(point.attributes, type, scope);
      if (seen.has(labels)) {
        reportOnce(
          `a series of ${name} is left out of /metrics: another one has the same labels. Two instruments or attribute values differ only in what Prometheus cannot tell apart.`,
        );
        continue;
      }
      seen.add(labels);
      samples +=
        type === 'histogram'
          ? renderHistogram(name, labels, metric, point)
          : sample(name, labels, point.value as number);
    }
  }
  if (samples === '') return '';
  const help = family.help === '' ? '' : `# HELP ${name} ${escapeHelp(family.help)}\n`;
  return `${help}# TYPE ${name} ${type}\n${samples}`;
}

function renderHistogram(
  name: string,
  labels: string,
  metric: MetricData,
  point: DataPoint<unknown>,
): string {
  const value = point.value as Partial<Histogram>;
  const count = value.count ?? 0;
  const before = labels === '' ? '' : `${labels},`;
  let text = '';
  if (metric.dataPointType === HISTOGRAM) {
    const { boundaries, counts } = (value as Histogram).buckets;
    let cumulative = 0;
    for (let i = 0; i < boundaries.length && boundaries[i] !== Number.POSITIVE_INFINITY; i++) {
      cumulative += counts[i] ?? 0;
      text += `${name}_bucket{${before}le="${boundaries[i]}"} ${cumulative}\n`;
    }
  }
  text += `${name}_bucket{${before}le="+Inf"} ${count}\n`;
  // The SDK keeps no sum where values may be negative; a histogram without one is legal.
  if (value.sum !== undefined) text += sample(`${name}_sum`, labels, value.sum);
  return text + sample(`${name}_count`, labels, count);
}

function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${number(value)}\n` : `${name}{${labels}} ${number(value)}\n`;
}

function number(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  return String(value);
}

function renderLabels(attributes: Attributes, type: FamilyType, scope: string): string {
  const labels = new Map<string, string>();
  // Sorted, so that equal label sets are equal text, and values that meet are joined in the specified order.
  for (const key of Object.keys(attributes).sort()) {
    const value = attributes[key];
    if (value === undefined || value === null) continue;
    let label = labelName(key);
    if ((label === 'le' && type === 'histogram') || (scope !== '' && SCOPE_LABEL.test(label)))
      label = `exported_${label}`;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const other = labels.get(label);
    // The specification: keys that meet in one label name have their values joined with `;`.
    labels.set(label, other === undefined ? text : `${other};${text}`);
  }
  let text = '';
  for (const [label, value] of labels) text += `${text === '' ? '' : ','}${label}="${escapeValue(value)}"`;
  return text === '' || scope === '' ? text + scope : `${text},${scope}`;
}

function renderScope(scope: {
  readonly name: string;
  readonly version?: string;
  readonly schemaUrl?: string;
}): string {
  let text = `otel_scope_name="${escapeValue(scope.name)}"`;
  if (scope.version) text += `,otel_scope_version="${escapeValue(scope.version)}"`;
  if (scope.schemaUrl) text += `,otel_scope_schema_url="${escapeValue(scope.schemaUrl)}"`;
  return text;
}

// Arguments of the process may be passwords, and a scrape is less guarded than a trace store.
const NOT_IN_TARGET_INFO = new Set(['process.command_args', 'process.command_line']);

function targetInfo(attributes: Attributes): string {
  const shown = Object.fromEntries(
    Object.entries(attributes).filter(([key]) => !NOT_IN_TARGET_INFO.has(key)),
  );
  const labels = renderLabels(shown, 'gauge', '');
  return `# HELP target_info Target metadata\n# TYPE target_info gauge\n${sample('target_info', labels, 1)}`;
}

// Attribute names come from code, so there are few; the bound is for a host that makes them up.
const labelNames = new Map<string, string>();
const MOST_LABEL_NAMES = 2_000;

function labelName(attribute: string): string {
  let label = labelNames.get(attribute);
  if (label === undefined) {
    label = prometheusLabel(attribute) || '_';
    if (labelNames.size >= MOST_LABEL_NAMES) labelNames.clear();
    labelNames.set(attribute, label);
  }
  return label;
}

const NEEDS_ESCAPE = /["\\\n]/;

function escapeValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function escapeHelp(help: string): string {
  return help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

const reported = new Set<string>();
const MOST_REPORTS = 100;

function reportOnce(message: string): void {
  if (reported.has(message) || reported.size >= MOST_REPORTS) return;
  reported.add(message);
  diag.warn(`nylas-otel: ${message}`);
}
