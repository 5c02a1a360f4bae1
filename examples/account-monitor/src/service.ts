import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccountMonitor } from '@nylas-otel/repair';
import { openStore } from '@nylas-otel/store';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import { mailsOver } from './mails.ts';
import type { Settings } from './settings.ts';
import { signIn } from './sign-in.ts';

/** A running service. */
export interface Service {
  readonly url: string;
  /** Resolves when all accounts were read once. */
  readonly ready: Promise<unknown>;
  /** What happened to an account and what was done for it, oldest first. */
  history(account: string): Promise<readonly { readonly time: Date; readonly what: string }[]>;
  close(): Promise<void>;
}

/** Watches and repairs the accounts of one Nylas application; receives its webhooks; lets users sign in again. */
export async function startService(settings: Settings): Promise<Service> {
  const { databaseUrl, apiKey, clientId, clientSecret = '', baseUrl, publicUrl, dryRun } = settings;
  const store = await openStore(databaseUrl === undefined ? { folder: './data' } : { databaseUrl });
  const mails = mailsOver(settings.smtpUrl, settings.from, settings.support);
  // Your own table of tokens (v2); this one forgets them with the process.
  const tokens = new Map<string, string>();
  const monitor = createAccountMonitor({
    ...(apiKey === undefined ? { clientId, clientSecret } : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
    store,
    logger: console,
    repair: { dryRun, revokeTokens: apiKey === undefined },
    reauth: { clientId, redirectUri: `${publicUrl}/nylas/callback` },
    onReauthenticationNeeded: (request) => mails.askToSignIn(request),
    onEscalation: (escalation) => mails.tellSupport(escalation),
    getAccessToken: ({ id }) => tokens.get(id),
    // A simulated Nylas has no status page of Nylas's.
    platform: baseUrl === undefined,
  });
  const webhooks = nylasWebhooks({ secret: settings.webhookSecret, inbox: store.inbox });

  const callback = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      const code = new URL(request.url ?? '', publicUrl).searchParams.get('code') ?? '';
      const { accountId, accessToken } = await signIn(code, settings);
      tokens.set(accountId, accessToken);
      await monitor.markReauthenticated(accountId, { newToken: accessToken });
      response.end('Thank you, your mailbox is connected again.');
    } catch (error) {
      console.error(error);
      response.writeHead(400).end('That did not work. Please use the link of the mail again.');
    }
  };
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/webhooks/nylas') webhooks(request, response);
    else if (path === '/nylas/callback') void callback(request, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(settings.port, resolve);
  });

  await monitor.start();
  await store.inbox.work({ onEvent: monitor.webhookHandlers });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get ready() {
      return monitor.ready;
    },
    async history(account) {
      const lines = await monitor.history(account);
      return [...lines].reverse().map(({ time, kind, data }) => ({ time, what: `${kind} ${inWords(data)}` }));
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await monitor.close();
      await store.close();
      mails.close();
    },
  };
}

function inWords(data: { readonly [key: string]: unknown }): string {
  const words = Object.entries(data).filter(([, value]) => value !== undefined && value !== null);
  return words.map(([name, value]) => `${name}=${String(value)}`).join(' ');
}
