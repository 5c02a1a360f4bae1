import { templateShape } from './faults/route-pattern.ts';
import type { CompiledRoute, LimitClass, Route } from './http/router.ts';
import { accountRoutes } from './routes-v2/account.ts';
import { grantRoutes } from './routes-v3/grants.ts';
import { messageRoutes } from './routes-v3/messages.ts';

const ALL: readonly Route[] = [...grantRoutes, ...messageRoutes, ...accountRoutes];

const ADMIN = /^\/v3\/(?:applications|connect|connectors|providers|grants$|grants\/\{\}$|webhooks)/;

/** Every route, with what the documentation says about it worked out once. */
export function compileRoutes(): CompiledRoute[] {
  return ALL.map((route) => {
    const v3 = route.template.startsWith('/v3/');
    const shape = templateShape(route.template);
    const needsGrant = shape.startsWith('/v3/grants/{}/');
    const limit: LimitClass = !v3
      ? 'none'
      : ADMIN.test(shape)
        ? 'admin'
        : shape.endsWith('/messages/send')
          ? 'send'
          : 'grant';
    return {
      ...route,
      credential: route.credential ?? (v3 ? 'key' : 'token'),
      proxied: needsGrant,
      limit,
      shape,
      needsGrant,
    };
  });
}
