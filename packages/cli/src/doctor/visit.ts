import type { CommandContext } from '../commands/command.ts';
import { type NylasReply, nylasClient } from '../nylas/nylas-client.ts';
import { hasCredentials } from '../nylas/watch-options.ts';
import type { Visit } from './check.ts';

const TIMEOUT_MS = 10_000;

/** Begins one round of checks. */
export function beginVisit(context: CommandContext): Visit {
  const { settings } = context;
  const client = hasCredentials(settings) ? nylasClient(settings, context.signal) : undefined;
  const v3 = client?.version === 'v3';
  const clientId = encodeURIComponent(settings['nylas.client_id'] ?? '');
  const once = (path: string): (() => Promise<NylasReply | undefined>) => {
    let asked: Promise<NylasReply | undefined> | undefined;
    return () => {
      asked ??= client === undefined ? Promise.resolve(undefined) : client.request('GET', path);
      return asked;
    };
  };
  return {
    context,
    client,
    application: once(v3 ? '/v3/applications' : `/a/${clientId}`),
    destinations: once(v3 ? '/v3/webhooks?limit=200' : `/a/${clientId}/webhooks`),
    async fetch(url, init) {
      try {
        return await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), ...init });
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    },
  };
}
