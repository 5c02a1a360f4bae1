// Debian: apt install postgresql
import { hasPostgres, type PostgresServer, startPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linkIn, SECRET, startExample } from './started-service.ts';

let postgres: PostgresServer;

describe.skipIf(!hasPostgres())('the service', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  it('e-mails the user of an expired grant a link, which connects the mailbox again', {
    timeout: 120_000,
  }, async () => {
    const { simulator, mail, webhooks } = await startExample(postgres, ({ apiKey }) => ({
      NYLAS_API_KEY: apiKey,
      NYLAS_WEBHOOK_SECRET: SECRET,
    }));
    await simulator.webhooks.subscribe({ url: webhooks, secret: SECRET });
    const { id, email } = simulator.grants.list()[0] ?? { id: '', email: '' };
    simulator.grants.expire(id, { noticedAfterMs: 0 });
    const mailed = await mail.mailTo(email);
    expect(mailed.subject).toBe('Please sign in to your mailbox again');
    const answer = await fetch(linkIn(mailed.text));
    expect(await answer.text()).toMatch(/connected again/);
    expect(simulator.grants.get(id)?.status).toBe('valid');
    expect(mail.count(email)).toBe(1);
  });

  it('revokes the old token of a v2 account when its user has signed in again', {
    timeout: 120_000,
  }, async () => {
    // v2 signs webhooks with the client secret.
    const { simulator, mail, webhooks } = await startExample(postgres, ({ clientSecret }) => ({
      NYLAS_CLIENT_SECRET: clientSecret,
      NYLAS_WEBHOOK_SECRET: clientSecret,
    }));
    await simulator.webhooks.subscribe({ url: webhooks, version: 'v2' });
    const [account] = simulator.accounts.list();
    const { id = '', email = '', accessToken = '' } = account ?? {};
    simulator.accounts.invalidate(id);
    const mailed = await mail.mailTo(email);
    const answer = await fetch(linkIn(mailed.text));
    expect(await answer.text()).toMatch(/connected again/);
    expect(simulator.accounts.byToken(accessToken)).toBeUndefined();
    expect(simulator.accounts.get(id)).toMatchObject({ syncState: 'running', billingState: 'paid' });
  });
});
