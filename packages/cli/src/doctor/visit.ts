import type { CommandContext } from '../commands/command.ts';
import { NylasOtelError } from '../errors.ts';
import { type NylasReply, nylasClient } from '../nylas/nylas-client.ts';
import { hasCredentials } from '../nylas/watch-options.ts';
import { callOperation, hasState, runningExporter } from '../operations/call-operation.ts';
import { storeReport } from '../operations/store-operations.ts';
import type { Visit } from './check.ts';

const TIMEOUT_MS = 10_000;

/** Begins one round of checks. */
export function beginVisit(context: CommandContext): Visit {
  const { settings } = context;
  const client = hasCredentials(settings) ? nylasClient(settings, context.signal) : undefined;
  const v3 = client?.version === 'v3';
  const clientId = encodeURIComponent(settings['nylas.client_id'] ?? '');
  const ask = (path: string): (() => Promise<NylasReply | undefined>) =>
    once(() => (client === undefined ? Promise.resolve(undefined) : client.request('GET', path)));
  return {
    context,
    client,
    application: ask(v3 ? '/v3/applications' : `/a/${clientId}`),
    destinations: ask(v3 ? '/v3/webhooks?limit=200' : `/a/${clientId}/webhooks`),
    store: once(() => askStore(context)),
    async fetch(url, init) {
      try {
        const signal = AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), context.signal]);
        return await fetch(url, { signal, ...init });
      } catch (error) {
        return error instanceof Error ? error : new Error(String(error));
      }
    },
  };
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}

async function askStore(context: CommandContext): ReturnType<Visit['store']> {
  if (!hasState(context) && (await runningExporter(context)) === undefined) return undefined;
  try {
    return await callOperation(context, storeReport, {});
  } catch (error) {
    if (error instanceof NylasOtelError) return error;
    throw error;
  }
}
