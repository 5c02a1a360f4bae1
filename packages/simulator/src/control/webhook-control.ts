import type { JsonObject } from '../data/mailbox.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { flag, integer, listOf, oneOf, record, text } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { DeliveryFilter } from '../webhooks/delivery-log.ts';
import type { DestinationStatus } from '../webhooks/destination.ts';
import type { SubscribeOptions } from '../webhooks/webhooks.ts';
import { bodyOf, type ControlRoutes, decode, lastOf, optionalBodyOf, shorten } from './control-request.ts';

const version = oneOf('v2', 'v3');
const STATUSES = ['active', 'pause', 'inactive', 'failing', 'failed'];
const checkSubscription = record({
  url: text,
  version,
  triggers: listOf(text),
  secret: text,
  compressed: flag,
  description: text,
  emails: listOf(text),
});
const checkStatus = record({ status: oneOf(...STATUSES) });
const checkOutage = record({ version, destinationId: text });
const checkSend = record({
  trigger: text,
  version,
  accountId: text,
  count: integer(1, 10_000_000),
  object: (_name, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new SimulatorError('invalid_request', 'object must be an object');
  },
});
const checkFilter = record({
  destinationId: text,
  accountId: text,
  trigger: text,
  outcome: oneOf('pending', 'acknowledged', 'lost'),
  reason: text,
  limit: text,
});

const overview = (x: Exchange): Reply => {
  const { webhooks, notices } = x.world;
  return jsonReply(200, {
    destinations: webhooks.destinations(),
    notices: notices.published,
    withheld: webhooks.withheld(),
    mails: webhooks.mails(),
    settings: webhooks.settings,
  });
};

function deliveries(x: Exchange): Reply {
  const filter: JsonObject = Object.fromEntries(x.query);
  checkFilter('', filter);
  delete filter.limit;
  const all = x.world.webhooks.deliveries(filter as DeliveryFilter);
  const byOutcome: Record<string, number> = {};
  for (const { outcome, reason } of all) {
    const name = reason === undefined ? outcome : `${outcome}: ${reason}`;
    byOutcome[name] = (byOutcome[name] ?? 0) + 1;
  }
  return jsonReply(200, { total: all.length, byOutcome, deliveries: lastOf(x, all) });
}

/** `GET /__sim/webhooks[/...]`. */
const VIEWS: Readonly<Record<string, (x: Exchange) => Reply>> = {
  '': overview,
  deliveries,
  missed: (x) => {
    const missed = x.world.webhooks.missed();
    return jsonReply(200, { total: missed.length, missed: lastOf(x, missed) });
  },
  notices: (x) => jsonReply(200, { notices: lastOf(x, x.world.notices.list()) }),
};

/** `POST /__sim/webhooks[/...]`; `''` makes a destination, `{id}` sets its status. */
const ACTIONS: Readonly<Record<string, (x: Exchange) => Reply | Promise<Reply>>> = {
  '': async (x) => {
    const body = bodyOf(x);
    checkSubscription('', body);
    if (body.url === undefined) throw new SimulatorError('invalid_request', 'give url');
    const destination = await x.world.webhooks.subscribe(body as unknown as SubscribeOptions);
    return jsonReply(201, { destination });
  },
  outage: (x) => {
    const body = optionalBodyOf(x);
    checkOutage('', body);
    x.world.webhooks.startOutage(body);
    return jsonReply(200, { outage: body });
  },
  tune: (x) => {
    x.world.webhooks.tune(bodyOf(x));
    return jsonReply(200, { settings: x.world.webhooks.settings });
  },
  send: (x) => {
    const body = bodyOf(x);
    checkSend('', body);
    const { trigger, ...options } = body;
    x.world.webhooks.send(trigger as string, options);
    return jsonReply(202, { notices: x.world.notices.published });
  },
};

/** Webhooks over HTTP: destinations, outages, bursts, and what became of every notification. */
export const webhookControl: ControlRoutes = {
  'GET webhooks': (x, rest) => {
    const view = Object.hasOwn(VIEWS, rest) ? VIEWS[rest] : undefined;
    if (view !== undefined) return view(x);
    throw new SimulatorError(
      'not_found',
      `give /webhooks, or one of ${Object.keys(VIEWS).slice(1).join(', ')}`,
    );
  },
  'POST webhooks': (x, rest) => {
    const action = Object.hasOwn(ACTIONS, rest) ? ACTIONS[rest] : undefined;
    if (action !== undefined) return action(x);
    const body = bodyOf(x);
    checkStatus('', body);
    if (body.status === undefined) throw new SimulatorError('invalid_request', 'give status');
    const destination = x.world.webhooks.setStatus(decode(rest), body.status as DestinationStatus);
    return jsonReply(200, { destination });
  },
  'DELETE webhooks': (x, rest) => {
    if (rest === 'outage') {
      x.world.webhooks.endOutage();
      return jsonReply(200, { outage: null });
    }
    if (!x.world.webhooks.remove(decode(rest)))
      throw new SimulatorError('not_found', `there is no destination ${shorten(rest)}`);
    return overview(x);
  },
};
