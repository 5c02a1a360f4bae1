import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { RETRYABLE_WEBHOOK_STATUS } from '@nylas-otel/nylas-api';
import { invalidOption } from '../errors.ts';
import { SIGNATURE_HEADER, signWebhook } from '../signature/sign-webhook.ts';
import { LARGEST_NOTIFICATION, truncateNotification } from './truncate-notification.ts';

/** Options of {@link webhookSender}. */
export interface WebhookSenderOptions {
  /** Where the receiver is. */
  readonly url: string | URL;
  readonly secret: string;
  /** Sends gzip, signed over the compressed bytes (`compressed_delivery`). Default false. */
  readonly compressed?: boolean;
  /**
   * Milliseconds before the second, third, ... attempt. Nylas makes three in 10 to 20 minutes; scaled down, the default is
   * `[10, 20]`.
   */
  readonly retryDelays?: readonly number[];
  /** Milliseconds an attempt may take. Default 10,000, as at Nylas. */
  readonly timeout?: number;
  /** Times each notification is delivered although it was acknowledged (at least once is all Nylas promises). Default 0. */
  readonly duplicates?: number;
  /** Delivers in an order of chance (Nylas promises none). Default false. */
  readonly reorder?: boolean;
  /** Deliveries at one time. Default 1. */
  readonly concurrency?: number;
  /** Bytes from which a `message.*` notification loses its body and gets `.truncated`. Default 1,000,000. */
  readonly truncateAt?: number;
  /** Instead of the global `fetch`. */
  readonly fetch?: typeof fetch;
  /** Between 0 and 1, for a repeatable order. Default `Math.random`. */
  readonly random?: () => number;
}

/** What became of one delivery. */
export interface SentDelivery {
  /** Its place in what was given to `send`. */
  readonly index: number;
  /** The status of each attempt; 0 where no answer came. */
  readonly statuses: readonly number[];
  /** True when it was answered with 200 in the end. */
  readonly acknowledged: boolean;
}

/** Sends notifications as Nylas does. */
export interface WebhookSender {
  /** Asks for the challenge; resolves with whether it was answered to the letter, with 200, a length and not chunked. */
  challenge(value?: string): Promise<boolean>;
  /** Delivers notifications (v3 envelopes or v2 batches): signed, retried where Nylas retries. */
  send(notifications: readonly object[]): Promise<SentDelivery[]>;
}

/**
 * A sender that behaves as Nylas does, for tests of your endpoint: three attempts, retries only on 408, 429, 502, 503, 504
 * and 507 (never on 500) or without an answer, the attempt counted in the envelope, and on demand duplicates, another
 * order, gzip and truncation.
 */
export function webhookSender(options: WebhookSenderOptions): WebhookSender {
  if (typeof options?.secret !== 'string' || options.secret === '')
    throw invalidOption('secret', 'give the secret that the receiver verifies with.');
  const settings = {
    url: new URL(options.url),
    secret: options.secret,
    compressed: options.compressed ?? false,
    retryDelays: options.retryDelays ?? [10, 20],
    timeout: options.timeout ?? 10_000,
    duplicates: options.duplicates ?? 0,
    reorder: options.reorder ?? false,
    concurrency: Math.max(1, options.concurrency ?? 1),
    truncateAt: options.truncateAt ?? LARGEST_NOTIFICATION,
    fetch: options.fetch ?? fetch,
    random: options.random ?? Math.random,
  };
  return {
    challenge: (value = 'challenge-of-a-test') => askChallenge(settings, value),
    send: (notifications) => sendAll(settings, notifications),
  };
}

type Settings = Required<Omit<WebhookSenderOptions, 'url'>> & { readonly url: URL };

async function askChallenge({ url, fetch: call, timeout }: Settings, value: string): Promise<boolean> {
  const asked = new URL(url);
  asked.searchParams.set('challenge', value);
  try {
    const response = await call(asked, { signal: AbortSignal.timeout(timeout) });
    const text = await response.text();
    return (
      response.status === 200 &&
      text === value &&
      response.headers.get('content-length') === String(Buffer.byteLength(value)) &&
      !response.headers.has('transfer-encoding')
    );
  } catch {
    return false;
  }
}

async function sendAll(settings: Settings, notifications: readonly object[]): Promise<SentDelivery[]> {
  const queue = notifications.flatMap((notification, index) =>
    Array.from({ length: settings.duplicates + 1 }, () => ({ notification, index })),
  );
  if (settings.reorder) shuffle(queue, settings.random);
  const sent: SentDelivery[] = [];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      sent.push(await deliver(settings, next.notification, next.index));
    }
  };
  await Promise.all(Array.from({ length: settings.concurrency }, worker));
  return sent;
}

async function deliver(settings: Settings, notification: object, index: number): Promise<SentDelivery> {
  const statuses: number[] = [];
  const prepared = truncateNotification(notification, settings.truncateAt);
  for (let attempt = 1; attempt <= settings.retryDelays.length + 1; attempt++) {
    if (attempt > 1) await delay(settings.retryDelays[attempt - 2]);
    const status = await post(settings, counted(prepared, attempt));
    statuses.push(status);
    if (status !== 0 && !RETRYABLE_WEBHOOK_STATUS.includes(status)) break;
  }
  return { index, statuses, acknowledged: statuses.at(-1) === 200 };
}

async function post(
  { url, secret, compressed, timeout, fetch: call }: Settings,
  body: object,
): Promise<number> {
  const json = Buffer.from(JSON.stringify(body));
  const wire = compressed ? gzipSync(json) : json;
  try {
    const response = await call(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signWebhook(wire, secret),
        ...(compressed ? { 'content-encoding': 'gzip' } : {}),
      },
      body: wire,
      signal: AbortSignal.timeout(timeout),
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return 0;
  }
}

function counted(notification: object, attempt: number): object {
  return 'specversion' in notification
    ? { ...notification, webhook_delivery_attempt: attempt }
    : notification;
}

function shuffle(list: unknown[], random: () => number): void {
  for (let index = list.length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1));
    [list[index], list[other]] = [list[other], list[index]];
  }
}
