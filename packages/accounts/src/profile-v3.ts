import { type AccountReading, asObject, type PageRequest, type Profile, reading } from './profile.ts';

/**
 * Grants of API v3: `valid` or `invalid`. `GET /v3/grants` takes `limit` up to 200 and `offset`, has no total, and
 * can be filtered for invalid grants (OpenAPI document of Nylas).
 */
export const PROFILE_V3: Profile = {
  version: 'v3',
  pageSize: 200,
  states: ['running', 'invalid', 'deleted', 'unknown'],
  listsInvalid: true,
  listTemplate: '/v3/grants',
  accountTemplate: '/v3/grants/{grant_id}',
  resource: 'grants',
  listPath: listGrants,
  accountPath: (id) => `/v3/grants/${encodeURIComponent(id)}`,
  readPage(body) {
    const envelope = asObject(body);
    const items = envelope?.data;
    if (!Array.isArray(items)) return undefined;
    const limit = envelope?.limit;
    return {
      accounts: items.map(readGrant),
      limit: typeof limit === 'number' && Number.isInteger(limit) && limit > 0 ? limit : undefined,
    };
  },
  readAccount: (body) => readGrant(asObject(body)?.data),
};

// Oldest first: new grants join at the end, so pages already read do not move.
function listGrants({ offset, limit }: PageRequest, invalidOnly: boolean): string {
  const filter = invalidOnly ? '&grant_status=invalid' : '';
  return `/v3/grants?limit=${limit}&offset=${offset}&sort_by=created_at&order_by=asc${filter}`;
}

function readGrant(item: unknown): AccountReading | undefined {
  const grant = asObject(item);
  if (grant === undefined) return undefined;
  return reading('v3', {
    id: grant.id,
    email: grant.email,
    provider: grant.provider,
    state: grant.grant_status,
  });
}
