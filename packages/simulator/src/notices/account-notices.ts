import { stableUuid } from '../data/random.ts';
import type { Account } from '../stores/account-store.ts';
import type { Grant } from '../stores/grant-store.ts';
import type { NoticeDraft } from './notice.ts';

/** `code` of the documented grant notifications; `updated` has another one for a re-authentication. */
const CODES = { created: 25012, deleted: 25013, updated: 25014, expired: 25009 } as const;
const REAUTHENTICATED = 25027;

/** What a grant notification says beside its code. */
export interface GrantNews {
  readonly what: keyof typeof CODES;
  readonly reauthenticated?: boolean;
}

/** A `grant.*` notification. */
export function grantNotice(
  seed: number,
  grant: Grant,
  { what, reauthenticated = false }: GrantNews,
): NoticeDraft {
  const details =
    what === 'created'
      ? { login_id: stableUuid(seed, 802, grant.index), name: grant.name, scope: grant.scope }
      : what === 'updated'
        ? { reauthentication_flag: reauthenticated }
        : what === 'expired'
          ? { grant_updated_at: grant.updatedAt }
          : {};
  return {
    version: 'v3',
    trigger: `grant.${what}`,
    accountId: grant.id,
    provider: grant.provider,
    subject: 'account',
    object: {
      code: reauthenticated ? REAUTHENTICATED : CODES[what],
      grant_id: grant.id,
      integration_id: stableUuid(seed, 801, 0),
      provider: grant.provider,
      email: grant.email,
      ...details,
    },
  };
}

/** An `account.*` delta of v2. */
export function accountNotice(account: Account, trigger: string): NoticeDraft {
  return {
    version: 'v2',
    trigger,
    accountId: account.id,
    provider: account.provider,
    subject: 'account',
    object: {
      namespace_id: account.id,
      account_id: account.id,
      object: 'account',
      id: account.id,
      attributes: null,
      metadata: null,
    },
  };
}
