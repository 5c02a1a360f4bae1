import type { ApiVersion } from './api-version.ts';
import type { EndpointClass } from './endpoint-class.ts';
import { isUuid, UUID_LENGTH } from './opaque-id.ts';
import type { RouteRow } from './route-table.ts';
import { V2_ROUTES } from './route-table-v2.ts';
import { V3_ROUTES } from './route-table-v3.ts';

/** What is known of a request from its method and path. Routes are interned: one object each, for the process. */
export interface Route {
  /** The API generation that was asked for. */
  readonly version: ApiVersion;
  /** Upper-case method; `_OTHER` when it is none of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. */
  readonly method: string;
  /** The path with its ids replaced, such as `/v3/grants/{grant_id}/messages`; `other` for an unknown path. */
  readonly template: string;
  /** The kind of object, such as `messages`; `other` for an unknown path. */
  readonly resource: string;
  /** What is done with it, such as `list`; `other` when the path is unknown or has no such method. */
  readonly operation: string;
  /** Whether the call reaches the mail provider, so that the provider's limits and failures apply. */
  readonly proxied: boolean;
  /** The documented rate limit it falls under. */
  readonly endpointClass: EndpointClass;
  /**
   * Index, among the path's segments, of the one that names the account: `{grant_id}`, or v2's `{account_id}`; -1 when
   * there is none. The path `/v3/grants/{grant_id}` has its grant at 2.
   */
  readonly accountSegment: number;
  /** False when the path is in no table. */
  readonly known: boolean;
}

interface Node {
  /** Static children by the length of their segment, so that no segment has to be cut out to find one. */
  readonly statics: (StaticChild[] | undefined)[];
  /** The child for an id. */
  parameter: Node | undefined;
  /** The routes of the template that ends here. */
  leaf: Leaf | undefined;
}

interface StaticChild {
  readonly segment: string;
  readonly node: Node;
}

interface Leaf {
  readonly byMethod: Map<string, Route>;
  /** Stands in for a method that the template does not have. */
  readonly fallback: Omit<Route, 'method'>;
}

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const LONGEST_METHOD = 7;
const LONGEST_ACCOUNT = 1_024;
const SLASH = 47;
const QUESTION_MARK = 63;
const HASH = 35;

/** Every known route: one row for each method of each template. */
export const ROUTES: readonly Route[] = [...expand('v3', V3_ROUTES), ...expand('v2', V2_ROUTES)];

const ROOTS: Readonly<Record<ApiVersion, Node>> = { v2: newNode(), v3: newNode() };
const UNKNOWN: Readonly<Record<ApiVersion, Leaf>> = { v2: unknownLeaf('v2'), v3: unknownLeaf('v3') };
for (const route of ROUTES) plant(route);

/**
 * The route of a request. Never throws and holds nothing of what it is given: whatever the path, the result is one of a
 * fixed set of objects, the same one each time, fit as a key and its fields as labels.
 *
 * A static segment wins over an id (`/v3/grants/{grant_id}/messages/send` is no message), and `me` is
 * `/v3/grants/me` only as the last segment. A known path keeps its template with a method it does not have; its
 * operation is then `other`.
 *
 * @param version The API generation that the host serves, see `findHost`.
 * @param method In any case.
 * @param path The path as sent: percent-escapes stay, a query, a fragment, slashes at the end and repeated slashes at
 *   the start are ignored. An absolute URL or an empty segment in the middle is unknown.
 */
export function matchRoute(version: ApiVersion, method: string, path: string): Route {
  const start = startOf(path);
  const leaf = (start === 0 ? undefined : walk(ROOTS[version], path, start, endOf(path))) ?? UNKNOWN[version];
  return leaf.byMethod.get(method) ?? routeForMethod(leaf, method);
}

/**
 * The account that a path names, decoded and without a leading `grant:`. It may be a mail address or `me`: see
 * `isOpaqueId` before showing it.
 *
 * @param route What `matchRoute` gave for the path.
 * @param path The same path.
 * @returns Undefined when the route names no account, or the segment is empty, not decodable or longer than 1,024.
 */
export function accountFromPath(route: Route, path: string): string | undefined {
  if (route.accountSegment === -1) return undefined;
  const end = endOf(path);
  let start = startOf(path);
  for (let skipped = 0; skipped < route.accountSegment; skipped++) {
    const slash = path.indexOf('/', start);
    if (slash === -1 || slash >= end) return undefined;
    start = slash + 1;
  }
  const segmentEnd = segmentEndOf(path, start, end);
  if (segmentEnd <= start || segmentEnd - start > LONGEST_ACCOUNT) return undefined;
  const account = decode(path.slice(start, segmentEnd));
  if (account === undefined) return undefined;
  return account.startsWith('grant:') ? account.slice('grant:'.length) || undefined : account;
}

/**
 * The account that a path names, where a bare UUID stands in it, as nearly every v3 grant does: what
 * {@link accountFromPath} gives, known to be opaque, at a third of what it takes to ask for both. Undefined for anything
 * else.
 */
export function uuidAccountFromPath(route: Route, path: string): string | undefined {
  if (route.accountSegment === -1) return undefined;
  let start = startOf(path);
  for (let skipped = 0; skipped < route.accountSegment; skipped++) start = path.indexOf('/', start) + 1;
  const end = start + UUID_LENGTH;
  // Looked at in place: reading a slice letter by letter takes four times as long.
  return endsSegment(path, end) && isUuid(path, start) ? path.slice(start, end) : undefined;
}

function endsSegment(path: string, index: number): boolean {
  if (index >= path.length) return index === path.length;
  const code = path.charCodeAt(index);
  return code === SLASH || code === QUESTION_MARK || code === HASH;
}

function decode(segment: string): string | undefined {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The index behind the first slash, or behind all of them: `//v3/grants` comes from a base URL that ends in one. */
function startOf(path: string): number {
  let start = 0;
  while (path.charCodeAt(start) === SLASH) start++;
  return start;
}

/** The index behind the path's last segment. */
function endOf(path: string): number {
  let end = path.indexOf('?');
  const fragment = path.indexOf('#');
  if (end === -1 || (fragment !== -1 && fragment < end)) end = fragment;
  if (end === -1) end = path.length;
  while (end > 0 && path.charCodeAt(end - 1) === SLASH) end--;
  return end;
}

function segmentEndOf(path: string, start: number, end: number): number {
  const slash = path.indexOf('/', start);
  return slash === -1 || slash > end ? end : slash;
}

/** The leaf under `node` for the path from `start` on; back to the id where a static segment leads nowhere. */
function walk(node: Node, path: string, start: number, end: number): Leaf | undefined {
  if (start > end) return node.leaf;
  const segmentEnd = segmentEndOf(path, start, end);
  const length = segmentEnd - start;
  if (length <= 0) return undefined;
  const candidates = length < node.statics.length ? node.statics[length] : undefined;
  if (candidates !== undefined) {
    for (const candidate of candidates) {
      if (!path.startsWith(candidate.segment, start)) continue;
      const leaf = walk(candidate.node, path, segmentEnd + 1, end);
      if (leaf !== undefined) return leaf;
      break;
    }
  }
  return node.parameter === undefined ? undefined : walk(node.parameter, path, segmentEnd + 1, end);
}

function routeForMethod(leaf: Leaf, method: string): Route {
  const upper = method.length > LONGEST_METHOD ? '' : method.toUpperCase();
  const known = METHODS.has(upper) ? upper : '_OTHER';
  let route = leaf.byMethod.get(known);
  if (route === undefined) {
    route = Object.freeze({ ...leaf.fallback, method: known });
    leaf.byMethod.set(known, route);
  }
  return route;
}

function expand(version: ApiVersion, rows: readonly RouteRow[]): Route[] {
  return rows.flatMap(([resource, template, endpointClass, proxied, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      Object.freeze({
        version,
        method,
        template,
        resource,
        operation,
        proxied,
        endpointClass,
        accountSegment: accountSegmentOf(version, template),
        known: true,
      }),
    ),
  );
}

// v3's only `{account_id}` is that of a v2 account to migrate: no grant, so no key of a v3 account.
function accountSegmentOf(version: ApiVersion, template: string): number {
  const segments = template.slice(1).split('/');
  const grant = segments.indexOf('{grant_id}');
  return grant === -1 && version === 'v2' ? segments.indexOf('{account_id}') : grant;
}

function plant(route: Route): void {
  let node = ROOTS[route.version];
  for (const segment of route.template.slice(1).split('/')) {
    node = segment.startsWith('{') ? parameterOf(node) : staticOf(node, segment);
  }
  node.leaf ??= { byMethod: new Map(), fallback: { ...route, operation: 'other' } };
  node.leaf.byMethod.set(route.method, route);
}

function parameterOf(node: Node): Node {
  node.parameter ??= newNode();
  return node.parameter;
}

function staticOf(node: Node, segment: string): Node {
  while (node.statics.length <= segment.length) node.statics.push(undefined);
  const children = node.statics[segment.length] ?? [];
  node.statics[segment.length] = children;
  let child = children.find((candidate) => candidate.segment === segment);
  if (child === undefined) {
    child = { segment, node: newNode() };
    children.push(child);
  }
  return child.node;
}

function newNode(): Node {
  return { statics: [], parameter: undefined, leaf: undefined };
}

function unknownLeaf(version: ApiVersion): Leaf {
  const fallback = {
    version,
    template: 'other',
    resource: 'other',
    operation: 'other',
    proxied: false,
    endpointClass: 'other',
    accountSegment: -1,
    known: false,
  } as const;
  return { byMethod: new Map(), fallback };
}
