import type { AccountMonitorOptions } from '@nylas-otel/repair';
import type { NylasStore } from '@nylas-otel/store';
import { errorInWords } from '../errors.ts';
import type { Settings } from '../options/settings.ts';
import { accessTokens } from './access-tokens.ts';
import { watchOptions } from './watch-options.ts';

const NOTIFY_TIMEOUT_MS = 20_000;

/** Says something in the log of the exporter; a command by itself says nothing. */
export type Say = (
  level: 'info' | 'warn',
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void;

/**
 * The settings as `createAccountMonitor` takes them.
 *
 * @throws NylasOtelError where no credentials are given
 */
export function monitorOptions(settings: Settings, store: NylasStore, say: Say): AccountMonitorOptions {
  const clientId = settings['nylas.client_id'];
  const redirectUri = settings['repair.reauth_redirect_uri'];
  const tokenOf = accessTokens(settings);
  const notify = settings['repair.notify_url'];
  return {
    ...watchOptions(settings),
    store,
    repair: { dryRun: settings['repair.mode'] !== 'on' },
    ...(clientId === undefined || redirectUri === undefined ? {} : { reauth: { clientId, redirectUri } }),
    ...(tokenOf === undefined ? {} : { getAccessToken: ({ id }) => tokenOf(id) }),
    ...(notify === undefined
      ? {}
      : {
          onReauthenticationNeeded: (request) =>
            post(notify, settings['repair.notify_token'], { kind: 'reauthentication', ...request }),
        }),
    async onEscalation({ account, reason, bundle, key }) {
      say('warn', 'an account cannot be mended: ask Nylas support', { account: account.id, reason });
      if (notify !== undefined) {
        await post(notify, settings['repair.notify_token'], {
          kind: 'escalation',
          account,
          reason,
          key,
          bundle: bundle?.markdown,
        });
      }
    },
    destinations: { interval: settings['poll.destination_interval'] },
    platform: { page: settings['nylas.status_url'], interval: settings['poll.platform_interval'] },
  };
}

/** Posts JSON; rejects where nobody took it, so that repair tries again. */
async function post(url: string, token: string | undefined, body: object): Promise<void> {
  let status: number;
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(NOTIFY_TIMEOUT_MS),
    });
    await response.body?.cancel();
    status = response.status;
  } catch (error) {
    throw new Error(`repair.notify_url did not answer (${errorInWords(error)})`);
  }
  if (status < 200 || status > 299) throw new Error(`repair.notify_url answered ${status}`);
}
