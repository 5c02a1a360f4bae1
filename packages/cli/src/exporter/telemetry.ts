import { NylasInstrumentation } from '@nylas-otel/instrumentation';
import { addLogger } from '@nylas-otel/telemetry';
import type { Settings } from '../options/settings.ts';
import type { Log } from './log.ts';

/** What the exporter emits of itself. */
export interface Telemetry {
  shutdown(): Promise<void>;
}

const SENDS = ['OTEL_EXPORTER_OTLP_', 'OTEL_TRACES_EXPORTER', 'OTEL_LOGS_EXPORTER', 'OTEL_METRICS_EXPORTER'];

/**
 * Counts the exporter's own requests to Nylas and writes log events to its log. Spans and log events go over OTLP where a
 * variable of OpenTelemetry says where to.
 */
export async function startTelemetry(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  log: Log,
): Promise<Telemetry> {
  const removeLogger = addLogger(log);
  const apiUrl = settings['nylas.api_url'];
  const nylas = {
    captureAccountId: settings['metrics.capture_account_id'],
    ...(apiUrl === undefined ? {} : { hosts: [{ host: new URL(apiUrl).host }] }),
  };
  const sends = Object.keys(env).some((name) => SENDS.some((prefix) => name.startsWith(prefix)));
  if (!sends) {
    const instrumentation = new NylasInstrumentation(nylas);
    return {
      async shutdown() {
        instrumentation.disable();
        removeLogger();
      },
    };
  }
  const { startNylasTelemetry } = await import('@nylas-otel/node');
  const preset = startNylasTelemetry({
    ...nylas,
    metrics: { port: false },
    accounts: false,
    flushOnExit: false,
    esmHook: false,
  });
  return {
    async shutdown() {
      await preset.shutdown();
      removeLogger();
    },
  };
}
