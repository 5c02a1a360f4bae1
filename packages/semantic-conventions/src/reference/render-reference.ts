import type { AttributeDefinition } from '../attribute-definition.ts';
import { OUTCOMES, SLO_BAD_OUTCOMES } from '../attribute-values.ts';
import { ATTRIBUTES } from '../attributes.ts';
import { EVENTS } from '../events.ts';
import type { MetricDefinition } from '../metric-definition.ts';
import { METRICS } from '../metrics.ts';
import { ALLOWED_FROM_OUTSIDE, KEPT_QUERY_KEYS, NEVER_IN_TELEMETRY, REDACTED } from '../privacy.ts';
import { prometheusLabel, prometheusName } from '../prometheus-name.ts';
import { SPANS } from '../spans.ts';
import { code, codes, table } from './markdown.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);
const attributes: readonly (readonly [string, AttributeDefinition])[] = Object.entries(ATTRIBUTES);

/** The groups of the metrics chapter: a heading, and the second word of the metric names it holds. */
const METRIC_GROUPS: readonly { readonly heading: string; readonly areas: readonly string[] }[] = [
  { heading: 'Requests', areas: ['client'] },
  { heading: 'Accounts', areas: ['accounts', 'account'] },
  { heading: 'Repair', areas: ['repair'] },
  { heading: 'Webhooks', areas: ['webhook'] },
  { heading: 'Platform', areas: ['platform'] },
  { heading: 'nylas-otel itself', areas: ['telemetry'] },
];

/** The reference page of the contract (`docs/telemetry.md`), as Markdown. */
export function renderReference(): string {
  const chapters = [
    introduction(),
    rules(),
    privacyChapter(),
    metricsChapter(),
    attributesChapter(),
    spansChapter(),
    eventsChapter(),
  ];
  return `${chapters.join('\n\n')}\n`;
}

function introduction(): string {
  return `<!-- Generated from packages/semantic-conventions by \`pnpm run docs\`; edit the data there. -->

# Telemetry reference

Every name nylas-otel emits: ${metrics.length} metrics, ${Object.keys(SPANS).length} kinds of spans, ${Object.keys(EVENTS).length} log events, and the attributes they carry. Dashboards, alert rules and runbooks stand on these names and no others. The same data is exported by [\`@nylas-otel/semantic-conventions\`](../packages/semantic-conventions/README.md).

[Rules](#rules) · [Never in telemetry](#never-in-telemetry) · [Metrics](#metrics) · [Attributes](#attributes) · [Spans](#spans) · [Log events](#log-events)`;
}

function rules(): string {
  const notBad = OUTCOMES.filter(
    (outcome) => outcome !== 'success' && !(SLO_BAD_OUTCOMES as readonly string[]).includes(outcome),
  );
  return `## Rules

- **OpenTelemetry first.** HTTP client spans follow the stable conventions; ${code('nylas.*')} names only what OpenTelemetry has no name for. The scope of a signal is the package that emits it. Our own names are in development until 1.0: they may change in a minor version, with a note in the changelog.
- **Prometheus names** are OpenTelemetry's translation: dots become underscores, the unit becomes a suffix, counters end in ${code('_total')}. The ${code('/metrics')} of nylas-otel, the prom-client bridge, the OpenTelemetry Collector, Prometheus' OTLP receiver and Mimir agree on them. The stock exporter of OpenTelemetry JS leaves the unit out; [those names](#names-with-the-stock-exporter) have their own dashboards and rules.
- **Several instances.** A ${code('process')} metric counts what its own instance did; a ${code('shared')} one says the same on every replica and carries ${code('nylas.application')}. The column *Instances* names the function that puts instances together: never ${code('sum')} a shared metric.
- **Outcomes.** Bad for a service level objective: ${codes(SLO_BAD_OUTCOMES)}. Not counted against it: ${codes(notBad)}.
- **Counters are born at 0.** ${code('increase()')} does not see a series that appears with the value 1, so the series that alerts stand on [exist from the start](#series-born-at-0).
- **Bounded.** Every metric stays under 2,000 series a process, whatever is thrown at it. Near that limit new series are folded: first ${code('error.type')} to ${code('_OTHER')}, then the status code to its class, then the template to ${code('other')}.
- **${code('http.client.request.duration')}** is never emitted in our name. Where nylas-otel makes the span of a request in the place of another HTTP instrumentation, it records that metric on its behalf, so that existing boards show no gap.`;
}

function privacyChapter(): string {
  return `## Never in telemetry

${NEVER_IN_TELEMETRY.map((entry) => `- ${entry}`).join('\n')}

A raw path is personal data: a grant id in it may be an e-mail address, and so may a Google calendar id. So ${code('url.full')}, ${code('url.path')} and ${code('url.query')} show the template instead of the path, and ${code(REDACTED)} instead of the value of every query key but ${codes(KEPT_QUERY_KEYS)}.

Of what came from outside, only this may appear, on spans and log events:

${table(
  ['What', 'Where'],
  ALLOWED_FROM_OUTSIDE.map((entry) => [entry.what, codes(entry.attributes)]),
)}

Metrics hold no id of any kind, with one exception you have to ask for: ${code('nylas.account.status')}.`;
}

function metricsChapter(): string {
  const groups = METRIC_GROUPS.map(({ heading, areas }) => {
    const rows = metrics.filter((metric) => areas.includes(metric.name.split('.')[1] ?? '')).map(metricRow);
    return `### ${heading}\n\n${table(['Metric', 'Prometheus', 'Kind, unit', 'Attributes', 'Instances', 'What it says'], rows)}`;
  });
  return ['## Metrics', ...groups, bucketsSection(), bornAtZeroSection(), stockNamesSection()].join('\n\n');
}

function metricRow(metric: MetricDefinition): string[] {
  return [
    code(metric.name),
    code(prometheusName(metric)),
    `${metric.kind}, ${code(metric.unit)}`,
    codes(metric.attributes),
    `${metric.sharing}, ${code(metric.acrossInstances)}`,
    metric.optIn === true ? `*Opt-in.* ${metric.description}` : metric.description,
  ];
}

function bucketsSection(): string {
  const rows = metrics.flatMap(({ name, buckets }) =>
    buckets === undefined ? [] : [[code(name), buckets.join(', ')]],
  );
  return `### Histogram buckets

Upper bounds in seconds.

${table(['Histogram', 'Bounds'], rows)}`;
}

function bornAtZeroSection(): string {
  const rows = metrics.flatMap(({ name, bornAtZero }) =>
    bornAtZero === undefined
      ? []
      : [[code(name), bornAtZero.length === 0 ? 'its only one' : everyValueOf(bornAtZero)]],
  );
  return `### Series born at 0

${table(['Counter', 'Series'], rows)}`;
}

function everyValueOf(names: readonly string[]): string {
  return `every ${names.map(code).join(' with every ')}`;
}

function stockNamesSection(): string {
  const rows = metrics
    .map((metric) => [prometheusName(metric), prometheusName(metric, { unitSuffix: false })] as const)
    .filter(([name, stock]) => name !== stock)
    .map(([name, stock]) => [code(name), code(stock)]);
  return `### Names with the stock exporter

${code('@opentelemetry/exporter-prometheus')} without nylas-otel in front of it prints these metrics without their unit, and all others alike.

${table(['Prometheus', 'Stock exporter'], rows)}`;
}

function attributesChapter(): string {
  return `## Attributes

In Prometheus a dot becomes an underscore: ${code('nylas.rate_limit.source')} is the label ${code(prometheusLabel('nylas.rate_limit.source'))}.

### Of our own

${attributesTable('nylas-otel')}

### Of OpenTelemetry

${attributesTable('opentelemetry')}`;
}

function attributesTable(source: AttributeDefinition['source']): string {
  const rows = attributes
    .filter(([, attribute]) => attribute.source === source)
    .map(([name, attribute]) => [
      code(name),
      attribute.type,
      attribute.values === undefined ? (attribute.bound ?? '') : codes(attribute.values),
      attribute.on.join(', '),
      attribute.description,
    ]);
  return table(['Attribute', 'Type', 'Values', 'On', 'What it says'], rows);
}

function spansChapter(): string {
  const sections = Object.values(SPANS).map((span) => {
    const title = span.name.startsWith('as ') ? 'Webhook delivery' : code(span.name);
    return `### ${title}\n\nKind ${span.kind.toUpperCase()}. ${span.notes}\n\nAttributes: ${codes(span.attributes)}.`;
  });
  return ['## Spans', ...sections].join('\n\n');
}

function eventsChapter(): string {
  const sections = Object.values(EVENTS).map(
    (event) =>
      `### ${code(event.name)}\n\n${event.description} Severity: ${event.severity}.\n\nAttributes: ${codes(event.attributes)}.`,
  );
  const opening = `## Log events

Emitted through the OpenTelemetry Logs API and to the ${code('logger')} option (pino, winston, console). Each carries the trace and span id of the work it belongs to.`;
  return [opening, ...sections].join('\n\n');
}
