import { emptyKind, type JsonObject } from '../data/mailbox.ts';
import { stableUuid } from '../data/random.ts';
import type { Exchange } from '../http/exchange.ts';
import type { Reply } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { resourceRoutes } from './resource-routes.ts';

const redirectUris = emptyKind('v3.redirect_uri', 41);
/** What clients changed of the application is one object of this kind. */
const application = emptyKind('v3.application', 42, () => 'application');

function details(x: Exchange): JsonObject {
  const { world } = x;
  const { seed, clientId, region, epoch } = world.settings;
  const changed = world.mailboxes.find(application, world.application, 'application') ?? {};
  return {
    application_id: clientId,
    organization_id: stableUuid(seed, 43, 0),
    region,
    environment: 'sandbox',
    v2_application_id: clientId,
    branding: { name: world.application.name, icon_url: '', website_url: '', description: '' },
    hosted_authentication: {},
    created_at: epoch,
    updated_at: epoch,
    blocked: false,
    ...changed,
    id: undefined,
    callback_uris: world.mailboxes.slice(redirectUris, world.application, 0, 200),
  };
}

function update(x: Exchange): Reply {
  const { mailboxes, application: owner } = x.world;
  const known = mailboxes.update(application, owner, 'application', x.body);
  if (known === undefined) mailboxes.insert(application, owner, x.body);
  return x.item(details(x));
}

/** The application and its redirect URIs. */
export const applicationRoutes: readonly Route[] = [
  { method: 'GET', template: '/v3/applications', handle: (x) => x.item(details(x)) },
  { method: 'PATCH', template: '/v3/applications', json: 'required', handle: update },
  ...resourceRoutes({
    template: '/v3/applications/redirect-uris',
    parameter: 'redirect_uri_id',
    kind: () => redirectUris,
    owner: (x) => x.world.application,
    updateMethods: ['PATCH', 'PUT'],
    check: (body) =>
      typeof body.url === 'string' && URL.canParse(body.url) ? undefined : 'url must be a URL',
    defaults: () => ({ platform: 'web', settings: {} }),
  }),
];
