import type { Filters } from '../data/filters.ts';
import type { JsonObject, Kind, Owner } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const ADMIN_LIMIT = 10;
/** Changes an object on its way out. */
export type Present = (x: Exchange, object: JsonObject) => JsonObject;

/** A page with a cursor, as every v3 data list answers. */
export function listPage(x: Exchange, kind: Kind, owner: Owner, filters: Filters, present: Present): Reply {
  const limit = limitOf(x, DEFAULT_LIMIT, MAX_LIMIT);
  if (limit === undefined) return badLimit(x, MAX_LIMIT);
  const token = x.search === '' ? undefined : (x.query.get('page_token') ?? undefined);
  const page = x.world.mailboxes.page(kind, owner, limit, token, x.filter(filters));
  if (page === undefined) return x.fail(400, 'invalid_request_error', 'page_token is not valid');
  // Google lists ids and then gets each object; Microsoft answers a page in one call.
  const providerCalls = owner.provider === 'google' ? 1 + page.items.length : 1;
  const items = page.items.map((item) => selected(x, present(x, item)));
  return { ...x.items(items, page.next), providerCalls };
}

/** A page by `limit` and `offset`, both echoed, as the administrative lists answer. */
export function listByOffset(
  x: Exchange,
  kind: Kind,
  owner: Owner,
  filters: Filters,
  present: Present,
): Reply {
  const limit = limitOf(x, ADMIN_LIMIT, MAX_LIMIT);
  if (limit === undefined) return badLimit(x, MAX_LIMIT);
  const offset = offsetOf(x);
  if (offset === undefined)
    return x.fail(400, 'invalid_request_error', 'offset must be a whole number, 0 or more');
  const objects = x.world.mailboxes.slice(kind, owner, offset, limit, x.filter(filters));
  return jsonReply(200, {
    request_id: x.requestId,
    data: objects.map((one) => present(x, one)),
    limit,
    offset,
  });
}

/** The `limit` of a query: the default when absent, undefined when it is not a number from 1 to `max`. */
export function limitOf(x: Exchange, otherwise: number, max: number): number | undefined {
  const text = x.search === '' ? null : x.query.get('limit');
  if (text === null) return otherwise;
  const limit = Number(text);
  return Number.isInteger(limit) && limit >= 1 && limit <= max ? limit : undefined;
}

/** The answer to a `limit` that is out of range. */
export function badLimit(x: Exchange, max: number): Reply {
  return x.fail(400, 'invalid_request_error', `limit must be a whole number from 1 to ${max}`);
}

/** The `offset` of a query; 0 when absent, undefined when it is not a number. */
export function offsetOf(x: Exchange): number | undefined {
  const text = x.search === '' ? null : x.query.get('offset');
  if (text === null) return 0;
  const offset = Number(text);
  return Number.isSafeInteger(offset) && offset >= 0 ? offset : undefined;
}

/** Keeps only the fields that `select` names. */
export function selected(x: Exchange, object: JsonObject): JsonObject {
  const select = x.search === '' ? null : x.query.get('select');
  if (select === null || select === '') return object;
  const wanted = select.split(',');
  return Object.fromEntries(Object.entries(object).filter(([name]) => wanted.includes(name)));
}
