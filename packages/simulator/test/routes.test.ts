import { matchRoute, ROUTES } from '@nylas-otel/nylas-api';
import { describe, expect, it } from 'vitest';
import { Router } from '../src/http/router.ts';
import { compileRoutes, concretePath } from '../src/routes.ts';

const routes = compileRoutes();
const router = new Router(routes);
const versionOf = (template: string): 'v2' | 'v3' => (template.startsWith('/v3/') ? 'v3' : 'v2');

/** What the README says the simulator does not serve. */
const NOT_SERVED = [
  /^\/v3\/admin\/applications\//,
  /^\/v3\/migration-tools\//,
  /^\/v3\/scheduling\/(?:configurations|should-redirect)\//,
  /\/group-events/,
  /^\/v3\/(?:grants\/\{grant_id\}\/)?templates\/.*render/,
  /\/notetakers\/\{notetaker_id\}\/history$/,
  /^\/v2\/outbox/,
  /^\/neural\//,
  /^\/component\//,
  /^\/send-multiple/,
  /^\/(?:manage|schedule)\//,
  /^\/connect\/(?:integrations|grants)/,
];

describe('the route table', () => {
  it.each(routes.map((route) => [route.method, route.template] as const))(
    '%s %s is one of Nylas',
    (method, template) => {
      const known = matchRoute(versionOf(template), method, concretePath(template));
      expect(known.template.replace(/\{\w+\}/g, '{}')).toBe(template.replace(/\{\w+\}/g, '{}'));
      expect(known.operation).not.toBe('other');
      expect(router.find(method, concretePath(template))?.route.template).toBe(template);
    },
  );

  it('serves every route of Nylas but those that the README excepts', () => {
    const missing = ROUTES.filter(({ template }) => !NOT_SERVED.some((exception) => exception.test(template)))
      .filter(({ method, template }) => {
        const match = router.find(method, concretePath(template));
        return match?.route.shape !== template.replace(/\{\w+\}/g, '{}') && template !== '/v3/grants/me';
      })
      .map(({ method, template }) => `${method} ${template}`);
    expect(missing).toEqual([]);
  });

  it('prefers static segments, decodes parameters and takes trailing slashes', () => {
    expect(router.find('GET', '/v3/grants/g/messages/schedules')?.route.template).toContain('/schedules');
    expect(router.find('GET', '/v3/grants/g/messages/a%2Fb%3D%3D')?.params).toMatchObject({
      message_id: 'a/b==',
    });
    expect(router.find('GET', '/messages/')?.route.template).toBe('/messages');
    expect(router.find('GET', '/nowhere')).toBeUndefined();
  });
});
