import { WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { hashText, hex8 } from '../data/random.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { listPage } from './list-query.ts';

const WEBHOOKS = '/v3/webhooks';
const ONE = `${WEBHOOKS}/{webhook_id}`;
const ROTATE = `${WEBHOOKS}/rotate-secret/{webhook_id}`;

/** The v3 webhook destinations. */
const webhookKind = emptyKind('v3.webhook', 46);

/** Webhook routes have numeric error types and say 400 to everything, also to what does not exist. */
const MISSING = ['70000', 'destination.id.not.found : record not found'] as const;
const INCOMPLETE = '70001';
const UNVERIFIED = '70005';

const refuse = (x: Exchange, type: string, message: string): Reply => x.fail(400, type, message);
const withoutSecret = ({ webhook_secret: _secret, ...shown }: JsonObject): JsonObject => shown;

function checkDestination(x: Exchange, body: JsonObject): Reply | undefined {
  const { webhook_url: url, trigger_types: triggers, notification_email_addresses: emails } = body;
  if (typeof url !== 'string') return refuse(x, INCOMPLETE, 'webhook_url.required');
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    return refuse(x, UNVERIFIED, 'unable.verify.webhook_url : the URL is not valid');
  }
  if (!Array.isArray(triggers) || triggers.length === 0)
    return refuse(x, INCOMPLETE, 'trigger_types.required');
  const unknown = triggers.find((one) => !WEBHOOK_TRIGGERS.v3.includes(textOf(one)));
  if (unknown !== undefined)
    return refuse(x, INCOMPLETE, `trigger_types.invalid : ${textOf(unknown).slice(0, 80)}`);
  if (emails !== undefined && !Array.isArray(emails)) {
    return refuse(x, INCOMPLETE, 'notification_email_addresses.invalid');
  }
  return undefined;
}

function create(x: Exchange): Reply {
  const wrong = checkDestination(x, x.body);
  if (wrong !== undefined) return wrong;
  const now = x.world.seconds();
  const webhook = x.world.mailboxes.insert(webhookKind, x.world.application, {
    description: '',
    notification_email_addresses: [],
    compressed_delivery: false,
    ...x.body,
    webhook_secret: newSecret(x),
    status: 'active',
    status_updated_at: now,
    created_at: now,
    updated_at: now,
  });
  return x.item(webhook);
}

function newSecret(x: Exchange): string {
  return [1, 2, 3, 4].map((n) => hex8(hashText(n, x.requestId))).join('-');
}

function find(x: Exchange): Reply {
  const webhook = x.world.mailboxes.find(webhookKind, x.world.application, x.param('webhook_id'));
  return webhook === undefined ? refuse(x, ...MISSING) : x.item(withoutSecret(webhook));
}

function update(x: Exchange): Reply {
  const { mailboxes, application } = x.world;
  const id = x.param('webhook_id');
  const known = mailboxes.find(webhookKind, application, id);
  if (known === undefined) return refuse(x, ...MISSING);
  const { webhook_secret: _secret, id: _id, ...changes } = x.body;
  const wrong = checkDestination(x, { ...known, ...changes });
  if (wrong !== undefined) return wrong;
  const { status } = changes;
  if (status !== undefined && !['active', 'pause', 'inactive'].includes(status as string)) {
    return refuse(x, INCOMPLETE, 'status.invalid : give active or pause');
  }
  const now = x.world.seconds();
  const since = status === undefined ? {} : { status_updated_at: now };
  const webhook = mailboxes.update(webhookKind, application, id, { ...changes, ...since, updated_at: now });
  return x.item(withoutSecret(webhook as JsonObject));
}

function destroy(x: Exchange): Reply {
  return x.world.mailboxes.remove(webhookKind, x.world.application, x.param('webhook_id'))
    ? x.item({ status: 'success' })
    : refuse(x, ...MISSING);
}

function rotate(x: Exchange): Reply {
  const { mailboxes, application } = x.world;
  const changed = mailboxes.update(webhookKind, application, x.param('webhook_id'), {
    webhook_secret: newSecret(x),
    updated_at: x.world.seconds(),
  });
  return changed === undefined ? refuse(x, ...MISSING) : x.item(changed);
}

/** A notification of a kind, as it would arrive. */
function mockPayload(x: Exchange): Reply {
  const trigger = x.body.trigger_type;
  if (typeof trigger !== 'string' || !WEBHOOK_TRIGGERS.v3.includes(trigger)) {
    return refuse(x, INCOMPLETE, 'trigger_type.invalid');
  }
  const { world } = x;
  const grant = world.grants.list()[0];
  const object =
    trigger.startsWith('message.') && grant !== undefined ? world.v3.message.build(grant, 0) : {};
  return x.item({
    specversion: '1.0',
    type: trigger,
    source: '/nylas/system',
    id: `mock-${x.requestId}`,
    time: world.seconds(),
    webhook_delivery_attempt: 1,
    data: { application_id: world.settings.clientId, object: { grant_id: grant?.id, ...object } },
  });
}

/** Webhook destinations as objects; deliveries are made elsewhere. */
export const webhookRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: WEBHOOKS,
    handle: (x) => listPage(x, webhookKind, x.world.application, {}, (_x, webhook) => withoutSecret(webhook)),
  },
  { method: 'POST', template: WEBHOOKS, json: 'required', handle: create },
  { method: 'GET', template: ONE, handle: find },
  { method: 'PUT', template: ONE, json: 'required', handle: update },
  { method: 'DELETE', template: ONE, handle: destroy },
  { method: 'POST', template: ROTATE, handle: rotate },
  // SDKs before 7.6.0.
  { method: 'PUT', template: ROTATE, handle: rotate },
  { method: 'POST', template: `${WEBHOOKS}/mock-payload`, json: 'required', handle: mockPayload },
  {
    method: 'GET',
    template: `${WEBHOOKS}/ip-addresses`,
    handle: (x) =>
      x.item({ ip_addresses: ['203.0.113.10', '203.0.113.11'], updated_at: x.world.settings.epoch }),
  },
];
