import type { Filters } from '../data/filters.ts';
import type { JsonObject, Kind } from '../data/mailbox.ts';
import type { V2Kinds } from '../data/v2-objects.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { v2Paging } from './paging.ts';
import { noteWrite, v2Missing } from './v2-write.ts';

/** How a v2 resource answers the plain operations. */
export interface V2Resource {
  readonly template: string;
  readonly parameter: string;
  readonly kind: (kinds: V2Kinds) => Kind;
  readonly filters?: Filters;
  readonly operations: readonly ('list' | 'create' | 'find' | 'update' | 'destroy')[];
  /** A refusal before anything else, as when an account has no labels. */
  readonly guard?: (x: Exchange) => Reply | undefined;
  /** Checks a new object; a text refuses it with 400. */
  readonly check?: (body: JsonObject) => string | undefined;
  /** What a created object has beside the body. */
  readonly defaults?: (x: Exchange) => JsonObject;
  /** Refuses an update or a deletion, as a version conflict does. */
  readonly conflict?: (x: Exchange, known: JsonObject) => Reply | undefined;
}

/** Fields of a request body that steer a write and are no part of the object. */
const STEERING: ReadonlySet<string> = new Set(['notify_participants', 'id', 'object', 'account_id']);
const contentOf = (body: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !STEERING.has(name)));

/** `view=ids`, `view=count` or the objects: a bare array, without an envelope. */
export function v2List(x: Exchange, kind: Kind, filters: Filters): Reply {
  const paging = v2Paging(x);
  if ('status' in paging) return paging;
  const filter = x.filter(filters);
  const view = x.search === '' ? null : x.query.get('view');
  if (view === 'count') return jsonReply(200, { count: x.world.mailboxes.count(kind, x.holder, filter) });
  const objects = x.world.mailboxes.slice(kind, x.holder, paging.offset, paging.limit, filter);
  return jsonReply(200, view === 'ids' ? objects.map((one) => one.id) : objects);
}

/** The routes of a v2 resource. */
export function v2ResourceRoutes(resource: V2Resource): Route[] {
  const { template, parameter, guard } = resource;
  const one = `${template}/{${parameter}}`;
  const kindOf = (x: Exchange): Kind => resource.kind(x.world.v2);
  const guarded = (handle: (x: Exchange) => Reply): ((x: Exchange) => Reply) =>
    guard === undefined ? handle : (x) => guard(x) ?? handle(x);
  const known = (x: Exchange): JsonObject | undefined =>
    x.world.mailboxes.find(kindOf(x), x.holder, x.param(parameter));
  const action = (verb: string, kind: Kind): string => `${verb}_${kind.name.slice(3)}`;

  const create = (x: Exchange): Reply => {
    const wrong = resource.check?.(x.body);
    if (wrong !== undefined) return v2Error(400, 'invalid_request_error', wrong);
    const kind = kindOf(x);
    const values = { ...resource.defaults?.(x), ...contentOf(x.body), account_id: x.holder.id };
    const object = x.world.mailboxes.insert(kind, x.holder, values);
    return jsonReply(200, {
      ...object,
      job_status_id: noteWrite(x, action('create', kind), object),
    });
  };
  const update = (x: Exchange): Reply => {
    const kind = kindOf(x);
    const before = known(x);
    if (before === undefined) return v2Missing(kind, x.param(parameter));
    const refusal = resource.conflict?.(x, before);
    if (refusal !== undefined) return refusal;
    const version = typeof before.version === 'number' ? { version: before.version + 1 } : {};
    const changes = { ...contentOf(x.body), ...version };
    const object = x.world.mailboxes.update(kind, x.holder, x.param(parameter), changes) as JsonObject;
    return jsonReply(200, {
      ...object,
      job_status_id: noteWrite(x, action('update', kind), object),
    });
  };
  const destroy = (x: Exchange): Reply => {
    const kind = kindOf(x);
    const before = known(x);
    if (before === undefined) return v2Missing(kind, x.param(parameter));
    const refusal = resource.conflict?.(x, before);
    if (refusal !== undefined) return refusal;
    x.world.mailboxes.remove(kind, x.holder, x.param(parameter));
    return jsonReply(200, { job_status_id: noteWrite(x, action('delete', kind), before) });
  };
  const find = (x: Exchange): Reply => {
    const object = known(x);
    return object === undefined ? v2Missing(kindOf(x), x.param(parameter)) : jsonReply(200, object);
  };

  const routes: Readonly<Record<V2Resource['operations'][number], Route>> = {
    list: { method: 'GET', template, handle: guarded((x) => v2List(x, kindOf(x), resource.filters ?? {})) },
    create: { method: 'POST', template, json: 'required', handle: guarded(create) },
    find: { method: 'GET', template: one, handle: guarded(find) },
    update: { method: 'PUT', template: one, json: 'required', handle: guarded(update) },
    destroy: { method: 'DELETE', template: one, handle: guarded(destroy) },
  };
  return resource.operations.map((operation) => routes[operation]);
}
