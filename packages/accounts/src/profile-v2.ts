import { ACCOUNT_STATES } from '@nylas-otel/nylas-api';
import { type AccountReading, asObject, type Profile, reading } from './profile.ts';

/**
 * Accounts of API v2 under their application's client id. `GET /a/{client_id}/accounts` answers a bare array, knows
 * `limit` (100 when left out) and `offset`, neither sorts nor filters, and refuses parameters it does not know.
 */
export function profileV2(clientId: string): Profile {
  const root = `/a/${encodeURIComponent(clientId)}/accounts`;
  return {
    version: 'v2',
    pageSize: 100,
    states: ACCOUNT_STATES,
    listsInvalid: false,
    listTemplate: '/a/{client_id}/accounts',
    accountTemplate: '/a/{client_id}/accounts/{account_id}',
    resource: 'accounts',
    listPath: ({ offset, limit }) => `${root}?limit=${limit}&offset=${offset}`,
    accountPath: (id) => `${root}/${encodeURIComponent(id)}`,
    readPage: (body) =>
      Array.isArray(body) ? { accounts: body.map(readManagedAccount), limit: undefined } : undefined,
    readAccount: readManagedAccount,
  };
}

// The management object says `email`, the account object of a token says `email_address`.
function readManagedAccount(item: unknown): AccountReading | undefined {
  const account = asObject(item);
  if (account === undefined) return undefined;
  return reading('v2', {
    id: account.id ?? account.account_id,
    email: account.email ?? account.email_address,
    provider: account.provider,
    state: account.sync_state,
  });
}
