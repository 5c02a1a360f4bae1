import type { WebhookEvent } from './webhook-event.ts';

/** What an event says of an account's state, in the shape that `watchAccounts().applySignal` takes. */
export interface WebhookAccountNews {
  readonly id: string;
  /** Nylas's own word: `valid`, `invalid`, `running`, `stopped`, `deleted`, ... */
  readonly state: string;
  readonly time: Date;
  readonly signal: 'webhook';
  readonly provider?: string;
  readonly email?: string;
}

// Codes are not looked at: 25012 stands for `grant.created` and for `grant.imap_sync_completed`.
const STATES = new Map<string, string>([
  ['grant.created', 'valid'],
  ['grant.updated', 'valid'],
  ['grant.imap_sync_completed', 'valid'],
  ['grant.expired', 'invalid'],
  ['grant.deleted', 'deleted'],
  ['account.connected', 'running'],
  ['account.running', 'running'],
  ['account.stopped', 'stopped'],
  ['account.invalid', 'invalid'],
  ['account.sync_error', 'sync_error'],
]);

/**
 * The account news in an event: `grant.*` (v3) and `account.*` (v2) triggers; undefined for all others and without an
 * account or a time. `grant.updated` is sent for a grant that works (a re-authentication, changed settings).
 */
export function accountNews(event: WebhookEvent): WebhookAccountNews | undefined {
  const state = STATES.get(event.trigger);
  if (state === undefined || event.accountId === undefined || event.time === undefined) return undefined;
  const object = event.data.object as { readonly provider?: unknown; readonly email?: unknown } | undefined;
  const provider = object?.provider;
  const email = object?.email;
  return {
    id: event.accountId,
    state,
    time: new Date(event.time),
    signal: 'webhook',
    ...(typeof provider === 'string' ? { provider } : {}),
    ...(typeof email === 'string' ? { email } : {}),
  };
}
