/** Loaded before the service: `node --import ./src/telemetry.ts src/server.ts`. */
import { register } from 'node:module';
import { withNylas } from '@nylas-otel/instrumentation'; // + nylas-otel
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { config } from './config.ts'; // + nylas-otel

// Lets instrumentations see what is loaded with `import`.
register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

const hosts = config.nylasHosts.map((host) => ({ host })); // + nylas-otel
const instrumentations = getNodeAutoInstrumentations({
  '@opentelemetry/instrumentation-dns': { enabled: false },
  '@opentelemetry/instrumentation-net': { enabled: false },
  '@opentelemetry/instrumentation-router': { enabled: false },
});

const sdk = new NodeSDK({
  serviceName: 'mail-service',
  instrumentations: withNylas(instrumentations, { hosts }), // + nylas-otel
});
sdk.start();

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void sdk.shutdown());
