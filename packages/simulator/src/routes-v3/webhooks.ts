import { baseTrigger, WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import { mockNotification, truncateNotification } from '@nylas-otel/webhooks';
import type { JsonObject } from '../data/mailbox.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import type { Destination, DestinationFields } from '../webhooks/destination.ts';
import { v3Envelope } from '../webhooks/envelope.ts';

const WEBHOOKS = '/v3/webhooks';
const ONE = `${WEBHOOKS}/{webhook_id}`;
const ROTATE = `${WEBHOOKS}/rotate-secret/{webhook_id}`;

/** Webhook routes have numeric error types and say 400 to everything, also to what does not exist. */
const MISSING = ['70000', 'destination.id.not.found : record not found'] as const;
const INCOMPLETE = '70001';
const UNVERIFIED = '70005';
/** Test events are signed with it, whatever the destination's secret. */
const TEST_SECRET = 'mock-webhook-secret';

const refuse = (x: Exchange, type: string, message: string): Reply => x.fail(400, type, message);

/** A destination as the API prints it: the secret is shown when it is made and when it is rotated. */
function shown(destination: Destination, withSecret = false): JsonObject {
  return {
    id: destination.id,
    description: destination.description,
    trigger_types: destination.triggers,
    webhook_url: destination.url,
    ...(withSecret ? { webhook_secret: destination.secret } : {}),
    status: destination.status,
    notification_email_addresses: destination.emails,
    compressed_delivery: destination.compressed,
    status_updated_at: destination.statusUpdatedAt,
    created_at: destination.createdAt,
    updated_at: destination.updatedAt,
  };
}

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

/** What a body says of a destination; absent fields stay as they are. */
function fieldsOf(body: JsonObject): DestinationFields {
  const { webhook_url, trigger_types, description, compressed_delivery, notification_email_addresses } = body;
  return {
    ...(webhook_url === undefined ? {} : { url: textOf(webhook_url) }),
    ...(trigger_types === undefined ? {} : { triggers: (trigger_types as unknown[]).map(textOf) }),
    ...(description === undefined ? {} : { description: textOf(description) }),
    ...(compressed_delivery === undefined ? {} : { compressed: compressed_delivery === true }),
    ...(Array.isArray(notification_email_addresses) ? { emails: notification_email_addresses } : {}),
  };
}

async function create(x: Exchange): Promise<Reply> {
  const wrong = checkDestination(x, x.body);
  if (wrong !== undefined) return wrong;
  const url = textOf(x.body.webhook_url);
  if (!(await x.world.webhooks.challenge(url))) return unverified(x);
  return x.item(shown(x.world.webhooks.store.add('v3', { ...fieldsOf(x.body), url }), true));
}

const unverified = (x: Exchange): Reply =>
  refuse(x, UNVERIFIED, 'unable.verify.webhook_url : the challenge was not answered');

/** Runs `act` on the destination of the path, or answers that there is none. */
function onDestination(
  act: (x: Exchange, destination: Destination) => Reply | Promise<Reply>,
): (x: Exchange) => Reply | Promise<Reply> {
  return (x) => {
    const destination = x.world.webhooks.store.get('v3', x.param('webhook_id'));
    return destination === undefined ? refuse(x, ...MISSING) : act(x, destination);
  };
}

/** `active` asks for the challenge again, and so does another URL. */
async function update(x: Exchange, destination: Destination): Promise<Reply> {
  const { webhooks } = x.world;
  const { status, ...changes } = x.body;
  const wrong = checkDestination(x, { ...shown(destination), ...changes });
  if (wrong !== undefined) return wrong;
  if (status !== undefined && status !== 'active' && status !== 'pause' && status !== 'inactive') {
    return refuse(x, INCOMPLETE, 'status.invalid : give active or pause');
  }
  const fields = fieldsOf(changes);
  const asks = status === 'active' || (fields.url !== undefined && fields.url !== destination.url);
  if (asks && !(await webhooks.challenge(fields.url ?? destination.url))) return unverified(x);
  webhooks.store.update(destination, fields);
  if (status !== undefined) webhooks.activate(destination, status === 'inactive' ? 'pause' : status);
  return x.item(shown(destination));
}

function destroy(x: Exchange, { id }: Destination): Reply {
  x.world.webhooks.remove(id);
  return x.item({ status: 'success' });
}

const rotate = onDestination((x, destination) =>
  x.item(shown(x.world.webhooks.store.rotate(destination), true)),
);

/** A notification of a kind, as it would arrive; a reply refuses an unknown kind. */
function mockOf(x: Exchange): { readonly envelope: JsonObject } | Reply {
  const trigger = textOf(x.body.trigger_type);
  const base = baseTrigger(trigger);
  if (!WEBHOOK_TRIGGERS.v3.includes(base)) return refuse(x, INCOMPLETE, 'trigger_type.invalid');
  const { world } = x;
  const grant = world.grants.first();
  const kind = base.split('.')[0] as string;
  const object =
    grant === undefined
      ? mockNotification(base).data.object
      : hasKind(kind)
        ? world.v3[kind].build(grant, 0)
        : mockNotification(base, { accountId: grant.id, object: { id: `mock-${x.requestId}` } }).data.object;
  const notice = {
    id: `mock-${x.requestId}`,
    version: 'v3',
    trigger: base,
    accountId: grant?.id ?? '',
    provider: grant?.provider ?? 'google',
    subject: 'other',
    time: world.now(),
    object,
    change: undefined,
  } as const;
  const envelope = v3Envelope(notice, world.settings.clientId, 1);
  return {
    envelope: trigger.includes('.truncated') ? (truncateNotification(envelope, 0) as JsonObject) : envelope,
  };
}

const KINDS = ['message', 'folder', 'calendar', 'event', 'contact'] as const;
const hasKind = (name: string): name is (typeof KINDS)[number] => (KINDS as readonly string[]).includes(name);

function mockPayload(x: Exchange): Reply {
  const mock = mockOf(x);
  return 'envelope' in mock ? x.item(mock.envelope) : mock;
}

/** Posts a mock notification, signed with the secret that is documented for it. */
async function sendTestEvent(x: Exchange): Promise<Reply> {
  const url = textOf(x.body.webhook_url);
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    return refuse(x, UNVERIFIED, 'unable.verify.webhook_url : the URL is not valid');
  }
  const mock = mockOf(x);
  if (!('envelope' in mock)) return mock;
  const { status } = await x.world.webhooks.post(url, TEST_SECRET, mock.envelope);
  return status === 200
    ? x.item('success')
    : refuse(x, UNVERIFIED, `unable.verify.webhook_url : answered ${status === 0 ? 'nothing' : status}`);
}

/** Webhook destinations, their secrets and their tests; deliveries are made in `webhooks`. */
export const webhookRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: WEBHOOKS,
    handle: (x) => x.items(x.world.webhooks.store.list('v3').map((one) => shown(one))),
  },
  { method: 'POST', template: WEBHOOKS, json: 'required', handle: create },
  { method: 'GET', template: ONE, handle: onDestination((x, destination) => x.item(shown(destination))) },
  { method: 'PUT', template: ONE, json: 'required', handle: onDestination(update) },
  { method: 'DELETE', template: ONE, handle: onDestination(destroy) },
  { method: 'POST', template: ROTATE, handle: rotate },
  // SDKs before 7.6.0.
  { method: 'PUT', template: ROTATE, handle: rotate },
  { method: 'POST', template: `${WEBHOOKS}/mock-payload`, json: 'required', handle: mockPayload },
  { method: 'POST', template: `${WEBHOOKS}/send-test-event`, json: 'required', handle: sendTestEvent },
  {
    method: 'GET',
    template: `${WEBHOOKS}/ip-addresses`,
    handle: (x) =>
      x.item({ ip_addresses: ['203.0.113.10', '203.0.113.11'], updated_at: x.world.settings.epoch }),
  },
];
