import type { JsonObject, Kind, Owner } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';

/** How a query parameter narrows a list. */
export type Filter = (object: JsonObject, value: string) => boolean;
/** The parameters of a list, by name. */
export type Filters = Readonly<Record<string, Filter>>;

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;
const ADMIN_LIMIT = 10;
/** List routes take these without filtering by them. */
const CONTROLS: ReadonlySet<string> = new Set(['limit', 'page_token', 'select', 'fields']);

interface Named {
  readonly name?: unknown;
  readonly email?: unknown;
}

const lower = (value: unknown): string => (typeof value === 'string' ? value.toLowerCase() : '');
const people = (value: unknown): readonly Named[] => (Array.isArray(value) ? (value as Named[]) : []);
/** Whether one of the addresses in `field` is one of the comma-separated ones asked for. */
const has = (object: JsonObject, field: string, value: string): boolean => {
  const wanted = value.toLowerCase().split(',');
  return people(object[field]).some((one) => wanted.includes(lower(one?.email)));
};

/** Filters that several lists share. */
export const is = {
  address:
    (field: string): Filter =>
    (object, value) =>
      has(object, field, value),
  anyAddress: (object: JsonObject, value: string): boolean =>
    ['from', 'to', 'cc', 'bcc', 'participants'].some((field) => has(object, field, value)),
  text:
    (field: string): Filter =>
    (object, value) =>
      lower(object[field]).includes(value.toLowerCase()),
  exactly:
    (field: string): Filter =>
    (object, value) =>
      String(object[field]) === value,
  after:
    (read: (object: JsonObject) => unknown): Filter =>
    (object, value) =>
      Number(read(object)) > Number(value),
  before:
    (read: (object: JsonObject) => unknown): Filter =>
    (object, value) =>
      Number(read(object)) < Number(value),
  oneOf:
    (field: string): Filter =>
    (object, value) => {
      const values = object[field];
      return Array.isArray(values) && values.includes(value);
    },
  filled:
    (field: string): Filter =>
    (object, value) =>
      ((object[field] as unknown[] | undefined)?.length ?? 0) > 0 === (value === 'true'),
  metadata: (object: JsonObject, value: string): boolean => {
    const metadata = (object.metadata ?? {}) as JsonObject;
    return value.split(',').every((pair) => {
      const colon = pair.indexOf(':');
      return (
        Object.hasOwn(metadata, pair.slice(0, colon)) &&
        String(metadata[pair.slice(0, colon)]) === pair.slice(colon + 1)
      );
    });
  },
  /** Taken and not acted on: the simulator has no data that it would tell apart. */
  ignored: (): boolean => true,
} as const;

/** One predicate from the query, or undefined when nothing filters. */
export function filterOf(x: Exchange, filters: Filters): ((object: JsonObject) => boolean) | undefined {
  if (x.search === '') return undefined;
  const active: ((object: JsonObject) => boolean)[] = [];
  for (const [name, value] of x.query) {
    if (CONTROLS.has(name) || !Object.hasOwn(filters, name)) continue;
    const filter = filters[name] as Filter;
    active.push((object) => filter(object, value));
  }
  if (active.length === 0) return undefined;
  return active.length === 1 ? active[0] : (object) => active.every((fits) => fits(object));
}

/** Changes an object on its way out. */
export type Present = (x: Exchange, object: JsonObject) => JsonObject;

/** A page with a cursor, as every v3 data list answers. */
export function listPage(x: Exchange, kind: Kind, owner: Owner, filters: Filters, present: Present): Reply {
  const limit = limitOf(x, DEFAULT_LIMIT, MAX_LIMIT);
  if (limit === undefined) return badLimit(x, MAX_LIMIT);
  const token = x.search === '' ? undefined : (x.query.get('page_token') ?? undefined);
  const page = x.world.mailboxes.page(kind, owner, limit, token, filterOf(x, filters));
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
  const objects = x.world.mailboxes.slice(kind, owner, offset, limit, filterOf(x, filters));
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
