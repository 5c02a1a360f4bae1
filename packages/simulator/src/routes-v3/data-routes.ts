import type { JsonObject, Kind } from '../data/mailbox.ts';
import type { V3Kinds } from '../data/v3-objects.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { type Filters, listPage, selected } from './list-query.ts';

/** How a resource answers the five plain operations; what is left out does not exist. */
export interface Resource {
  /** Collection template, such as `/v3/grants/{grant_id}/folders`. */
  readonly template: string;
  /** Name of the id parameter. */
  readonly parameter: string;
  readonly kind: (kinds: V3Kinds) => Kind;
  readonly filters: Filters;
  /** Checks a body before it is stored; a text refuses it with 400. */
  readonly check?: (body: JsonObject, x: Exchange) => string | undefined;
  /** What a created object has beside the body. */
  readonly defaults?: (x: Exchange, body: JsonObject) => JsonObject;
  /** Changes an object on its way out, for `fields` and the like. */
  readonly present?: (x: Exchange, object: JsonObject) => JsonObject;
  readonly operations: readonly ('list' | 'create' | 'find' | 'update' | 'destroy')[];
  /** Method of an update. Default PUT. */
  readonly updateMethod?: 'PUT' | 'PATCH';
}

/** The routes of a resource. */
export function resourceRoutes(resource: Resource): Route[] {
  const { template, parameter, operations } = resource;
  const one = `${template}/{${parameter}}`;
  const kindOf = (x: Exchange): Kind => resource.kind(x.world.v3);
  const show = (x: Exchange, object: JsonObject): JsonObject =>
    selected(x, resource.present === undefined ? object : resource.present(x, object));
  const handlers: Record<Resource['operations'][number], Route> = {
    list: {
      method: 'GET',
      template,
      handle: (x) => listPage(x, kindOf(x), resource.filters),
    },
    create: {
      method: 'POST',
      template,
      json: 'required',
      handle: (x) => {
        const wrong = resource.check?.(x.body, x);
        if (wrong !== undefined) return x.fail(400, 'invalid_request_error', wrong);
        const values = { ...resource.defaults?.(x, x.body), ...x.body, grant_id: x.mailbox.id };
        return x.item(x.world.mailboxes.insert(kindOf(x), x.mailbox, values));
      },
    },
    find: {
      method: 'GET',
      template: one,
      handle: (x) => {
        const object = x.world.mailboxes.find(kindOf(x), x.mailbox, x.param(parameter));
        return object === undefined ? x.missing() : x.item(show(x, object));
      },
    },
    update: {
      method: resource.updateMethod ?? 'PUT',
      template: one,
      json: 'required',
      handle: (x) => {
        const object = x.world.mailboxes.update(kindOf(x), x.mailbox, x.param(parameter), x.body);
        return object === undefined ? x.missing() : x.item(object);
      },
    },
    destroy: {
      method: 'DELETE',
      template: one,
      handle: (x): Reply =>
        x.world.mailboxes.remove(kindOf(x), x.mailbox, x.param(parameter)) ? x.done() : x.missing(),
    },
  };
  return operations.map((operation) => handlers[operation]);
}
