import { METRICS, prometheusLabel, prometheusName } from '@nylas-otel/semantic-conventions';
import { type Attributes, ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api';
import * as successor from '@prometheus-io/client';
import client from 'prom-client';
import { createPromMeterProvider } from '../src/index.ts';
import { type Row, ratio, row } from './pairs.ts';

const CALLS = 100_000;
const PAIRS = 31;

const COUNTER = METRICS['nylas.client.requests'];
const HISTOGRAM = METRICS['nylas.client.request.duration'];
const TEMPLATES = [
  'messages',
  'threads',
  'events',
  'contacts',
  'folders',
  'drafts',
  'calendars',
  'attachments',
];

/** 32 attribute sets as the request instrumentation makes them, and the same as prom-client labels. */
function sets(names: readonly string[]): { attributes: Attributes[]; labels: Record<string, string>[] } {
  const attributes: Attributes[] = [];
  for (const template of TEMPLATES) {
    for (const status of ['200', '404', '429', '503']) {
      const values: Record<string, string> = {
        'http.request.method': 'GET',
        'url.template': `/v3/grants/{grant_id}/${template}`,
        'http.response.status_code': status,
        'error.type': status === '200' ? '' : status,
        'nylas.api.version': 'v3',
        'nylas.outcome': status === '200' ? 'success' : 'rate_limited',
        'server.address': 'api.us.nylas.com',
      };
      attributes.push(Object.fromEntries(names.map((name) => [name, values[name] as string])));
    }
  }
  const labels = attributes.map((set) =>
    Object.fromEntries(Object.entries(set).map(([name, value]) => [prometheusLabel(name), String(value)])),
  );
  return { attributes, labels };
}

/** Recording costs at most 1.3 times what prom-client's own `inc` and `observe` cost. */
export async function rows(): Promise<Row[]> {
  const { attributes, labels } = sets(COUNTER.attributes);
  const timing = sets(HISTOGRAM.attributes);
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: TraceFlags.SAMPLED,
  };
  const traced = trace.setSpanContext(ROOT_CONTEXT, span);
  const exemplarLabels = { trace_id: span.traceId, span_id: span.spanId };
  const result: Row[] = [];

  for (const [peer, lib] of [
    ['prom-client 15', client],
    ['@prometheus-io/client', successor],
  ] as const) {
    const plain = new lib.Registry();
    const meter = createPromMeterProvider({ register: new lib.Registry() }).getMeter('bench');
    const options = { unit: COUNTER.unit, description: COUNTER.description };
    const counter = meter.createCounter(COUNTER.name, options);
    const peerCounter = new lib.Counter({
      name: prometheusName(COUNTER),
      help: COUNTER.description,
      labelNames: COUNTER.attributes.map((name) => prometheusLabel(name)),
      registers: [plain as never],
    });
    result.push(
      row(
        `prom-client: counter.add to ${peer} inc`,
        await ratio(
          (times) => {
            for (let i = 0; i < times; i++) counter.add(1, attributes[i & 31] as Attributes);
          },
          (times) => {
            for (let i = 0; i < times; i++) peerCounter.inc(labels[i & 31] as Record<string, string>, 1);
          },
          CALLS,
          PAIRS,
        ),
        1.3,
        peer,
      ),
    );

    const histogramOptions = {
      unit: HISTOGRAM.unit,
      description: HISTOGRAM.description,
      advice: { explicitBucketBoundaries: [...(HISTOGRAM.buckets ?? [])] },
    };
    const peerOptions = {
      name: prometheusName(HISTOGRAM),
      help: HISTOGRAM.description,
      labelNames: HISTOGRAM.attributes.map((name) => prometheusLabel(name)),
      buckets: [...(HISTOGRAM.buckets ?? [])],
    };
    const histogram = meter.createHistogram(HISTOGRAM.name, histogramOptions);
    const peerHistogram = new lib.Histogram({ ...peerOptions, registers: [plain as never] });
    result.push(
      row(
        `prom-client: histogram.record to ${peer} observe`,
        await ratio(
          (times) => {
            for (let i = 0; i < times; i++)
              histogram.record((i & 63) / 20, timing.attributes[i & 31] as Attributes);
          },
          (times) => {
            for (let i = 0; i < times; i++) {
              peerHistogram.observe(timing.labels[i & 31] as Record<string, string>, (i & 63) / 20);
            }
          },
          CALLS,
          PAIRS,
        ),
        1.3,
        peer,
      ),
    );

    const openMetrics = new lib.Registry();
    openMetrics.setContentType(lib.Registry.OPENMETRICS_CONTENT_TYPE);
    const oursOpenMetrics = new lib.Registry();
    oursOpenMetrics.setContentType(lib.Registry.OPENMETRICS_CONTENT_TYPE);
    const tracedHistogram = createPromMeterProvider({ register: oursOpenMetrics })
      .getMeter('bench')
      .createHistogram(HISTOGRAM.name, histogramOptions);
    const peerTraced = new lib.Histogram({
      ...peerOptions,
      enableExemplars: true,
      registers: [openMetrics as never],
    });
    result.push(
      row(
        `prom-client: histogram.record with exemplar to ${peer} observe with exemplar`,
        await ratio(
          (times) => {
            for (let i = 0; i < times; i++) {
              tracedHistogram.record((i & 63) / 20, timing.attributes[i & 31] as Attributes, traced);
            }
          },
          (times) => {
            for (let i = 0; i < times; i++) {
              peerTraced.observe({
                labels: timing.labels[i & 31] as Record<string, string>,
                value: (i & 63) / 20,
                exemplarLabels,
              } as never);
            }
          },
          CALLS,
          PAIRS,
        ),
        1.3,
        peer,
      ),
    );
  }
  return result;
}
