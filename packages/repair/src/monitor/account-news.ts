import type { AccountNews } from '@nylas-otel/accounts';
import { newsWords, readId } from '@nylas-otel/accounts/tracking';
import { type ApiVersion, providerLabel } from '@nylas-otel/nylas-api';
import type { AccountUpdate, DurableHandler } from '@nylas-otel/store';
import { accountNews } from '@nylas-otel/webhooks';
import type { DurableTracker } from '../tracking/durable-tracker.ts';

const TRIGGERS = [
  'grant.created',
  'grant.updated',
  'grant.imap_sync_completed',
  'grant.expired',
  'grant.deleted',
  'account.connected',
  'account.running',
  'account.stopped',
  'account.invalid',
  'account.sync_error',
];

/** News as the tracker takes it; undefined when it is not usable. */
export function updateOf(news: AccountNews, version: ApiVersion, now: number): AccountUpdate | undefined {
  const id = readId(news.id);
  const time = news.time instanceof Date ? news.time.getTime() : Number.NaN;
  if (id === undefined || typeof news.state !== 'string' || Number.isNaN(time)) return undefined;
  return {
    reading: {
      id,
      email: typeof news.email === 'string' ? news.email : undefined,
      provider: providerLabel(typeof news.provider === 'string' ? news.provider : undefined),
      ...newsWords(version, news.state),
    },
    // Clocks differ: news from the future would shut out every reading until then.
    time: Math.min(time, now),
    signal: news.signal ?? 'webhook',
    event: true,
  };
}

/** Handlers of the webhooks that tell of accounts: what they tell and that they are handled is one commit. */
export function webhookHandlers(
  tracker: DurableTracker,
  version: ApiVersion,
  now: () => number,
): Readonly<Record<string, DurableHandler>> {
  const handler: DurableHandler = async (event, call) => {
    const news = event.version === version ? accountNews(event) : undefined;
    const update = news === undefined ? undefined : updateOf(news, version, now());
    if (update === undefined) return;
    const { tell } = await call.transaction((tx) => tracker.applyIn(tx, [update]));
    tell();
  };
  return Object.fromEntries(TRIGGERS.map((trigger) => [trigger, handler]));
}
