import { matchRoute, type Route as NylasRoute } from '@nylas-otel/nylas-api';
import { templateShape } from './faults/route-pattern.ts';
import type { CompiledRoute, Route } from './http/router.ts';
import { accountRoutes } from './routes-v2/account.ts';
import { applicationRoutes as v2ApplicationRoutes } from './routes-v2/application.ts';
import {
  calendarRoutes as v2CalendarRoutes,
  contactRoutes as v2ContactRoutes,
} from './routes-v2/calendar.ts';
import { deltaRoutes } from './routes-v2/deltas.ts';
import { fileRoutes } from './routes-v2/files.ts';
import { mailRoutes } from './routes-v2/mail.ts';
import { oauthRoutes } from './routes-v2/oauth.ts';
import { sendRoutes } from './routes-v2/send.ts';
import { applicationRoutes } from './routes-v3/applications.ts';
import { attachmentRoutes } from './routes-v3/attachments.ts';
import { authRoutes } from './routes-v3/auth.ts';
import { calendarRoutes } from './routes-v3/calendars.ts';
import { connectorRoutes } from './routes-v3/connectors.ts';
import { contactRoutes } from './routes-v3/contacts.ts';
import { draftRoutes } from './routes-v3/drafts.ts';
import { eventRoutes } from './routes-v3/events.ts';
import { folderRoutes } from './routes-v3/folders.ts';
import { grantRoutes } from './routes-v3/grants.ts';
import { messageRoutes } from './routes-v3/messages.ts';
import { notetakerRoutes } from './routes-v3/notetakers.ts';
import { plainResourceRoutes } from './routes-v3/plain-resources.ts';
import { schedulingRoutes } from './routes-v3/scheduling.ts';
import { threadRoutes } from './routes-v3/threads.ts';
import { webhookRoutes } from './routes-v3/webhooks.ts';

const ALL: readonly Route[] = [
  ...applicationRoutes,
  ...authRoutes,
  ...connectorRoutes,
  ...grantRoutes,
  ...webhookRoutes,
  ...messageRoutes,
  ...threadRoutes,
  ...draftRoutes,
  ...folderRoutes,
  ...attachmentRoutes,
  ...calendarRoutes,
  ...eventRoutes,
  ...contactRoutes,
  ...notetakerRoutes,
  ...schedulingRoutes,
  ...plainResourceRoutes,
  ...accountRoutes,
  ...v2ApplicationRoutes,
  ...oauthRoutes,
  ...mailRoutes,
  ...sendRoutes,
  ...fileRoutes,
  ...v2CalendarRoutes,
  ...v2ContactRoutes,
  ...deltaRoutes,
];

/** Every route, with what the documentation says about it worked out once. */
export function compileRoutes(): CompiledRoute[] {
  return ALL.map((route) => {
    const version = route.template.startsWith('/v3/') ? 'v3' : 'v2';
    const known: NylasRoute = matchRoute(version, route.method, concretePath(route.template));
    const shape = templateShape(route.template);
    return {
      ...route,
      credential: route.credential ?? (version === 'v3' ? 'key' : 'token'),
      proxied: known.proxied,
      cacheable:
        version === 'v3' && route.method === 'GET' && known.proxied && known.endpointClass === 'data',
      limit: known.endpointClass,
      shape,
      needsGrant: shape.startsWith('/v3/grants/{}/'),
    };
  });
}

/** A path of a template, with ids that no static segment is called. */
export function concretePath(template: string): string {
  return template.replace(/\{\w+\}/g, 'x1');
}
