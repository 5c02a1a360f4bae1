import type { Filters } from '../data/filters.ts';
import type { JsonObject, Kind, Owner } from '../data/mailbox.ts';
import type { V3Kinds } from '../data/v3-objects.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Method, Route } from '../http/router.ts';
import { listByOffset, listPage, selected } from './list-query.ts';

/** One of the five plain operations. */
export type Operation = 'list' | 'create' | 'find' | 'update' | 'destroy';

/** How a resource answers the plain operations. */
export interface Resource {
  /** Collection template, such as `/v3/grants/{grant_id}/folders`. */
  readonly template: string;
  /** Name of the id parameter. */
  readonly parameter: string;
  readonly kind: (kinds: V3Kinds) => Kind;
  /** What exists; default all five. */
  readonly operations?: readonly Operation[];
  /** Whose objects they are. Default: the grant of the path. */
  readonly owner?: (x: Exchange) => Owner;
  /** How the list pages. Default `cursor`. */
  readonly paging?: 'cursor' | 'offset';
  readonly filters?: Filters;
  /** Checks what is to be stored; a text refuses it with 400. */
  readonly check?: (body: JsonObject, x: Exchange) => string | undefined;
  /** What a created object has beside the body. */
  readonly defaults?: (x: Exchange, body: JsonObject) => JsonObject;
  /** Changes an object on its way out, for `fields` and the like. */
  readonly present?: (x: Exchange, object: JsonObject) => JsonObject;
  /** Methods of an update: SDKs changed some over time. Default PUT. */
  readonly updateMethods?: readonly Method[];
  /** Status of a creation. Default 200. */
  readonly createdStatus?: number;
}

const ALL: readonly Operation[] = ['list', 'create', 'find', 'update', 'destroy'];
const PUT: readonly Method[] = ['PUT'];

/** The routes of a resource. */
export function resourceRoutes(resource: Resource): Route[] {
  const { template, parameter, filters = {}, check } = resource;
  const one = `${template}/{${parameter}}`;
  const kindOf = (x: Exchange): Kind => resource.kind(x.world.v3);
  const ownerOf = resource.owner ?? ((x: Exchange): Owner => x.mailbox);
  const present = resource.present ?? ((_x: Exchange, object: JsonObject): JsonObject => object);
  const list = resource.paging === 'offset' ? listByOffset : listPage;

  const create = (x: Exchange): Reply => {
    const wrong = check?.(x.body, x);
    if (wrong !== undefined) return x.fail(400, 'invalid_request_error', wrong);
    const grant = x.grant === undefined ? {} : { grant_id: x.grant.id };
    const values = { ...resource.defaults?.(x, x.body), ...x.body, ...grant };
    const object = x.world.mailboxes.insert(kindOf(x), ownerOf(x), values);
    return x.item(present(x, object), resource.createdStatus);
  };
  const find = (x: Exchange): Reply => {
    const object = x.world.mailboxes.find(kindOf(x), ownerOf(x), x.param(parameter));
    return object === undefined ? x.missing() : x.item(selected(x, present(x, object)));
  };
  const update = (x: Exchange): Reply => {
    const owner = ownerOf(x);
    const known = x.world.mailboxes.find(kindOf(x), owner, x.param(parameter));
    if (known === undefined) return x.missing();
    const wrong = check?.({ ...known, ...x.body }, x);
    if (wrong !== undefined) return x.fail(400, 'invalid_request_error', wrong);
    const object = x.world.mailboxes.update(kindOf(x), owner, x.param(parameter), x.body);
    return object === undefined ? x.missing() : x.item(present(x, object));
  };
  const destroy = (x: Exchange): Reply =>
    x.world.mailboxes.remove(kindOf(x), ownerOf(x), x.param(parameter)) ? x.done() : x.missing();

  const routes: Readonly<Record<Operation, readonly Route[]>> = {
    list: [{ method: 'GET', template, handle: (x) => list(x, kindOf(x), ownerOf(x), filters, present) }],
    create: [{ method: 'POST', template, json: 'required', handle: create }],
    find: [{ method: 'GET', template: one, handle: find }],
    update: (resource.updateMethods ?? PUT).map((method) => ({
      method,
      template: one,
      json: 'required',
      handle: update,
    })),
    destroy: [{ method: 'DELETE', template: one, handle: destroy }],
  };
  return (resource.operations ?? ALL).flatMap((operation) => routes[operation]);
}
