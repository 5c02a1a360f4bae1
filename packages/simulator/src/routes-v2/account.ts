import type { JsonObject } from '../data/mailbox.ts';
import { hasLabels } from '../data/v2-objects.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { Account } from '../stores/account-store.ts';
import { v2Paging } from './paging.ts';

const ACCOUNTS = '/a/{client_id}/accounts';
const ONE = `${ACCOUNTS}/{account_id}`;

/** An account as `GET /account` prints it. */
function accountJson(account: Account): JsonObject {
  return {
    id: account.id,
    object: 'account',
    account_id: account.id,
    name: account.name,
    email_address: account.email,
    provider: account.provider,
    organization_unit: hasLabels(account) ? 'label' : 'folder',
    sync_state: account.syncState,
    billing_state: account.billingState,
    linked_at: account.linkedAt,
  };
}

/** An account as the management routes print it: other names, and `invalid` is spelled `invalid-credentials`. */
function managedAccountJson(account: Account): JsonObject {
  return {
    id: account.id,
    account_id: account.id,
    email: account.email,
    provider: account.provider,
    sync_state: account.syncState === 'invalid' ? 'invalid-credentials' : account.syncState,
    billing_state: account.billingState,
    authentication_type:
      account.provider === 'imap' || account.provider === 'exchange' ? 'password' : 'oauth',
    trial: false,
    namespace_id: account.id,
    metadata: account.metadata,
  };
}

/** Runs `act` on the account of the path, or answers 404. */
function onAccount(act: (x: Exchange, account: Account) => Reply): (x: Exchange) => Reply {
  return (x) => {
    const account = x.world.accounts.get(x.param('account_id'));
    return account === undefined || account.id !== x.param('account_id')
      ? v2Error(404, 'invalid_request_error', "Couldn't find account")
      : act(x, account);
  };
}

const SUCCESS = { success: true };
const secret = { credential: 'secret' } as const;

/** The account of a token, and the management of all accounts with the client secret. */
export const accountRoutes: readonly Route[] = [
  { method: 'GET', template: '/account', handle: (x) => jsonReply(200, accountJson(x.holder)) },
  {
    method: 'GET',
    template: ACCOUNTS,
    ...secret,
    handle: (x) => {
      const paging = v2Paging(x);
      if ('status' in paging) return paging;
      return jsonReply(200, x.world.accounts.page(paging.offset, paging.limit).map(managedAccountJson));
    },
  },
  {
    method: 'GET',
    template: ONE,
    ...secret,
    handle: onAccount((_x, account) => jsonReply(200, managedAccountJson(account))),
  },
  {
    method: 'PUT',
    template: ONE,
    ...secret,
    json: 'required',
    handle: onAccount((x, account) => {
      const metadata = x.body.metadata;
      if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) {
        return v2Error(400, 'invalid_request_error', 'metadata must be an object');
      }
      return jsonReply(
        200,
        managedAccountJson(x.world.accounts.setMetadata(account.id, metadata as JsonObject)),
      );
    }),
  },
  {
    method: 'DELETE',
    template: ONE,
    ...secret,
    handle: onAccount((x, account) => {
      x.world.accounts.delete(account.id);
      return jsonReply(200, SUCCESS);
    }),
  },
  {
    method: 'POST',
    template: `${ONE}/downgrade`,
    ...secret,
    handle: onAccount((x, account) => {
      x.world.accounts.downgrade(account.id);
      return jsonReply(200, SUCCESS);
    }),
  },
  {
    method: 'POST',
    template: `${ONE}/upgrade`,
    ...secret,
    handle: onAccount((x, account) => {
      x.world.accounts.upgrade(account.id);
      return jsonReply(200, SUCCESS);
    }),
  },
  {
    method: 'POST',
    template: `${ONE}/revoke-all`,
    ...secret,
    handle: onAccount((x, account) => {
      const keep = x.body.keep_access_token;
      x.world.accounts.revokeTokens(account.id, typeof keep === 'string' ? keep : undefined);
      return jsonReply(200, SUCCESS);
    }),
  },
  {
    method: 'POST',
    template: `${ONE}/token-info`,
    ...secret,
    json: 'required',
    handle: onAccount((x, account) => {
      const token = x.body.access_token;
      const valid = typeof token === 'string' && x.world.accounts.byToken(token) === account;
      if (!valid) return v2Error(404, 'invalid_request_error', "Couldn't find access token");
      return jsonReply(200, {
        created_at: account.linkedAt,
        updated_at: account.linkedAt,
        scopes: 'calendar,email,contacts',
        state: 'valid',
      });
    }),
  },
  {
    method: 'GET',
    template: '/a/{client_id}/ip_addresses',
    ...secret,
    handle: (x) =>
      jsonReply(200, { ip_addresses: ['203.0.113.10', '203.0.113.11'], updated_at: x.world.settings.epoch }),
  },
];
