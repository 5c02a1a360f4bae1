import type { JsonObject } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { GRANT_PROVIDERS, type Grant, type GrantFilter } from '../stores/grant-store.ts';
import { badLimit, limitOf, offsetOf } from './list-query.ts';

const DEFAULT_LIMIT = 10;
const MAX_LIMIT = 200;

/** A grant as the API prints it. */
export function grantJson(grant: Grant): JsonObject {
  return {
    id: grant.id,
    object: 'grant',
    provider: grant.provider,
    grant_status: grant.status,
    email: grant.email,
    name: grant.name,
    scope: grant.scope,
    ip: '203.0.113.7',
    user_agent: 'Mozilla/5.0',
    settings: grant.settings,
    blocked: grant.blocked,
    created_at: grant.createdAt,
    updated_at: grant.updatedAt,
  };
}

function list(x: Exchange): Reply {
  const limit = limitOf(x, DEFAULT_LIMIT, MAX_LIMIT);
  if (limit === undefined) return badLimit(x, MAX_LIMIT);
  const offset = offsetOf(x);
  if (offset === undefined)
    return x.fail(400, 'invalid_request_error', 'offset must be a whole number, 0 or more');
  const filter = filterOf(x);
  if (typeof filter === 'string') return x.fail(400, 'invalid_request_error', filter);
  const page = x.world.grants.list(filter).slice(offset, offset + limit);
  return jsonReply(200, { request_id: x.requestId, data: page.map(grantJson), limit, offset });
}

function filterOf(x: Exchange): GrantFilter | string {
  const { query } = x;
  const text = (name: string): string | undefined => query.get(name) ?? undefined;
  const status = text('grant_status');
  if (status !== undefined && status !== 'valid' && status !== 'invalid')
    return 'grant_status must be valid or invalid';
  const provider = text('provider');
  if (provider !== undefined && !(GRANT_PROVIDERS as readonly string[]).includes(provider)) {
    return `provider must be one of ${GRANT_PROVIDERS.join(', ')}`;
  }
  const sortBy = text('sort_by') ?? 'created_at';
  if (sortBy !== 'created_at' && sortBy !== 'updated_at') return 'sort_by must be created_at or updated_at';
  const orderBy = text('order_by') ?? 'desc';
  if (orderBy !== 'asc' && orderBy !== 'desc') return 'order_by must be asc or desc';
  const since = secondsOf(text('since'));
  const before = secondsOf(text('before'));
  if (Number.isNaN(since) || Number.isNaN(before)) return 'since and before must be Unix timestamps';
  return { status, provider, email: text('email'), since, before, sortBy, orderBy };
}

const secondsOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text);

function update(x: Exchange): Reply {
  const { scope, settings } = x.body;
  if (scope !== undefined && !(Array.isArray(scope) && scope.every((one) => typeof one === 'string'))) {
    return x.fail(400, 'invalid_request_error', 'scope must be a list of texts');
  }
  if (
    settings !== undefined &&
    (typeof settings !== 'object' || settings === null || Array.isArray(settings))
  ) {
    return x.fail(400, 'invalid_request_error', 'settings must be an object');
  }
  if (x.grant === undefined) return x.missing();
  const changed = x.world.grants.update(x.grant.id, {
    ...(scope === undefined ? {} : { scope: scope as string[] }),
    ...(settings === undefined ? {} : { settings: settings as JsonObject }),
  });
  // New settings are new credentials: the documented way back for grants that no hosted login made.
  if (changed.expired && settings !== undefined) x.world.grants.reauthenticate(changed.id);
  return x.item(grantJson(changed));
}

/** Grants: list with offset, find, update, delete. */
export const grantRoutes: readonly Route[] = [
  { method: 'GET', template: '/v3/grants', handle: list },
  {
    method: 'GET',
    template: '/v3/grants/{grant_id}',
    handle: (x) => (x.grant === undefined ? x.missing() : x.item(grantJson(x.grant))),
  },
  { method: 'PATCH', template: '/v3/grants/{grant_id}', json: 'required', handle: update },
  {
    method: 'DELETE',
    template: '/v3/grants/{grant_id}',
    handle: (x) => (x.grant !== undefined && x.world.grants.delete(x.grant.id) ? x.done() : x.missing()),
  },
];
