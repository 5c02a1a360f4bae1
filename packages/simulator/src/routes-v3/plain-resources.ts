import { emptyKind, type JsonObject, type Owner } from '../data/mailbox.ts';
import { recipientsOf, TRANSACTIONAL_PARTICIPANTS, wrongParticipants } from '../data/recipients.ts';
import { textOf } from '../data/untrusted.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Method, Route } from '../http/router.ts';
import { answerOnce } from '../idempotency.ts';
import { type Operation, resourceRoutes } from './resource-routes.ts';

/** Resources that are stored and given back as they are, nothing more: template, id parameter, update method. */
const PLAIN: readonly (readonly [
  template: string,
  parameter: string,
  update: Method,
  operations?: Operation[],
])[] = [
  ['/v3/workspaces', 'workspace_id', 'PATCH'],
  ['/v3/policies', 'policy_id', 'PUT'],
  ['/v3/rules', 'rule_id', 'PUT'],
  ['/v3/lists', 'list_id', 'PUT'],
  ['/v3/admin/domains', 'domain_id', 'PUT'],
  ['/v3/channels/pubsub', 'channel_id', 'PUT'],
  ['/v3/channels/sns', 'channel_id', 'PUT'],
  ['/v3/templates', 'template_id', 'PUT'],
  ['/v3/workflows', 'workflow_id', 'PUT'],
  ['/v3/grants/{grant_id}/templates', 'template_id', 'PUT'],
  ['/v3/grants/{grant_id}/workflows', 'workflow_id', 'PUT'],
  ['/v3/grants/{grant_id}/signatures', 'signature_id', 'PUT'],
  ['/v3/grants/{grant_id}/rule-evaluations', 'evaluation_id', 'PUT', ['list']],
  ['/v3/grants/{grant_id}/resources', 'resource_id', 'PUT', ['list']],
];

const FIRST_CODE = 60;
const application = (x: Exchange): Owner => x.world.application;
const grant = (x: Exchange): Owner => x.mailbox;

const plainRoutes = PLAIN.flatMap(([template, parameter, update, operations], index) => {
  const kind = emptyKind(`v3.plain.${template}`, FIRST_CODE + index);
  return resourceRoutes({
    template,
    parameter,
    kind: () => kind,
    owner: template.startsWith('/v3/grants/') ? grant : application,
    updateMethods: [update],
    defaults: (x) => ({ created_at: x.world.seconds(), updated_at: x.world.seconds() }),
    ...(operations === undefined ? {} : { operations }),
  });
});

const items = emptyKind('v3.list_item', 50);
/** Items belong to their list. */
const listOwner = (x: Exchange): Owner => ({
  ...x.world.application,
  id: `${x.world.application.id}/${x.param('list_id')}`,
});

function changeItems(add: boolean): (x: Exchange) => Reply {
  return (x) => {
    const values = x.body.items;
    if (!Array.isArray(values)) return x.fail(400, 'invalid_request_error', 'items must be a list');
    const owner = listOwner(x);
    for (const value of values) {
      if (add) x.world.mailboxes.insert(items, owner, { value }, textOf(value));
      else x.world.mailboxes.remove(items, owner, textOf(value));
    }
    return x.item({ id: x.param('list_id'), items_count: x.world.mailboxes.count(items, owner) });
  };
}

/** Sends for a whole domain; idempotency keys are shared by the application. */
function transactionalSend(x: Exchange): Reply {
  return answerOnce(x, x.world.application.id, () => {
    const wrong = wrongParticipants(x.body, TRANSACTIONAL_PARTICIPANTS);
    if (wrong !== undefined) {
      return x.fail(400, 'invalid_request_error', `${wrong} must be a list of {"name", "email"}`);
    }
    const to = recipientsOf(x.body);
    if (to.length === 0)
      return x.fail(400, 'invalid_request_error', 'at least one of to, cc and bcc is required');
    const message: JsonObject = { object: 'message', id: x.requestId, ...x.body };
    x.world.sent.add({
      time: x.world.now(),
      grantId: undefined,
      accountId: undefined,
      messageId: x.requestId,
      subject: textOf(x.body.subject),
      recipients: to,
      idempotencyKey: x.header('idempotency-key'),
      requestId: x.requestId,
      multipart: false,
    });
    return x.item(message);
  });
}

const domainStatus = (x: Exchange): Reply =>
  x.item({ domain_id: x.param('domain_id'), status: 'done', attempt: null });

/** Everything of v3 that is only stored, and the few routes around it. */
export const plainResourceRoutes: readonly Route[] = [
  ...plainRoutes,
  {
    method: 'GET',
    template: '/v3/lists/{list_id}/items',
    handle: (x) => x.items(x.world.mailboxes.slice(items, listOwner(x), 0, 200).map((one) => one.value)),
  },
  { method: 'POST', template: '/v3/lists/{list_id}/items', json: 'required', handle: changeItems(true) },
  { method: 'DELETE', template: '/v3/lists/{list_id}/items', json: 'required', handle: changeItems(false) },
  { method: 'POST', template: '/v3/admin/domains/{domain_id}/info', handle: domainStatus },
  { method: 'POST', template: '/v3/admin/domains/{domain_id}/verify', handle: domainStatus },
  {
    method: 'POST',
    template: '/v3/domains/{domain_name}/messages/send',
    json: 'required',
    handle: transactionalSend,
  },
  {
    method: 'POST',
    template: '/v3/workspaces/auto-group',
    handle: (x) => x.item({ job_id: x.requestId, message: 'grouping started' }),
  },
  {
    method: 'POST',
    template: '/v3/workspaces/{workspace_id}/manual-assign',
    handle: (x) => x.item({ workspace_id: x.param('workspace_id'), assigned_grants: [], removed_grants: [] }),
  },
];
