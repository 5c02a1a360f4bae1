import { WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Method, Route } from '../http/router.ts';
import type { Destination } from '../webhooks/destination.ts';
import { v2Paging } from './paging.ts';

const APPLICATION = '/a/{client_id}';
const WEBHOOKS = `${APPLICATION}/webhooks`;
const WEBHOOK = `${WEBHOOKS}/{webhook_id}`;
const secret = { credential: 'secret' } as const;

const details = emptyKind('v2.application', 130, () => 'application');
const shown = (destination: Destination, clientId: string): JsonObject => ({
  id: destination.id,
  application_id: clientId,
  callback_url: destination.url,
  triggers: destination.triggers,
  state: destination.status,
  version: '2.0',
});

function applicationJson(x: Exchange): JsonObject {
  const { mailboxes, application } = x.world;
  const changed = mailboxes.find(details, application, 'application') ?? {};
  return {
    application_name: application.name,
    icon_url: '',
    redirect_uris: [],
    ...changed,
    id: application.id,
  };
}

function update(x: Exchange): Reply {
  const { mailboxes, application } = x.world;
  const changes = Object.fromEntries(Object.entries(x.body).filter(([, value]) => value !== null));
  if (mailboxes.update(details, application, 'application', changes) === undefined) {
    mailboxes.insert(details, application, changes);
  }
  return jsonReply(200, applicationJson(x));
}

async function createWebhook(x: Exchange): Promise<Reply> {
  const { callback_url: url, triggers, state = 'active' } = x.body;
  if (typeof url !== 'string' || !URL.canParse(url) || !/^https?:/.test(url)) {
    return v2Error(400, 'invalid_request_error', 'callback_url must be a URL');
  }
  if (!Array.isArray(triggers) || triggers.some((one) => !WEBHOOK_TRIGGERS.v2.includes(textOf(one)))) {
    return v2Error(400, 'invalid_request_error', 'triggers must be a list of known triggers');
  }
  if (state !== 'active' && state !== 'inactive') return wrongState();
  if (!(await x.world.webhooks.challenge(url))) return unverified();
  const added = x.world.webhooks.store.add('v2', { url, triggers: triggers.map(textOf), status: state });
  return jsonReply(200, shown(added, x.world.settings.clientId));
}

const wrongState = (): Reply => v2Error(400, 'invalid_request_error', 'state must be active or inactive');
const unverified = (): Reply =>
  v2Error(400, 'invalid_request_error', 'Failed to verify challenge string. Please check the callback URL.');

/** Only the state of a webhook can be changed; to become active it answers the challenge again. */
async function updateWebhook(x: Exchange, webhook: Destination): Promise<Reply> {
  const { state } = x.body;
  if (state !== 'active' && state !== 'inactive') return wrongState();
  if (state === 'active' && !(await x.world.webhooks.challenge(webhook.url))) return unverified();
  x.world.webhooks.activate(webhook, state);
  return jsonReply(200, shown(webhook, x.world.settings.clientId));
}

/** Runs `act` on the webhook of the path, or answers 404. */
function onWebhook(
  act: (x: Exchange, webhook: Destination) => Reply | Promise<Reply>,
): (x: Exchange) => Reply | Promise<Reply> {
  return (x) => {
    const webhook = x.world.webhooks.store.get('v2', x.param('webhook_id'));
    return webhook === undefined
      ? v2Error(404, 'invalid_request_error', "Couldn't find webhook")
      : act(x, webhook);
  };
}

/** The v2 application and its webhooks, with the client secret. */
export const applicationRoutes: readonly Route[] = [
  { method: 'GET', template: APPLICATION, ...secret, handle: (x) => jsonReply(200, applicationJson(x)) },
  // Old SDKs POST.
  ...(['PUT', 'POST'] satisfies Method[]).map(
    (method): Route => ({ method, template: APPLICATION, ...secret, json: 'required', handle: update }),
  ),
  {
    method: 'GET',
    template: WEBHOOKS,
    ...secret,
    handle: (x) => {
      const paging = v2Paging(x);
      if ('status' in paging) return paging;
      const page = x.world.webhooks.store.list('v2').slice(paging.offset, paging.offset + paging.limit);
      return jsonReply(
        200,
        page.map((one) => shown(one, x.world.settings.clientId)),
      );
    },
  },
  { method: 'POST', template: WEBHOOKS, ...secret, json: 'required', handle: createWebhook },
  {
    method: 'GET',
    template: WEBHOOK,
    ...secret,
    handle: onWebhook((x, webhook) => jsonReply(200, shown(webhook, x.world.settings.clientId))),
  },
  { method: 'PUT', template: WEBHOOK, ...secret, json: 'required', handle: onWebhook(updateWebhook) },
  {
    method: 'DELETE',
    template: WEBHOOK,
    ...secret,
    handle: onWebhook((x, webhook) => {
      x.world.webhooks.remove(webhook.id);
      return jsonReply(200, { success: true });
    }),
  },
];
