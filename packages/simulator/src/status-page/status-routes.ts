import { createHash } from 'node:crypto';
import type { Exchange } from '../http/exchange.ts';
import { type Reply, textReply } from '../http/reply.ts';
import type { CompiledRoute } from '../http/router.ts';
import type { StatusPage } from './status-page.ts';

/** Where the JSON of a Statuspage is. */
const API = '/api/v2';
/** The old address: it only says where the page is now. */
export const MOVED = '/status-moved';

type View = (page: StatusPage) => Record<string, unknown>;

/** A view of the maintenances in some states. */
const maintenances =
  (...states: string[]): View =>
  (page) => ({ scheduled_maintenances: page.maintenances().filter((one) => states.includes(one.status)) });

/** The documents of the page. */
const VIEWS: Readonly<Record<string, View>> = {
  'summary.json': (page) => ({
    components: page.components(),
    incidents: page.unresolved(),
    ...maintenances('scheduled', 'in_progress', 'verifying')(page),
    status: page.overall(),
  }),
  'status.json': (page) => ({ status: page.overall() }),
  'components.json': (page) => ({ components: page.components() }),
  'incidents.json': (page) => ({ incidents: page.incidents() }),
  'incidents/unresolved.json': (page) => ({ incidents: page.unresolved() }),
  'scheduled-maintenances.json': (page) => ({ scheduled_maintenances: page.maintenances() }),
  'scheduled-maintenances/upcoming.json': maintenances('scheduled'),
  'scheduled-maintenances/active.json': maintenances('in_progress', 'verifying'),
};

function answer(x: Exchange, view: View): Reply {
  const { status } = x.world;
  const url = `http://${x.header('host') ?? 'localhost'}`;
  const body = JSON.stringify({ page: status.page(url), ...view(status) });
  const etag = `W/"${createHash('sha1').update(body).digest('hex')}"`;
  const headers = ['etag', etag, 'cache-control', 'max-age=0, private, must-revalidate'];
  const known = (x.header('if-none-match') ?? '').split(',').map((one) => one.trim());
  const type = 'application/json; charset=utf-8';
  return known.includes(etag) ? textReply(304, '', type, headers) : textReply(200, body, type, headers);
}

const site = {
  method: 'GET',
  credential: 'none',
  proxied: false,
  cacheable: false,
  limit: 'v2_application',
  needsGrant: false,
} as const;

/** The status page: no part of the API, but met by faults like it. */
export function statusRoutes(): CompiledRoute[] {
  return Object.entries(VIEWS).flatMap(([name, view]) => {
    const path = `${API}/${name}`;
    const old = MOVED + path;
    return [
      { ...site, template: path, shape: path, handle: (x: Exchange) => answer(x, view) },
      {
        ...site,
        template: old,
        shape: old,
        handle: (x: Exchange) => textReply(301, '', 'text/html', ['location', path + x.search]),
      },
    ];
  });
}
