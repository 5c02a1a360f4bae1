import {
  NylasInstrumentation,
  type NylasInstrumentationConfig,
  nylasSpanProcessor,
  withNylas,
} from '@nylas-otel/instrumentation';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import type { SpanProcessor } from '@opentelemetry/sdk-trace';

/** What an SDK asks of an instrumentation. */
interface Registrable {
  setTracerProvider(provider: TracerProvider): void;
  setMeterProvider(provider: MeterProvider): void;
}

/** One way to instrument a service. */
export interface Setup {
  /** Span processors before the exporting one. */
  readonly processors: () => SpanProcessor[];
  /** What goes to the SDK's `instrumentations`; `hosts` only matters where Nylas is played by a local server. */
  readonly instrumentations: (config: Pick<NylasInstrumentationConfig, 'hosts'>) => Registrable[];
}

const none = () => [];
const asProcessor = () => [nylasSpanProcessor() as unknown as SpanProcessor];

/** The ways that are measured against each other, by name. */
export const SETUPS = {
  /** No instrumentation at all. */
  nothing: { processors: none, instrumentations: none },
  /** `@opentelemetry/instrumentation-undici` alone: span and one histogram. */
  stock: { processors: none, instrumentations: () => [new UndiciInstrumentation()] },
  /** Our span and all request metrics. */
  ours: {
    processors: none,
    instrumentations: (config) =>
      withNylas([new UndiciInstrumentation()], { ...config, recordHttpClientDuration: false }),
  },
  /** The same, with stock's histogram kept on its behalf (our default). */
  oursAndDuration: {
    processors: none,
    instrumentations: (config) => withNylas([new UndiciInstrumentation()], config),
  },
  /** Stock makes its span, we add to it; all request metrics. */
  enriched: {
    processors: asProcessor,
    instrumentations: (config) => [
      new UndiciInstrumentation(),
      new NylasInstrumentation({ ...config, mode: 'enrich' }),
    ],
  },
  /** Ours alone, in a process without another instrumentation. */
  oursAlone: { processors: none, instrumentations: (config) => [new NylasInstrumentation(config)] },
  /** Stock told by its own hook to ignore every request. */
  ignoring: {
    processors: none,
    instrumentations: () => [new UndiciInstrumentation({ ignoreRequestHook: () => true })],
  },
  /** Ours around that. */
  oursAroundIgnoring: {
    processors: none,
    instrumentations: (config) =>
      withNylas([new UndiciInstrumentation({ ignoreRequestHook: () => true })], config),
  },
} as const satisfies { readonly [name: string]: Setup };

export type SetupName = keyof typeof SETUPS;

/** The setup of that name. */
export function setupOf(name: string | undefined): Setup {
  const setup = (SETUPS as { readonly [name: string]: Setup | undefined })[name ?? ''];
  if (setup === undefined) throw new Error(`no setup "${name}"; there are ${Object.keys(SETUPS).join(', ')}`);
  return setup;
}
