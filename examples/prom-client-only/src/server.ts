import type { AddressInfo } from 'node:net';
import { instrumentNylas } from '@nylas-otel/instrumentation'; // + nylas-otel
import { collectNylasMetrics } from '@nylas-otel/prom-client'; // + nylas-otel
import express from 'express';
import sdk from 'nylas';
import { collectDefaultMetrics, register } from 'prom-client';

collectDefaultMetrics({ register });
const hosts = process.env.NYLAS_HOSTS?.split(',').map((host) => ({ host })); // + nylas-otel
collectNylasMetrics({ register, ...(hosts && { hosts }) }); // + nylas-otel

// The package's types describe its CommonJS face.
const Nylas = sdk as unknown as typeof sdk.default;
const { NYLAS_API_KEY: apiKey = '', NYLAS_API_URI: apiUri } = process.env;
const nylas = new Nylas({ apiKey, ...(apiUri && { apiUri }) });
instrumentNylas(nylas); // + nylas-otel

const app = express();
app.get('/metrics', async (_request, response) => {
  response.type(register.contentType).send(await register.metrics());
});
app.get('/mailboxes/:grantId/messages', async ({ params }, response) => {
  const { data } = await nylas.messages.list({ identifier: params.grantId, queryParams: { limit: 10 } });
  response.json(data.map(({ id, subject }) => ({ id, subject })));
});
app.use((error: { statusCode?: number }, _request: unknown, response: express.Response, _next: unknown) => {
  response.status(502).json({ error: 'Nylas did not answer as hoped', status: error.statusCode });
});

const server = app.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`);
});
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => server.close());
