// A service as many still run: CommonJS, SDK 6, API v2. Nothing in here knows of nylas-otel.
const { createServer } = require('node:http');
const Nylas = require('nylas');

const {
  NYLAS_CLIENT_ID,
  NYLAS_CLIENT_SECRET,
  NYLAS_API_SERVER,
  NYLAS_ACCESS_TOKEN,
  PORT = '3000',
} = process.env;
Nylas.config({ clientId: NYLAS_CLIENT_ID, clientSecret: NYLAS_CLIENT_SECRET, apiServer: NYLAS_API_SERVER });

const server = createServer(async (_request, response) => {
  response.setHeader('content-type', 'application/json');
  try {
    const messages = await Nylas.with(NYLAS_ACCESS_TOKEN).messages.list({ limit: 10 });
    response.end(JSON.stringify(messages.map(({ id, subject }) => ({ id, subject }))));
  } catch (error) {
    response.writeHead(502).end(JSON.stringify({ error: 'mailbox_unreachable', status: error.statusCode }));
  }
});
server.listen(Number(PORT), () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
process.once('SIGTERM', () => server.close());
