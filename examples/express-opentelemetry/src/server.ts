import type { AddressInfo } from 'node:net';
import { watchAccounts } from '@nylas-otel/accounts'; // + nylas-otel
import { createApp } from './app.ts';
import { config } from './config.ts';
import { logger } from './logger.ts';

const server = createApp().listen(config.port, () => {
  logger.info({ port: (server.address() as AddressInfo).port }, 'listening');
});

const { accountSweepSeconds: sweepInterval, nylasV2, nylasV3 } = config; // + nylas-otel
watchAccounts({ apiKey: nylasV3.apiKey, baseUrl: nylasV3.apiUri, sweepInterval, logger }); // + nylas-otel
const { apiServer: baseUrl, clientId, clientSecret } = nylasV2; // + nylas-otel
watchAccounts({ clientId, clientSecret, baseUrl, sweepInterval, logger }); // + nylas-otel

for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
