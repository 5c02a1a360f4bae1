import type { LoggerLike } from '@nylas-otel/telemetry';
import { invalidOption, type NylasWebhookError } from '../errors.ts';
import type { Inbox } from '../inbox/inbox.ts';
import { type SigningSecret, signingSecret } from '../signature/verify-signature.ts';

/** A secret with a name for counts and messages. */
export interface NamedSecret {
  /** Shown in `stats()`; never the secret. */
  readonly name: string;
  readonly secret: string;
}

/** Options of a receiver. */
export interface WebhookOptions {
  /**
   * What deliveries may be signed with: a destination's `webhook_secret` (v3) or the application's client secret (v2).
   * Several at once for several destinations on one path, or while a secret is being rotated.
   */
  readonly secret: string | NamedSecret | readonly (string | NamedSecret)[];
  /** Where accepted events go: a durable inbox, or `memoryInbox()` in tests. */
  readonly inbox: Inbox;
  /** Most bytes on the wire; what is larger is answered with 413, which loses it. Default 2 MiB, Nylas sends about 1. */
  readonly maxBodyBytes?: number;
  /** Most bytes of a compressed delivery once inflated. Default 8 MiB. */
  readonly maxInflatedBytes?: number;
  /** Milliseconds until a delivery is answered with 503. Default 8000: Nylas waits 10 s. */
  readonly deadlineMs?: number;
  /** Most deliveries in hand at one time; others are answered with 503. Default 1000. */
  readonly maxInFlight?: number;
  /** Most bytes of bodies in hand at one time; others are answered with 503. Default 64 MiB. */
  readonly maxInFlightBytes?: number;
  /** Seconds that `Retry-After` asks for beside a 503. Default 10. */
  readonly retryAfter?: number;
  /** Gets log events as plain lines: pino, winston, console. */
  readonly logger?: LoggerLike;
  /** Told of every delivery that failed for a reason on our side (not of bad signatures). Must not throw. */
  readonly onError?: (error: NylasWebhookError) => void;
}

/** {@link WebhookOptions} checked and complete. */
export interface WebhookSettings {
  readonly secrets: readonly SigningSecret[];
  readonly inbox: Inbox;
  readonly maxBodyBytes: number;
  readonly maxInflatedBytes: number;
  readonly deadlineMs: number;
  readonly maxInFlight: number;
  readonly maxInFlightBytes: number;
  readonly retryAfter: string;
  readonly logger: LoggerLike | undefined;
  readonly onError: ((error: NylasWebhookError) => void) | undefined;
}

const MIB = 1024 * 1024;
// What Nylas signs its test events with (`send-test-event`); everybody knows it.
const PUBLIC_SECRET = 'mock-webhook-secret';

/** Checks options at once, so that a mistake is seen at start and not at the first delivery. */
export function readOptions(options: WebhookOptions): WebhookSettings {
  if (typeof options !== 'object' || options === null)
    throw invalidOption('secret', 'give an object with `secret` and `inbox`.');
  const { inbox } = options;
  if (typeof inbox?.accept !== 'function' || typeof inbox.quarantine !== 'function')
    throw invalidOption('inbox', 'give an inbox with `accept` and `quarantine`; for tests: memoryInbox().');
  if (options.onError !== undefined && typeof options.onError !== 'function')
    throw invalidOption('onError', 'give a function.');
  const deadlineMs = whole('deadlineMs', options.deadlineMs, 8_000, 1);
  if (deadlineMs > 9_500) throw invalidOption('deadlineMs', 'at most 9500: Nylas waits 10 s for the answer.');
  return {
    secrets: readSecrets(options.secret),
    inbox,
    maxBodyBytes: whole('maxBodyBytes', options.maxBodyBytes, 2 * MIB, 1),
    maxInflatedBytes: whole('maxInflatedBytes', options.maxInflatedBytes, 8 * MIB, 1),
    deadlineMs,
    maxInFlight: whole('maxInFlight', options.maxInFlight, 1_000, 1),
    maxInFlightBytes: whole('maxInFlightBytes', options.maxInFlightBytes, 64 * MIB, 1),
    retryAfter: String(whole('retryAfter', options.retryAfter, 10, 0)),
    logger: options.logger,
    onError: options.onError,
  };
}

function readSecrets(given: WebhookOptions['secret']): SigningSecret[] {
  const list = Array.isArray(given) ? (given as readonly (string | NamedSecret)[]) : [given];
  if (list.length === 0) throw invalidOption('secret', 'give at least one secret.');
  return list.map((item, index) => {
    const named = item as Partial<NamedSecret> | undefined;
    const secret = typeof item === 'string' ? item : named?.secret;
    const name = (typeof item === 'string' ? undefined : named?.name) ?? `secret ${index + 1}`;
    if (typeof secret !== 'string' || secret === '')
      throw invalidOption(
        'secret',
        `${name} is ${secret === '' ? 'empty' : 'no string'}. It is the \`webhook_secret\` that Nylas shows when a ` +
          'destination is created or its secret is rotated; is the environment variable set?',
      );
    if (secret.trim() !== secret)
      throw invalidOption('secret', `${name} has white space around it (a line break of a file?). Trim it.`);
    if (secret === PUBLIC_SECRET && process.env.NODE_ENV === 'production')
      throw invalidOption(
        'secret',
        `${name} is the public one of Nylas's test events, so anybody could sign. Remove it.`,
      );
    return signingSecret(name, secret);
  });
}

function whole(option: string, given: number | undefined, standard: number, least: number): number {
  if (given === undefined) return standard;
  if (!Number.isSafeInteger(given) || given < least)
    throw invalidOption(option, `give a whole number of at least ${least}, not ${String(given)}.`);
  return given;
}
