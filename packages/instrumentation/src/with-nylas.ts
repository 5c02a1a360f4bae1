import type { Instrumentation } from '@opentelemetry/instrumentation';
import { type NylasInstrumentationConfig, resolveConfig } from './config.ts';
import { NylasInstrumentation } from './instrumentation.ts';
import type { InstrumentationLike } from './ownership/held-instrumentation.ts';
import { requestTelemetry } from './request-telemetry.ts';

/** An instrumentation of any line of OpenTelemetry JS, or a list of them, nested as one likes. */
export type InstrumentationList<T> = T | ReadonlyArray<InstrumentationList<T>>;

const HTTP_INSTRUMENTATIONS: ReadonlySet<string> = new Set([
  '@opentelemetry/instrumentation-undici',
  '@opentelemetry/instrumentation-http',
]);

/**
 * Adds Nylas to the instrumentations of an OpenTelemetry SDK. Those for undici and http that are among them pass over
 * Nylas hosts, where our spans take their place (with the user's own hooks still called); other hosts stay theirs.
 *
 * @param instrumentations what would go to `instrumentations` without us
 * @param config see {@link NylasInstrumentationConfig}
 * @returns the same, flat, with ours
 * @throws NylasConfigError for an option that cannot be used
 *
 * @example
 * new NodeSDK({ instrumentations: withNylas(getNodeAutoInstrumentations()) })
 */
export function withNylas<T extends { readonly instrumentationName: string }>(
  instrumentations: InstrumentationList<T> = [],
  config: NylasInstrumentationConfig = {},
): Array<T | Instrumentation> {
  resolveConfig(config);
  const flat = ([instrumentations] as unknown[]).flat(Number.POSITIVE_INFINITY) as T[];
  const held = flat.filter((instance) => HTTP_INSTRUMENTATIONS.has(instance.instrumentationName));
  const present = flat.find((instance) => instance instanceof NylasInstrumentation);
  const nylas = present ?? new NylasInstrumentation(config);
  requestTelemetry().hold(nylas, held as unknown as InstrumentationLike[]);
  return present === undefined ? [...flat, nylas as Instrumentation] : flat;
}
