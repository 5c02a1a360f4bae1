import { WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import type { JsonObject } from '../data/mailbox.ts';
import { stableUuid } from '../data/random.ts';
import type { NoticeDraft, NoticeSubject } from '../notices/notice.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { WebhookParts } from './webhooks.ts';

/** A notification that no change stands behind. */
export interface SendOptions {
  /** v2 or v3 where both have the trigger. Default: v3. */
  readonly version?: 'v2' | 'v3';
  /** Grant or account id. Default: one after the other. */
  readonly accountId?: string;
  /** Fields of the object it is about. */
  readonly object?: Readonly<Record<string, unknown>>;
  /** How many, one after the other at the same time. Default 1. */
  readonly count?: number;
}

const MOST = 10_000_000;

/** The version of a trigger; throws for one that is in no documentation. */
function versionOf(trigger: string, wanted: 'v2' | 'v3' | undefined): 'v2' | 'v3' {
  const version = (['v3', 'v2'] as const).find(
    (one) => (wanted ?? one) === one && WEBHOOK_TRIGGERS[one].includes(trigger),
  );
  if (version !== undefined) return version;
  throw new SimulatorError('invalid_request', `${String(trigger).slice(0, 80)} is no documented trigger`);
}

function subjectOf(trigger: string): NoticeSubject {
  if (/^(?:grant|account)\./.test(trigger)) return 'account';
  return /^message\.(?:opened|link_clicked)|^thread\.replied/.test(trigger) ? 'other' : 'object';
}

/** Tells made-up notifications. */
export function sendMadeUp(parts: WebhookParts, trigger: string, options: SendOptions): void {
  const { count = 1, accountId, object = {} } = options;
  const version = versionOf(trigger, options.version);
  if (!Number.isInteger(count) || count < 1 || count > MOST)
    throw new SimulatorError('invalid_request', `count must be a whole number from 1 to ${MOST}`);
  const word = trigger.split('.')[0] as string;
  const owners = accountId === undefined ? parts[version === 'v3' ? 'grants' : 'accounts'].list() : [];
  for (let i = 0; i < count; i++) {
    const owner = owners.length === 0 ? undefined : owners[i % owners.length];
    const account = accountId ?? owner?.id ?? stableUuid(parts.seed, 810, 0);
    const known = parts.grants.get(account) ?? parts.accounts.get(account);
    const fields: JsonObject = { object: word, id: stableUuid(parts.seed, 811, parts.notices.published) };
    parts.notices.publish({
      version,
      trigger,
      accountId: account,
      provider: known?.provider ?? 'google',
      subject: subjectOf(trigger),
      object:
        version === 'v3'
          ? { ...fields, ...object, grant_id: account }
          : {
              ...fields,
              attributes: null,
              metadata: null,
              ...object,
              account_id: account,
              namespace_id: account,
            },
    } satisfies NoticeDraft);
  }
}
