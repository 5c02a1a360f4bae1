import { emptyKind, type Kind, type Owner } from '../data/mailbox.ts';
import { hashText } from '../data/random.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { GRANT_PROVIDERS } from '../stores/grant-store.ts';
import { resourceRoutes } from './resource-routes.ts';

/** An application has these connectors before anyone adds one. */
const READY = ['google', 'microsoft', 'imap'] as const;

const connectors: Kind = {
  name: 'v3.connector',
  code: 44,
  count: () => READY.length,
  id: (_owner, index) => READY[index] ?? '',
  indexOf: (_owner, id) => READY.indexOf(id as (typeof READY)[number]),
  build: (_owner, index) => ({
    id: READY[index],
    name: `${READY[index]} connector`,
    provider: READY[index],
    settings: {},
    scope: [],
  }),
};
const credentials = emptyKind('v3.credential', 45);

/** Credentials belong to a connector, so each connector is an owner. */
function connectorOwner(x: Exchange): Owner {
  const { application } = x.world;
  const id = `${application.id}/${x.param('provider')}`;
  return { ...application, id, key: hashText(application.key, id) };
}

function create(x: Exchange): Reply {
  const { provider } = x.body;
  const { mailboxes, application } = x.world;
  if (!(GRANT_PROVIDERS as readonly unknown[]).includes(provider)) {
    return x.fail(400, 'invalid_request_error', `provider must be one of ${GRANT_PROVIDERS.join(', ')}`);
  }
  const id = provider as string;
  if (mailboxes.find(connectors, application, id) !== undefined) {
    return x.fail(400, 'invalid_request_error', 'the application has a connector for this provider');
  }
  return x.item(mailboxes.insert(connectors, application, { settings: {}, scope: [], ...x.body }, id));
}

/** Connectors and their credentials. */
export const connectorRoutes: readonly Route[] = [
  ...resourceRoutes({
    template: '/v3/connectors',
    parameter: 'provider',
    kind: () => connectors,
    owner: (x) => x.world.application,
    paging: 'offset',
    operations: ['list', 'find', 'update', 'destroy'],
    updateMethods: ['PATCH'],
  }),
  { method: 'POST', template: '/v3/connectors', json: 'required', handle: create },
  ...resourceRoutes({
    template: '/v3/connectors/{provider}/creds',
    parameter: 'credential_id',
    kind: () => credentials,
    owner: connectorOwner,
    paging: 'offset',
    updateMethods: ['PATCH', 'PUT'],
    check: (body) => (typeof body.name === 'string' && body.name !== '' ? undefined : 'name is required'),
    defaults: (x) => ({ created_at: x.world.seconds(), updated_at: x.world.seconds() }),
    // The secret part is never given back.
    present: (_x, { credential_data: _secret, ...shown }) => shown,
  }),
];
