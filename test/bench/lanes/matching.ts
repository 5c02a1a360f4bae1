import { matchRoute, ROUTES } from '@nylas-otel/nylas-api';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { type LaneWork, serveLane } from '../measure/lane-process.ts';
import { randomFrom, shuffled } from '../measure/statistics.ts';

interface Lookup {
  readonly version: 'v2' | 'v3';
  readonly method: string;
  readonly path: string;
}

const random = randomFrom(5);
const id = () => Math.floor(random() * 2 ** 48).toString(36);

/** A path for every template and method, with ids made up. */
const KNOWN: readonly Lookup[] = ROUTES.map(({ version, method, template }) => ({
  version,
  method,
  path: `${template.replaceAll(/\{[^}]+\}/g, id)}${random() < 0.3 ? '?limit=50&page_token=abc' : ''}`,
}));

/** What scanners, typing errors and attackers ask for. */
const UNKNOWN: readonly Lookup[] = [
  ...[
    '',
    '/',
    '//',
    '/v3',
    '/v3/',
    '/v3/grants//messages',
    '/v4/grants/x/messages',
    '*',
    '?',
    '/%2e%2e/%2e%2e/etc/passwd',
  ],
  ...[
    '/wp-admin/setup-config.php',
    '/.env',
    '/v3/grants/x/messagesx',
    '/v3/grants/x/messages/y/z/attachments/q',
  ],
  `/v3/grants/${'a'.repeat(8_000)}/messages/${'b'.repeat(8_000)}/none`,
  `/v3/${'x/'.repeat(500)}`,
  `/v3/grants/${'%F0%9F%92%A9'.repeat(100)}/nothing`,
  `/v3/grants/x/messages${'/send'.repeat(200)}`,
  `/${'/'.repeat(2_000)}v3/none`,
  'https://api.us.nylas.com/v3/grants',
  ...Array.from({ length: 80 }, () => `/v3/grants/${id()}/${id()}/${id()}/${id()}`),
].map((path, i) => ({ version: i % 2 === 0 ? 'v3' : 'v2', method: i % 7 === 0 ? 'PROPFIND' : 'GET', path }));

/** Looks paths up, in mixed order. Arguments: `ours` or `find-my-way`; `known` or `unknown` paths. */
await serveLane(([matcher, set]): LaneWork => {
  const lookups = Array.from({ length: 12 }, () =>
    shuffled(set === 'known' ? KNOWN : UNKNOWN, random),
  ).flat();
  const find = matcher === 'ours' ? ours : findMyWay();
  let found = 0;
  let next = 0;
  return {
    async run(times) {
      for (let i = 0; i < times; i++) {
        if (find(lookups[next++ % lookups.length]!)) found++;
      }
    },
    check: async () => ({ found }),
  };
});

function ours({ version, method, path }: Lookup): boolean {
  return matchRoute(version, method, path).known;
}

function findMyWay(): (lookup: Lookup) => boolean {
  const routers = { v2: createRouter(), v3: createRouter() };
  for (const { version, method, template } of ROUTES) {
    routers[version].on(method as HTTPMethod, template.replaceAll(/\{([^}]+)\}/g, ':$1'), () => {});
  }
  return ({ version, method, path }) =>
    routers[version].find(method as HTTPMethod, path.split('?')[0]!) !== null;
}
