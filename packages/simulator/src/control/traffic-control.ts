import type { JsonObject } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { type Check, either, integer, oneOf, record, text } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { ChangeFilter, ObjectName } from '../traffic/change-log.ts';
import type { TrafficOptions } from '../traffic/traffic-run.ts';
import { bodyOf, type ControlRoutes, lastOf, shorten } from './control-request.ts';

const object = oneOf('message', 'thread', 'draft', 'folder', 'calendar', 'event', 'contact');
const fields: Check = (name, value) => either(isPlain, () => undefined, record({}))(name, value);
const isPlain = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

interface Order {
  readonly mailbox: string;
  readonly object: ObjectName;
  readonly id: string;
  readonly fields?: JsonObject;
}

/** `POST /__sim/traffic/{action}`: the fields it needs, and what it does. */
const ACTIONS: Readonly<
  Record<string, { readonly needs: readonly (keyof Order)[]; act(x: Exchange, order: Order): unknown }>
> = {
  arrive: { needs: ['mailbox'], act: (x, one) => x.world.traffic.arrive(one.mailbox, one.fields) },
  create: {
    needs: ['mailbox', 'object'],
    act: (x, one) => x.world.traffic.create(one.mailbox, one.object as 'message', one.fields),
  },
  update: {
    needs: ['mailbox', 'object', 'id'],
    act: (x, one) => x.world.traffic.update(one.mailbox, one.object, one.id, one.fields),
  },
  cancel: { needs: ['mailbox', 'id'], act: (x, one) => x.world.traffic.cancel(one.mailbox, one.id) },
  delete: {
    needs: ['mailbox', 'object', 'id'],
    act: (x, one) => x.world.traffic.delete(one.mailbox, one.object, one.id),
  },
};
const checkOrder = record({ mailbox: text, object, id: text, fields });

function act(x: Exchange, name: string): Reply {
  const body = bodyOf(x);
  if (name === 'run') {
    x.world.traffic.run(body as unknown as TrafficOptions);
    return jsonReply(202, { changes: body.changes });
  }
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (action === undefined) {
    const names = [...Object.keys(ACTIONS), 'run'].join(', ');
    throw new SimulatorError('not_found', `there is no action ${shorten(name)}; give one of ${names}`);
  }
  checkOrder('', body);
  const missing = action.needs.find((need) => body[need] === undefined);
  if (missing !== undefined) throw new SimulatorError('invalid_request', `give ${missing}`);
  if (name === 'create' && body.object === 'thread') {
    throw new SimulatorError('invalid_request', 'a thread comes with its first message: use arrive');
  }
  // Null for an account that does not sync: it happens when it does.
  return jsonReply(200, { object: action.act(x, body as unknown as Order) ?? null });
}

const checkFilter = record({
  since: integer(0, 8_640_000_000_000_000),
  until: integer(0, 8_640_000_000_000_000),
  accountId: text,
  version: oneOf('v2', 'v3'),
  class: text,
  by: oneOf('client', 'script'),
  limit: integer(1, 1_000_000_000),
});
const NUMBERS = new Set(['since', 'until', 'limit']);

function list(x: Exchange): Reply {
  const filter = Object.fromEntries(
    [...x.query].map(([name, value]) => [name, NUMBERS.has(name) ? Number(value) : value]),
  );
  checkFilter('', filter);
  const changes = x.world.traffic.changes(filter as ChangeFilter);
  const byClass: Record<string, number> = {};
  for (const one of changes) byClass[one.class] = (byClass[one.class] ?? 0) + 1;
  return jsonReply(200, { total: changes.length, byClass, changes: lastOf(x, changes) });
}

/** Traffic and its ground truth over HTTP. */
export const trafficControl: ControlRoutes = { 'GET traffic': list, 'POST traffic': act };
