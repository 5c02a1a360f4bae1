/** A service with all of nylas-otel in it, whose traffic is full of secrets. It prints every output it has. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { hurtingAccounts } from '@nylas-otel/instrumentation';
import { startNylasTelemetry } from '@nylas-otel/node';
import { collectNylasMetrics } from '@nylas-otel/prom-client';
import { createAccountMonitor, supportBundle } from '@nylas-otel/repair';
import { FAULT_NAMES } from '@nylas-otel/simulator';
import { openStore } from '@nylas-otel/store';
import { nylasWebhooks, signWebhook } from '@nylas-otel/webhooks';
import { Registry } from 'prom-client';
import { nylasClient } from '../nylas-client.ts';
import { CANARY, type Given } from './given.ts';

const given = JSON.parse(process.env.GIVEN ?? '{}') as Given;
const { url: nylasUrl, apiKey, webhookSecret, grants, accounts } = given;

const telemetry = startNylasTelemetry({
  serviceName: 'canaries',
  hosts: [{ host: new URL(nylasUrl).host }],
  callers: true,
  logLevel: 'debug',
  logger: console,
  metrics: { port: 0 },
  accounts: { apiKey, baseUrl: nylasUrl },
  correlation: 'header',
  flushOnExit: false,
});
const registry = new Registry();
collectNylasMetrics({ register: registry });
const store = await openStore({ memory: true });
const monitor = createAccountMonitor({
  apiKey,
  baseUrl: nylasUrl,
  store,
  logger: console,
  repair: { dryRun: false },
  reauth: { clientId: 'client', redirectUri: `https://example.com/${CANARY}` },
  onReauthenticationNeeded: () => Promise.reject(new Error('The mail server refuses.')),
  platform: false,
});
await monitor.start();
await monitor.ready;
await store.inbox.work({ onEvent: monitor.webhookHandlers });

// A stalled body has no time-out in the SDK.
const quietly = (work: Promise<unknown>) => Promise.race([work.catch(() => {}), setTimeout(500)]);
const faults = (body: object) =>
  fetch(`${nylasUrl}/__sim/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).then((response) => {
    if (!response.ok) throw new Error(`The simulator took no fault: ${response.status}`);
  });

// Requests with addresses where ids belong, and every error Nylas has, with words of its own.
const nylas = nylasClient({ apiKey, url: nylasUrl });
for (const { id, email } of grants) {
  await quietly(nylas.messages.list({ identifier: id, queryParams: { subject: CANARY, from: email } }));
  await quietly(nylas.messages.find({ identifier: email, messageId: `${CANARY}-message` }));
  await quietly(
    nylas.messages.send({ identifier: id, requestBody: { to: [{ email }], subject: CANARY, body: CANARY } }),
  );
}
for (const { token } of accounts) {
  const headers = { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}`, 'x-note': CANARY };
  await quietly(fetch(`${nylasUrl}/messages?view=ids&any_email=${grants[0]?.email}`, { headers }));
  await quietly(fetch(`${nylasUrl}/messages/${CANARY}?access_token=${token}`, { headers }));
}
for (const fault of FAULT_NAMES) {
  const options = { message: `${CANARY} said so`, providerError: { error: { message: CANARY } } };
  await faults({ fault, times: 2, options });
  const identifier = grants[1]?.id ?? '';
  await quietly(nylas.messages.list({ identifier, overrides: { timeout: 0.2 } }));
  const headers = { authorization: `Bearer ${accounts[0]?.token}` };
  const signal = AbortSignal.timeout(200);
  await quietly(fetch(`${nylasUrl}/messages`, { headers, signal }).then((response) => response.text()));
  await fetch(`${nylasUrl}/__sim/faults`, { method: 'DELETE' });
}

// Webhooks: one that is right, one with a wrong signature, one that is no JSON, one of a grant that expires.
const server = createServer(nylasWebhooks({ secret: webhookSecret, inbox: store.inbox })).listen(
  0,
  '127.0.0.1',
);
await new Promise((resolve) => server.once('listening', resolve));
const receiver = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const deliver = (body: string, secret: string) =>
  fetch(receiver, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-nylas-signature': signWebhook(body, secret) },
    body,
  });
const envelope = (type: string, object: object) =>
  JSON.stringify({
    specversion: '1.0',
    type,
    source: `/nylas/${CANARY}`,
    id: `${type}-1`,
    time: Math.floor(Date.now() / 1000),
    webhook_delivery_attempt: 1,
    data: { application_id: 'application', object },
  });
const message = envelope('message.created', {
  id: 'm1',
  grant_id: grants[0]?.id,
  subject: CANARY,
  body: CANARY,
});
await deliver(message, webhookSecret);
await deliver(message, `not-${CANARY}`);
await deliver(`{"${CANARY}`, webhookSecret);
const expired = { grant_id: grants[0]?.id, email: grants[0]?.email, login_id: CANARY, provider: 'google' };
await deliver(envelope('grant.expired', expired), webhookSecret);
await transitionOf(grants[0]?.id ?? '');

const bundle = await supportBundle({
  store,
  account: grants[0]?.id ?? '',
  userSees: `Nothing since I changed my password. My address is ${grants[0]?.email}.`,
  syncLog: `2026-11-26 login failed for ${grants[0]?.email} with api key ${apiKey}`,
  secrets: [webhookSecret],
});
console.log(await (await fetch((await telemetry.metricsUrl) ?? '')).text());
console.log(await registry.metrics());
console.log(JSON.stringify(hurtingAccounts()));
console.log(bundle.markdown, JSON.stringify(bundle.json));
console.log(JSON.stringify(await monitor.status()));

server.close();
server.closeAllConnections();
await monitor.close();
await store.close();
await telemetry.shutdown();
// The stalled bodies would hold it for minutes.
process.stdout.write('all outputs are written\n', () => process.exit());

/** Waits until the monitor has taken the news of the webhook. */
async function transitionOf(account: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if ((await monitor.account(account))?.state === 'invalid') return;
    await setTimeout(50);
  }
  throw new Error('The webhook of the expired grant came to nothing.');
}
