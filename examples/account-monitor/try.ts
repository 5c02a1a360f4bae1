// The service against a simulated Nylas and a mail server of its own: one mailbox loses its credentials and comes back.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { startSimulator } from '@nylas-otel/simulator';
import getPort from 'get-port';
import { startService } from './src/service.ts';
import { startMailServer } from './test/mail-server.ts';

const SECRET = 'a-webhook-secret';
const say = (text: string): void => console.log(`\n--- ${text}`);

const folder = mkdtempSync(join(tmpdir(), 'account-monitor-'));
process.chdir(folder);
const simulator = await startSimulator({ grants: 3 });
const mail = await startMailServer();
const port = await getPort();
say(`the service starts: ${simulator.grants.list().length} mailboxes, state in ${folder}/data`);
const service = await startService({
  port,
  publicUrl: `http://127.0.0.1:${port}`,
  apiKey: simulator.apiKey,
  clientId: simulator.clientId,
  clientSecret: undefined,
  baseUrl: simulator.url,
  webhookSecret: SECRET,
  databaseUrl: process.env.DATABASE_URL,
  smtpUrl: mail.url,
  from: 'Example <accounts@example.com>',
  support: 'support@example.com',
  dryRun: false,
});
await service.ready;
await simulator.webhooks.subscribe({ url: `${service.url}/webhooks/nylas`, secret: SECRET });

const { id = '', email = '' } = simulator.grants.list()[0] ?? {};
say(`${email} changes its password: Nylas notices, and sends grant.expired`);
simulator.grants.expire(id, { noticedAfterMs: 0 });
const { subject, text = '' } = await mail.mailTo(email);
say(`the mail that ${email} gets`);
console.log(`${subject}\n\n${text.trim()}`);

say('the user follows the link and agrees');
const answer = await fetch(/https?:\S+/.exec(text)?.[0] ?? '');
console.log(await answer.text());

let history = await service.history(id);
while (!history.some(({ what }) => what.includes('recovered'))) {
  await wait(200);
  history = await service.history(id);
}
say(`what was done for ${id}`);
for (const { time, what } of history) console.log(`${time.toISOString()}  ${what}`);

await service.close();
await simulator.close();
await mail.close();
process.chdir(tmpdir());
rmSync(folder, { recursive: true, force: true });
