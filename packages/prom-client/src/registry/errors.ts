/** The registry cannot be used or was not found. The message says which one to give. */
export class RegistryError extends Error {
  override readonly name = 'RegistryError';
}

/** A name of ours is taken on the registry by a metric of somebody else. The message says what to do. */
export class MetricNameClashError extends Error {
  override readonly name = 'MetricNameClashError';
  /** The Prometheus names that are taken. */
  readonly metricNames: readonly string[];

  /** @param metricNames the Prometheus names that are taken */
  constructor(metricNames: readonly string[]) {
    super(clashMessage(metricNames));
    this.metricNames = metricNames;
  }
}

/** What {@link MetricNameClashError} and the warning for late instruments say. */
export function clashMessage(metricNames: readonly string[]): string {
  return (
    `nylas-otel: the registry already has a metric of somebody else called ${metricNames.join(', ')}. ` +
    'Rename or remove that metric (register.removeSingleMetric(name)), or give nylas-otel a registry of its own ' +
    'and serve it at a second path.'
  );
}
