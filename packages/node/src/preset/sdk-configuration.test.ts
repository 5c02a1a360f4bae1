import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readEnvironment } from '../options/environment.ts';
import type { Instrumentation, NylasTelemetryOptions } from './preset-options.ts';
import { makeInstrumentations, makePipelines, withoutPipelines } from './sdk-configuration.ts';

const made: Instrumentation[] = [];
const { settings } = readEnvironment({});

afterEach(() => {
  for (const instrumentation of made.splice(0)) instrumentation.disable();
  vi.unstubAllEnvs();
});

function namesOf(options: NylasTelemetryOptions): string[] {
  made.push(...makeInstrumentations(options, settings));
  return made.map(({ instrumentationName }) => instrumentationName).sort();
}

describe('the instrumentations of the preset', () => {
  const all = [
    '@nylas-otel/instrumentation',
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-undici',
  ];

  it('are those of http, undici and Nylas', () => {
    expect(namesOf({})).toEqual(all);
  });

  it('give way to instances that the application brings', () => {
    const own = [[new HttpInstrumentation()], new UndiciInstrumentation()];
    expect(namesOf({ instrumentations: own })).toEqual(all);
    expect(made).toContain(own[1]);
  });
});

describe('the pipelines', () => {
  const kinds = (options: NylasTelemetryOptions = {}) => {
    const { spanProcessors, logRecordProcessors, metricReaders } = makePipelines(options, undefined);
    return [spanProcessors, logRecordProcessors, metricReaders].map((list) =>
      list.map((part) => part.constructor.name),
    );
  };

  it('send spans and log records over OTLP by default, and metrics nowhere', () => {
    expect(kinds()).toEqual([['Object', 'BatchSpanProcessor'], ['BatchLogRecordProcessor'], []]);
  });

  it('follow the standard variables', () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'console, zipkin');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'console');
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'otlp,prometheus');
    expect(kinds()).toEqual([
      ['Object', 'SimpleSpanProcessor', 'BatchSpanProcessor'],
      ['SimpleLogRecordProcessor'],
      ['PeriodicExportingMetricReader'],
    ]);
  });

  it('make no spans where nobody exports them', () => {
    vi.stubEnv('OTEL_TRACES_EXPORTER', 'none');
    vi.stubEnv('OTEL_LOGS_EXPORTER', 'none');
    vi.stubEnv('OTEL_METRICS_EXPORTER', 'none');
    expect(kinds()).toEqual([[], [], []]);
  });

  it('are those of the application where it gives them', () => {
    const exporter = new InMemorySpanExporter();
    const processor = new SimpleSpanProcessor({ exporter });
    const sdk = { spanProcessors: [processor], logRecordProcessors: [], metricReaders: [] };
    expect(makePipelines({ sdk }, undefined).spanProcessors[1]).toBe(processor);
    expect(
      kinds({ sdk: { ...sdk, spanProcessors: undefined as never, traceExporter: exporter } })[0],
    ).toEqual(['Object', 'BatchSpanProcessor']);
    expect(withoutPipelines({ ...sdk, autoDetectResources: false })).toEqual({ autoDetectResources: false });
  });
});
