// Debian: apt install postgresql
// Debian: apt install chromium
import { existsSync } from 'node:fs';
import { openStore } from '@nylas-otel/store';
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { linkIn, SECRET, startExample } from './started-service.ts';

const CHROMIUM = '/usr/bin/chromium';

describe.skipIf(!hasPostgres() || !existsSync(CHROMIUM))('a user who clicks the link of the mail', () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('signs in on the page of Nylas, is thanked, and the repair of the grant ends', {
    timeout: 120_000,
  }, async () => {
    const { simulator, mail, webhooks, databaseUrl } = await startExample(postgres, ({ apiKey }) => ({
      NYLAS_API_KEY: apiKey,
      NYLAS_WEBHOOK_SECRET: SECRET,
    }));
    await simulator.webhooks.subscribe({ url: webhooks, secret: SECRET });
    const { id, email } = simulator.grants.list()[1] ?? { id: '', email: '' };
    simulator.grants.expire(id, { noticedAfterMs: 0 });
    const { text } = await mail.mailTo(email);

    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    });
    onTestFinished(() => browser.close());
    const page = await browser.newPage();
    await page.goto(linkIn(text));
    expect(await page.inputValue('#email')).toBe(email);
    expect(simulator.grants.get(id)?.status).toBe('invalid');
    await page.click('#allow');
    await page.waitForURL(/\/nylas\/callback/);
    expect(await page.textContent('body')).toContain('connected again');
    expect(simulator.grants.get(id)).toMatchObject({ id, status: 'valid' });

    const store = await openStore({ databaseUrl });
    onTestFinished(() => store.close());
    const events = async () =>
      (await store.journal.read({ accountId: id, kind: 'repair' })).map(({ data }) => data.event);
    await expect.poll(events, { timeout: 30_000 }).toContain('recovered');
    expect(mail.count(email)).toBe(1);
  });
});
