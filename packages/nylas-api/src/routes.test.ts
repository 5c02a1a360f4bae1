import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DocumentedRoute, V2_DOCUMENTED, V3_DOCUMENTED } from '../test/documented-routes.ts';
import {
  type ApiVersion,
  accountFromPath,
  matchRoute,
  ROUTES,
  type Route,
  uuidAccountFromPath,
} from './index.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const UUID = '0b8a5f2e-4d2c-4f57-9c0e-2f9f0b1d7e11';

// One id that looks like nothing in the tables, and ids as providers really make them.
const IDS = [
  'x1',
  UUID,
  'ben%40example.com',
  'AAMkAGI2%2FTG93AAA%3D',
  'a@b.c',
  'grant:abc',
  'primary',
  '%zz',
  '%',
];

function concrete(template: string, id: string): string {
  return template.replace(/\{[^}]+\}/g, id);
}

function documented(version: ApiVersion): readonly DocumentedRoute[] {
  return version === 'v3' ? V3_DOCUMENTED : V2_DOCUMENTED;
}

describe.each(['v3', 'v2'] as const)('%s route table', (version) => {
  it.each(documented(version))('%s %s is matched by a path made from it', (methods, template, proxied) => {
    for (const method of methods.split(' ')) {
      for (const id of IDS) {
        const route = matchRoute(version, method, concrete(template, id));
        expect(route).toMatchObject({ version, method, template, known: true });
        expect(route.operation).not.toBe('other');
        expect(route.resource).not.toBe('other');
        expect(route.proxied).toBe(proxied.split(' ').includes(method));
      }
    }
  });

  it('holds nothing that is not documented, but for what it says', () => {
    const known = new Set(
      documented(version).flatMap(([methods, template]) => methods.split(' ').map((m) => `${m} ${template}`)),
    );
    const extra = ROUTES.filter((route) => route.version === version)
      .map((route) => `${route.method} ${route.template}`)
      .filter((route) => !known.has(route));
    expect(extra.sort()).toEqual(
      version === 'v3'
        ? [
            'GET /v3/webhooks/ip-addresses',
            'PUT /v3/applications/redirect-uris/{redirect_uri_id}',
            'PUT /v3/connectors/{provider}/creds/{credential_id}',
            'PUT /v3/webhooks/rotate-secret/{webhook_id}',
          ]
        : ['PATCH /connect/grants/{grant_id}', 'PATCH /connect/integrations/{provider}'],
    );
  });

  it('spells ids in snake case', () => {
    for (const { template } of ROUTES) {
      expect(template).toMatch(/^(\/([a-z0-9_-]+|\{[a-z0-9]+(_[a-z0-9]+)*\}))+$/);
      expect(template).not.toContain('{id}');
    }
  });
});

describe('ROUTES', () => {
  it('has the 118 templates and 208 operations of the OpenAPI document', () => {
    expect(V3_DOCUMENTED).toHaveLength(118);
    const templates = new Set(
      ROUTES.filter(({ version }) => version === 'v3').map(({ template }) => template),
    );
    expect(templates.size).toBe(118 + 1);
    expect(V3_DOCUMENTED.flatMap(([methods]) => methods.split(' '))).toHaveLength(208);
    expect(ROUTES.filter(({ version }) => version === 'v3')).toHaveLength(208 + 4);
  });

  it('has one row for each method of each template, and matchRoute gives these very objects', () => {
    expect(new Set(ROUTES.map((route) => `${route.version} ${route.method} ${route.template}`)).size).toBe(
      ROUTES.length,
    );
    for (const route of ROUTES) {
      expect(matchRoute(route.version, route.method, concrete(route.template, 'x1'))).toBe(route);
    }
  });
});

describe('matchRoute', () => {
  it.each([
    ['v3', 'GET', '/v3/grants/me', '/v3/grants/me', 'find'],
    ['v3', 'GET', '/v3/grants/me/', '/v3/grants/me', 'find'],
    ['v3', 'GET', '/v3/grants/me/messages', '/v3/grants/{grant_id}/messages', 'list'],
    ['v3', 'GET', '/v3/grants/mean', '/v3/grants/{grant_id}', 'find'],
    ['v3', 'POST', '/v3/grants/g/messages/send', '/v3/grants/{grant_id}/messages/send', 'send'],
    ['v3', 'PUT', '/v3/grants/g/messages/clean', '/v3/grants/{grant_id}/messages/clean', 'clean'],
    [
      'v3',
      'GET',
      '/v3/grants/g/messages/schedules',
      '/v3/grants/{grant_id}/messages/schedules',
      'list_scheduled',
    ],
    ['v3', 'GET', '/v3/grants/g/events/import', '/v3/grants/{grant_id}/events/import', 'import'],
    ['v3', 'GET', '/v3/grants/g/contacts/groups', '/v3/grants/{grant_id}/contacts/groups', 'list_groups'],
    [
      'v3',
      'POST',
      '/v3/grants/g/calendars/free-busy',
      '/v3/grants/{grant_id}/calendars/free-busy',
      'free_busy',
    ],
    ['v3', 'POST', '/v3/templates/render', '/v3/templates/render', 'render'],
    ['v3', 'POST', '/v3/workspaces/auto-group', '/v3/workspaces/auto-group', 'auto_group'],
    ['v3', 'GET', '/v3/webhooks/ip-addresses', '/v3/webhooks/ip-addresses', 'ip_addresses'],
    ['v3', 'POST', '/v3/grants/g/drafts/d', '/v3/grants/{grant_id}/drafts/{draft_id}', 'send'],
    ['v2', 'GET', '/messages/search', '/messages/search', 'search'],
    ['v2', 'GET', '/messages/id1,id2,id3', '/messages/{message_id}', 'find'],
    ['v2', 'GET', '/delta/streaming', '/delta/streaming', 'streaming'],
    [
      'v2',
      'GET',
      '/v2/outbox/onboard/verified_status',
      '/v2/outbox/onboard/verified_status',
      'verified_status',
    ],
    ['v2', 'GET', '/schedule/availability/google', '/schedule/availability/{provider}', 'find'],
  ] as const)('%s %s %s is %s', (version, method, path, template, operation) => {
    expect(matchRoute(version, method, path)).toMatchObject({ template, operation, known: true });
  });

  it('goes back to the id where a static segment leads nowhere', () => {
    expect(matchRoute('v3', 'POST', '/v3/grants/g/messages/send/smart-compose').template).toBe(
      '/v3/grants/{grant_id}/messages/{message_id}/smart-compose',
    );
    expect(matchRoute('v3', 'POST', '/v3/grants/g/templates/render/render').template).toBe(
      '/v3/grants/{grant_id}/templates/{template_id}/render',
    );
    expect(matchRoute('v2', 'GET', '/contacts/groups/picture').template).toBe(
      '/contacts/{contact_id}/picture',
    );
    expect(matchRoute('v2', 'POST', '/schedule/availability/x/cancel').template).toBe(
      '/schedule/{slug}/{edit_hash}/cancel',
    );
  });

  it('does not look at query, fragment, slashes at the end or repeated ones at the start', () => {
    const plain = matchRoute('v3', 'GET', '/v3/grants/g/messages');
    for (const path of [
      '/v3/grants/g/messages?limit=5&from=a@b.c',
      '/v3/grants/g/messages/?x=/y/z',
      '/v3/grants/g/messages#a/b?c',
      '/v3/grants/g/messages?#/',
      '/v3/grants/g/messages///',
      '//v3/grants/g/messages',
    ]) {
      expect(matchRoute('v3', 'GET', path), path).toBe(plain);
    }
  });

  it('answers "other", and always the same object, for what it does not know', () => {
    const other = matchRoute('v3', 'GET', '/nonsense');
    expect(other).toEqual({
      version: 'v3',
      method: 'GET',
      template: 'other',
      resource: 'other',
      operation: 'other',
      proxied: false,
      endpointClass: 'other',
      accountSegment: -1,
      known: false,
    });
    for (const path of [
      '',
      '/',
      '//',
      '?',
      '#',
      'v3/grants',
      '/v3',
      '/v3/',
      '/v3/grants//messages',
      '/V3/grants',
      '/v3/grants/g/nothing',
      '/v3/grants/g/messages/m/x',
      '/messages',
      'https://api.us.nylas.com/v3/grants',
      '/v3/grants/g/messages/a/b',
    ]) {
      expect(matchRoute('v3', 'GET', path), path).toBe(other);
    }
    expect(matchRoute('v2', 'GET', '/nonsense')).not.toBe(other);
    expect(matchRoute('v2', 'GET', '/v3/grants').known).toBe(false);
  });

  it('keeps the template of a known path with a method it does not have', () => {
    const route = matchRoute('v3', 'OPTIONS', '/v3/grants/g/messages');
    expect(route).toMatchObject({
      method: 'OPTIONS',
      template: '/v3/grants/{grant_id}/messages',
      resource: 'messages',
      operation: 'other',
      known: true,
      accountSegment: 2,
    });
    expect(matchRoute('v3', 'options', '/v3/grants/h/messages')).toBe(route);
    expect(matchRoute('v3', 'GET', '/v3/grants/g/messages/clean')).toMatchObject({
      template: '/v3/grants/{grant_id}/messages/clean',
      operation: 'other',
    });
  });

  it('takes methods in any case and folds unknown ones', () => {
    expect(matchRoute('v3', 'get', '/v3/grants')).toBe(matchRoute('v3', 'GET', '/v3/grants'));
    const folded = matchRoute('v3', 'PROPFIND', '/v3/grants');
    expect(folded).toMatchObject({ method: '_OTHER', operation: 'other', template: '/v3/grants' });
    for (const method of ['', 'BREW', 'G ET', 'ſET', '__proto__', '_OTHER', 'x'.repeat(100_000)]) {
      expect(matchRoute('v3', method, '/v3/grants')).toBe(folded);
    }
  });

  it('puts routes under their documented rate limit', () => {
    const classOf = (version: ApiVersion, method: string, path: string): string =>
      matchRoute(version, method, path).endpointClass;
    expect(classOf('v3', 'GET', '/v3/grants')).toBe('admin');
    expect(classOf('v3', 'POST', '/v3/connect/token')).toBe('admin');
    expect(classOf('v3', 'GET', '/v3/webhooks')).toBe('admin');
    expect(classOf('v3', 'GET', '/v3/grants/g/events')).toBe('data');
    expect(classOf('v3', 'POST', '/v3/grants/g/messages/send')).toBe('send');
    expect(classOf('v3', 'POST', '/v3/grants/g/drafts/d')).toBe('send');
    expect(classOf('v3', 'GET', '/v3/grants/g/drafts/d')).toBe('data');
    expect(classOf('v3', 'GET', '/v3/templates')).toBe('other');
    expect(classOf('v2', 'GET', '/messages')).toBe('v2_concurrent');
    expect(classOf('v2', 'GET', '/messages/m')).toBe('v2_account');
    expect(classOf('v2', 'GET', '/delta/longpoll')).toBe('v2_delta_longpoll');
    expect(classOf('v2', 'GET', '/a/c/ip_addresses')).toBe('v2_ip_addresses');
    expect(classOf('v2', 'GET', '/a/c/accounts')).toBe('v2_application');
  });

  it('lets no caller change a route', () => {
    expect(Object.isFrozen(matchRoute('v3', 'GET', '/v3/grants'))).toBe(true);
    expect(Object.isFrozen(matchRoute('v3', 'GET', '/nonsense'))).toBe(true);
  });

  it('never throws, and knows no route but its own, whatever it is given', () => {
    const routes = new Set<Route>();
    const labels = new Set([
      ...ROUTES.flatMap(({ template, resource, operation }) => [template, resource, operation]),
      'other',
    ]);
    const piece = fc.oneof(
      fc.constantFrom(
        'v3',
        'grants',
        'messages',
        'send',
        'me',
        'a',
        'accounts',
        '',
        '..',
        '%2F',
        '?',
        '#',
        '{grant_id}',
      ),
      fc.string({ unit: 'binary' }),
      fc.emailAddress(),
    );
    const path = fc.oneof(
      fc.array(piece).map((pieces) => `/${pieces.join('/')}`),
      fc.string({ unit: 'binary' }),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(
        fc.constantFrom<ApiVersion>('v2', 'v3'),
        fc.oneof(fc.constantFrom(...METHODS), fc.string({ unit: 'binary' })),
        path,
        (version, method, value) => {
          const route = matchRoute(version, method, value);
          routes.add(route);
          expect(matchRoute(version, method, value)).toBe(route);
          expect([...METHODS, '_OTHER']).toContain(route.method);
          for (const label of [route.template, route.resource, route.operation])
            expect(labels).toContain(label);
          accountFromPath(route, value);
        },
      ),
      { numRuns: 20_000 },
    );
    // Two versions, eight methods, 220 templates: all there can ever be.
    expect(routes.size).toBeLessThan(8 * 220);
  });

  it('takes long and slashed paths in its stride', () => {
    for (const path of [
      `/${'a/'.repeat(500_000)}`,
      '/'.repeat(1_000_000),
      `/v3/grants/${'x'.repeat(1_000_000)}`,
    ]) {
      // A matcher that walks back and forth over them would run into the test's own time-out.
      expect(matchRoute('v3', 'GET', path).version).toBe('v3');
    }
  });
});

describe('accountFromPath', () => {
  const account = (version: ApiVersion, path: string): string | undefined =>
    accountFromPath(matchRoute(version, 'GET', path), path);

  it('reads the grant of a v3 path and the account of a v2 one', () => {
    expect(account('v3', `/v3/grants/${UUID}/messages?limit=1`)).toBe(UUID);
    expect(account('v3', `/v3/grants/${UUID}/`)).toBe(UUID);
    expect(account('v3', `//v3/grants/${UUID}?x`)).toBe(UUID);
    expect(account('v2', '/a/client/accounts/awa6ltos76vz5hvphkp8k17nt/upgrade')).toBe(
      'awa6ltos76vz5hvphkp8k17nt',
    );
    expect(account('v2', '/connect/grants/g1')).toBe('g1');
  });

  it('decodes it and strips "grant:"', () => {
    expect(account('v3', '/v3/grants/ben%40example.com/events')).toBe('ben@example.com');
    expect(account('v3', `/v3/grants/grant:${UUID}`)).toBe(UUID);
    expect(account('v3', `/v3/grants/grant%3A${UUID}`)).toBe(UUID);
    expect(account('v3', '/v3/grants/email:ben@example.com')).toBe('email:ben@example.com');
    expect(account('v3', '/v3/grants/me/messages')).toBe('me');
  });

  it('says nothing where the path names none', () => {
    expect(account('v3', '/v3/grants')).toBeUndefined();
    expect(account('v3', '/v3/grants/me')).toBeUndefined();
    expect(account('v3', '/v3/applications')).toBeUndefined();
    expect(account('v3', '/v3/migration-tools/grants/abc/clone')).toBeUndefined();
    expect(account('v2', '/messages/m1')).toBeUndefined();
    expect(account('v3', '/nonsense')).toBeUndefined();
  });

  it('says nothing of what cannot be decoded or is no id', () => {
    expect(account('v3', '/v3/grants/%E0%A4%A/messages')).toBeUndefined();
    expect(account('v3', '/v3/grants/grant:/messages')).toBeUndefined();
    expect(account('v3', `/v3/grants/${'x'.repeat(2_000)}/messages`)).toBeUndefined();
    const route = matchRoute('v3', 'GET', '/v3/grants/g/messages');
    for (const path of ['', '/', '/v3', '/v3/grants', '/v3/grants?a/b/c/d'])
      expect(accountFromPath(route, path)).toBeUndefined();
  });
});

describe('uuidAccountFromPath', () => {
  const ids = fc.oneof(
    fc.uuid(),
    fc.uuid().map((id) => `grant:${id}`),
    fc.uuid().map((id) => id.replaceAll('-', '%2D')),
    fc.uuid().chain((id) => fc.constantFrom(`${id}0`, id.slice(1))),
    fc.emailAddress(),
    fc.string({ unit: 'binary' }),
  );
  const rest = fc.constantFrom(
    '',
    '/',
    '/messages',
    '/messages/m?limit=1',
    '?limit=1',
    '#top',
    '/nonsense/x',
  );

  it('gives what accountFromPath gives where a bare UUID stands there, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('/v3/grants/', '//v3/grants/', '/a/client/accounts/', '/v3/messages/'),
        ids,
        rest,
        (start, id, end) => {
          const path = `${start}${id}${end}`;
          const route = matchRoute(start.startsWith('/a/') ? 'v2' : 'v3', 'GET', path);
          const account = accountFromPath(route, path);
          const bare = account !== undefined && /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(account);
          const escaped = !path.includes(`/${account}`);
          expect(uuidAccountFromPath(route, path)).toBe(bare && !escaped ? account : undefined);
        },
      ),
      { numRuns: 5_000 },
    );
    const route = matchRoute('v3', 'GET', `/v3/grants/${UUID}/messages`);
    expect(uuidAccountFromPath(route, `/v3/grants/${UUID}/messages`)).toBe(UUID);
    for (const path of ['', '/', '/v3', '/v3/grants'])
      expect(uuidAccountFromPath(route, path)).toBeUndefined();
  });
});
