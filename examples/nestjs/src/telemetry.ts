/** Loaded before the service: `node --import ./src/telemetry.ts src/server.ts`. */
import { register } from 'node:module';
import { nylasMetricReader, withNylas } from '@nylas-otel/node'; // + nylas-otel
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { NodeSDK } from '@opentelemetry/sdk-node';

// Lets instrumentations see what is loaded with `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const hosts = process.env.NYLAS_HOSTS?.split(',').map((host) => ({ host })) ?? []; // + nylas-otel: a simulator or proxy

const sdk = new NodeSDK({
  serviceName: 'mail-service',
  metricReaders: [nylasMetricReader()], // + nylas-otel
  instrumentations: withNylas([new HttpInstrumentation(), new UndiciInstrumentation()], { hosts }), // + nylas-otel: withNylas
});
sdk.start();
process.once('SIGTERM', () => void sdk.shutdown());
