import { NylasConfigError, type NylasInstrumentationConfig, resolveConfig } from './config.ts';
import { requestTelemetry } from './request-telemetry.ts';
import { patchNylas } from './sdk/patch-nylas.ts';

/**
 * Instruments the `nylas` SDK without a module hook: for bundled, serverless and Jest-run applications, and for ES
 * modules started without `--import`. Gives operation spans, HTTP spans and metrics, as the hook does. Calling it again
 * is a no-op.
 *
 * @param nylas the `Nylas` class, or a client made by it: all clients of the same class are instrumented
 * @param config only needed to differ from the defaults; a configuration given before stays without it
 * @returns the argument
 * @throws NylasConfigError when the argument is nothing of the `nylas` package (6, 7 or 8), or an option cannot be used
 *
 * @example
 * const nylas = instrumentNylas(new Nylas({ apiKey }));
 */
export function instrumentNylas<T extends object>(nylas: T, config?: NylasInstrumentationConfig): T {
  const resolved = config === undefined ? undefined : resolveConfig(config);
  if (patchNylas(nylas) === undefined) {
    throw new NylasConfigError(
      'nylas',
      'is not the Nylas class or a client made by it',
      'Pass the default export of the "nylas" package (6, 7 or 8), or new Nylas({ ... }).',
    );
  }
  if (resolved === undefined) requestTelemetry().startIfIdle(instrumentNylas);
  else if (config?.enabled !== false) requestTelemetry().start(instrumentNylas, resolved);
  return nylas;
}
