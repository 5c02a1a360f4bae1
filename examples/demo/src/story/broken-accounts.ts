import type { Account, Grant, Simulator, SyncState } from '@nylas-otel/simulator';
import { ACCOUNT_FATES, UNSEEN_EXPIRIES } from '../world/mailboxes.ts';
import type { Cast } from './cast.ts';

/** Mailboxes that nobody uses and that are about to break. */
export interface IdleMailboxes {
  readonly grants: readonly Grant[];
  readonly accounts: readonly (readonly [account: Account, state: SyncState])[];
}

/** Chooses them. */
export function chooseIdle(cast: Cast): IdleMailboxes {
  return {
    grants: UNSEEN_EXPIRIES.map((provider) => cast.takeGrant(provider)),
    accounts: ACCOUNT_FATES.map(([provider, state]) => [cast.takeAccount(provider), state]),
  };
}

/** Breaks them: grants expire, accounts stop. */
export function breakIdle(nylas: Simulator, { grants, accounts }: IdleMailboxes): void {
  for (const { id } of grants) nylas.grants.setStatus(id, 'invalid');
  for (const [{ id }, state] of accounts) nylas.accounts.setState(id, state);
}
