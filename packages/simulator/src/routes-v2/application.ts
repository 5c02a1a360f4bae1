import { WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { encodeId, toV2Id } from '../data/object-id.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply, v2Error } from '../http/reply.ts';
import type { Method, Route } from '../http/router.ts';
import { v2Paging } from './paging.ts';

const APPLICATION = '/a/{client_id}';
const WEBHOOKS = `${APPLICATION}/webhooks`;
const WEBHOOK = `${WEBHOOKS}/{webhook_id}`;
const secret = { credential: 'secret' } as const;

const details = emptyKind('v2.application', 130, () => 'application');
/** The v2 webhook destinations. */
const v2WebhookKind = emptyKind('v2.webhook', 131, (owner, index) => toV2Id(encodeId(owner.key, 131, index)));

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

function createWebhook(x: Exchange): Reply {
  const { callback_url: url, triggers, state = 'active' } = x.body;
  if (typeof url !== 'string' || !URL.canParse(url)) {
    return v2Error(400, 'invalid_request_error', 'callback_url must be a URL');
  }
  if (!Array.isArray(triggers) || triggers.some((one) => !WEBHOOK_TRIGGERS.v2.includes(textOf(one)))) {
    return v2Error(400, 'invalid_request_error', 'triggers must be a list of known triggers');
  }
  if (state !== 'active' && state !== 'inactive') {
    return v2Error(400, 'invalid_request_error', 'state must be active or inactive');
  }
  const webhook = x.world.mailboxes.insert(v2WebhookKind, x.world.application, {
    application_id: x.world.settings.clientId,
    callback_url: url,
    triggers,
    state,
    version: '2.0',
  });
  return jsonReply(200, webhook);
}

/** Only the state of a webhook can be changed. */
function updateWebhook(x: Exchange): Reply {
  const { state } = x.body;
  if (state !== 'active' && state !== 'inactive') {
    return v2Error(400, 'invalid_request_error', 'state must be active or inactive');
  }
  const webhook = x.world.mailboxes.update(v2WebhookKind, x.world.application, x.param('webhook_id'), {
    state,
  });
  return webhook === undefined ? missing() : jsonReply(200, webhook);
}

const missing = (): Reply => v2Error(404, 'invalid_request_error', "Couldn't find webhook");

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
      const { mailboxes, application } = x.world;
      return jsonReply(200, mailboxes.slice(v2WebhookKind, application, paging.offset, paging.limit));
    },
  },
  { method: 'POST', template: WEBHOOKS, ...secret, json: 'required', handle: createWebhook },
  {
    method: 'GET',
    template: WEBHOOK,
    ...secret,
    handle: (x) => {
      const webhook = x.world.mailboxes.find(v2WebhookKind, x.world.application, x.param('webhook_id'));
      return webhook === undefined ? missing() : jsonReply(200, webhook);
    },
  },
  { method: 'PUT', template: WEBHOOK, ...secret, json: 'required', handle: updateWebhook },
  {
    method: 'DELETE',
    template: WEBHOOK,
    ...secret,
    handle: (x) =>
      x.world.mailboxes.remove(v2WebhookKind, x.world.application, x.param('webhook_id'))
        ? jsonReply(200, { success: true })
        : missing(),
  },
];
