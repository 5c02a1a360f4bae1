import { gzipSync } from 'node:zlib';
import { mockNotification, signWebhook } from '@nylas-otel/webhooks';
import { errorInWords } from '../errors.ts';
import { type Finding, skip, type Visit } from './check.ts';

/** A trigger that no handler listens for: what a probe leaves behind is stored and does nothing. */
const PROBE_TRIGGER = 'nylas-otel.doctor';

/** How a probe is made. */
export interface ProbeOptions {
  /** Bytes of the body at least. */
  readonly bytes?: number;
  readonly compressed?: boolean;
  readonly secret?: string;
}

/** What the receiver answered: a status, or in a word why there was none. */
export type ProbeAnswer = { readonly status: number } | { readonly error: string };

/** What a probe needs that is not there; undefined where all is. */
export function missingForProbe({ context: { settings } }: Visit, needsSecret = true): Finding | undefined {
  if (settings['webhooks.public_url'] === undefined) {
    return skip('Needs the address that Nylas delivers to: NYLAS_OTEL_WEBHOOKS_PUBLIC_URL or --public-url.');
  }
  if (needsSecret && settings['webhooks.secret'] === undefined) {
    return skip(
      'Needs the webhook_secret of the destination: NYLAS_WEBHOOK_SECRET or --webhook-secret-file.',
    );
  }
  return undefined;
}

/** Sends a signed notification to the receiver as Nylas would. */
export async function probe(visit: Visit, options: ProbeOptions = {}): Promise<ProbeAnswer> {
  const { settings } = visit.context;
  const [first = ''] = settings['webhooks.secret'] ?? [];
  const { bytes = 0, compressed = false, secret = first } = options;
  const notification = mockNotification(PROBE_TRIGGER, {
    source: '/nylas/system',
    object: bytes === 0 ? {} : { body: 'x'.repeat(bytes) },
  });
  const json = Buffer.from(JSON.stringify(notification));
  const wire = compressed ? gzipSync(json) : json;
  const response = await visit.fetch(settings['webhooks.public_url'] ?? '', {
    method: 'POST',
    redirect: 'manual',
    headers: {
      'content-type': 'application/json',
      'x-nylas-signature': signWebhook(wire, secret),
      ...(compressed ? { 'content-encoding': 'gzip' } : {}),
    },
    body: wire,
  });
  if (response instanceof Error) return { error: errorInWords(response) };
  await response.body?.cancel();
  return { status: response.status };
}

/** `answered 503`, or `did not answer (ECONNREFUSED)`. */
export function answerInWords(answer: ProbeAnswer): string {
  return 'error' in answer ? `did not answer (${answer.error})` : `answered ${answer.status}`;
}
