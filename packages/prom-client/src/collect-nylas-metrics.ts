import { type NylasInstrumentationConfig, startNylasInstrumentation } from '@nylas-otel/instrumentation';
import { instrumentHub, isInstrumented, processState } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { type PromMeterProvider, RegistryMeterProvider, warnOfClash } from './meters/meter-provider.ts';
import { MetricNameClashError, RegistryError } from './registry/errors.ts';
import { loadedRegistries } from './registry/loaded-registry.ts';
import { isRegistry, type PromRegistry } from './registry/prom-registry.ts';

/** Options of {@link collectNylasMetrics}: its own two, and those of the request instrumentation it starts. */
export interface CollectNylasMetricsOptions extends NylasInstrumentationConfig {
  /**
   * The registry of prom-client or `@prometheus-io/client` that the metrics go to. Default: the global registry
   * (`client.register`) of the one copy that the process has loaded; a bundled copy is not found.
   */
  register?: PromRegistry;
  /**
   * Whether to start the request instrumentation. Default true; one that runs already is left as it is unless options
   * for it are given here. `false` leaves it to a `NylasInstrumentation` that comes later.
   */
  startInstrumentation?: boolean;
}

/** What {@link collectNylasMetrics} returns. */
export interface NylasMetrics {
  /** The registry the metrics are on. */
  readonly register: PromRegistry;
  /** The provider behind it, for other instrumentations that should be on the same registry. */
  readonly meterProvider: PromMeterProvider;
  /** Takes the metrics off the registry and stops the instrumentation when no other registry needs it. */
  stop(): void;
}

/** One per process, though two copies of this package be loaded (ESM beside CommonJS). */
interface Collections {
  readonly byRegistry: WeakMap<PromRegistry, Collection>;
  readonly instrumented: Set<object>;
  instrumentation: { stop(): void } | undefined;
}

interface Collection {
  readonly metrics: NylasMetrics;
  readonly meterProvider: PromMeterProvider;
}

const collections = processState(
  'prom-client.collections',
  (): Collections => ({ byRegistry: new WeakMap(), instrumented: new Set(), instrumentation: undefined }),
);

/**
 * Puts all metrics of nylas-otel on a prom-client registry, in the manner of `collectDefaultMetrics`, and starts the
 * request instrumentation; no OpenTelemetry SDK is needed.
 *
 * A second call with the same registry returns the first one's handle; after `register.clear()` it puts the metrics
 * back with the values they have. Several registries are several calls. The instrumentation is started once per
 * process, with the options of the first call.
 *
 * @throws RegistryError when `register` is no registry, or is missing and not exactly one is loaded
 * @throws MetricNameClashError when the registry has a metric of somebody else under a name of ours
 * @throws NylasConfigError for an option of the instrumentation that cannot be used
 */
export function collectNylasMetrics(options: CollectNylasMetricsOptions = {}): NylasMetrics {
  const { register: given, startInstrumentation = true, ...config } = options;
  const register = given === undefined ? theLoadedRegistry() : checked(given);
  const known = collections.byRegistry.get(register);
  if (known !== undefined) {
    known.meterProvider.restore();
    return known.metrics;
  }
  if (!startInstrumentation) warnOfUnused(config);

  let settingUp = true;
  const meterProvider = new RegistryMeterProvider({ register }, (promName) => {
    if (!settingUp) warnOfClash(promName);
  });
  const metrics: NylasMetrics = { register, meterProvider, stop: () => stop(metrics) };
  instrumentHub.bind(metrics, meterProvider);
  collections.byRegistry.set(register, { metrics, meterProvider });
  try {
    if (startInstrumentation) instrument(metrics, config);
    if (meterProvider.clashes.length > 0) throw new MetricNameClashError(meterProvider.clashes);
  } catch (error) {
    metrics.stop();
    throw error;
  }
  settingUp = false;
  return metrics;
}

function instrument(metrics: NylasMetrics, config: NylasInstrumentationConfig): void {
  if (collections.instrumentation === undefined) {
    // The newest configuration is in force: without options of its own, a call must not undo those of a running one.
    if (isInstrumented() && Object.keys(config).length === 0) return;
    collections.instrumentation = startNylasInstrumentation(config);
  }
  collections.instrumented.add(metrics);
}

function stop(metrics: NylasMetrics): void {
  const known = collections.byRegistry.get(metrics.register);
  if (known?.metrics !== metrics) return;
  collections.byRegistry.delete(metrics.register);
  instrumentHub.unbind(metrics);
  metrics.meterProvider.shutdown();
  if (collections.instrumented.delete(metrics) && collections.instrumented.size === 0) {
    collections.instrumentation?.stop();
    collections.instrumentation = undefined;
  }
}

function checked(register: PromRegistry): PromRegistry {
  if (isRegistry(register)) return register;
  throw new RegistryError(
    'nylas-otel: option "register" is not a registry of prom-client or @prometheus-io/client. ' +
      'Give one: collectNylasMetrics({ register: client.register }).',
  );
}

function theLoadedRegistry(): PromRegistry {
  const [registry, ...others] = loadedRegistries();
  if (registry !== undefined && others.length === 0) return registry;
  const problem = registry === undefined ? 'no copy' : `${others.length + 1} copies`;
  throw new RegistryError(
    `nylas-otel: ${problem} of prom-client found in this process, so the registry must be given: ` +
      'collectNylasMetrics({ register: client.register }).',
  );
}

function warnOfUnused(config: NylasInstrumentationConfig): void {
  const unused = Object.keys(config);
  if (unused.length === 0) return;
  diag.warn(
    `nylas-otel: collectNylasMetrics({ startInstrumentation: false }) does not use ${unused.join(', ')}; ` +
      'give these options to the NylasInstrumentation of the service.',
  );
}
