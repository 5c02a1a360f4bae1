/** What Express 4 and 5 add to a request, as far as a route template needs it. */
export interface ExpressRequest {
  readonly baseUrl?: string;
  readonly route?: Route | undefined;
  readonly app?: App | undefined;
}

interface Route {
  readonly path?: unknown;
}

interface App {
  readonly parent?: App | undefined;
  /** Express 4; its `router` throws. */
  readonly _router?: Router | undefined;
  /** Express 5. */
  readonly router?: Router | undefined;
}

interface Router {
  readonly stack?: readonly Layer[];
}

interface Layer {
  readonly name?: string;
  readonly route?: Route | undefined;
  readonly handle?: Router;
  readonly path?: string | undefined;
  readonly params?: { readonly [name: string]: unknown } | undefined;
  match?(path: string): boolean | Match;
}

/** What a layer matched: answered by `match` from router 2.3 (Express 5.3), before that left on the layer. */
interface Match {
  readonly path?: string | undefined;
  readonly params?: { readonly [name: string]: unknown } | undefined;
  /** What was written, from router 2.3. */
  readonly pattern?: unknown;
}

/**
 * The template of the route that handles an Express request: mounts and route as they were written, `/users/:id/mail`.
 * Undefined while no route has matched. Never a part of the raw path: `req.baseUrl` holds the real values of a mount's
 * parameters, so mounts are looked up in the application's own routers; one that is not found there is `/*`.
 */
export function expressRoute(request: ExpressRequest): string | undefined {
  const { route, baseUrl } = request;
  if (route === undefined || route === null) return undefined;
  const own = routePath(route.path);
  if (own === undefined) return undefined;
  if (!baseUrl) return own;
  const mounts = mountTemplate(request.app, route, baseUrl) ?? '/*';
  return own === '/' ? mounts : mounts + own;
}

/** A route's path as it was written: a string, a regular expression, or a list of them. */
function routePath(path: unknown): string | undefined {
  if (typeof path === 'string') return path;
  if (path instanceof RegExp) return String(path);
  if (Array.isArray(path)) return path.map(String).join('|');
  return undefined;
}

function mountTemplate(app: App | undefined, route: Route, baseUrl: string): string | undefined {
  const apps: App[] = [];
  for (let at = app; at !== undefined && at !== null; at = at.parent) apps.unshift(at);
  try {
    return followMounts(apps, 0, stackOf(apps[0]), route, baseUrl);
  } catch {
    // An application whose routers look different: the mount stays unknown.
    return undefined;
  }
}

/** Follows `rest` of a base URL through mounted routers and applications to the one that holds the route. */
function followMounts(
  apps: readonly App[],
  depth: number,
  stack: readonly Layer[],
  route: Route,
  rest: string,
): string | undefined {
  for (const layer of stack) {
    if (layer.route !== undefined) {
      if (layer.route === route && rest === '') return '';
      continue;
    }
    // A mounted application is a closure: its router is found by its place in the chain of parents.
    const isApp = layer.name === 'mounted_app';
    const inner = isApp ? stackOf(apps[depth + 1]) : (layer.handle?.stack ?? []);
    const match = inner.length === 0 ? undefined : matchOf(layer, rest === '' ? '/' : rest);
    if (match === undefined) continue;
    const piece = withoutSlash(match.path);
    if (!rest.startsWith(piece)) continue;
    const template = pieceTemplate(layer, match, piece);
    const deeper = followMounts(apps, isApp ? depth + 1 : depth, inner, route, rest.slice(piece.length));
    if (deeper !== undefined) return template + deeper;
  }
  return undefined;
}

function stackOf(app: App | undefined): readonly Layer[] {
  return (app?._router ?? app?.router)?.stack ?? [];
}

function matchOf(layer: Layer, path: string): Match | undefined {
  const match = layer.match?.(path);
  if (match === undefined || match === false) return undefined;
  return match === true ? { path: layer.path, params: layer.params } : match;
}

// A mount's template does not depend on the values in it; finding it out costs some tens of microseconds.
const templates = new WeakMap<Layer, Map<number, string>>();

/** The part of a path that a mount matched, as it was written: `/users/42` is `/users/:id`. */
function pieceTemplate(layer: Layer, { params = {}, pattern }: Match, piece: string): string {
  if (typeof pattern === 'string') return withoutSlash(pattern);
  const segments = piece.split('/');
  const known = templates.get(layer) ?? new Map<number, string>();
  templates.set(layer, known);
  let template = known.get(segments.length);
  if (template === undefined) {
    const parameters = Object.entries(params);
    template = segments
      .map((segment, index) => {
        if (isLiteral(layer, segments, index)) return segment;
        const parameter = parameters.find(([, value]) => value === decoded(segment));
        return parameter === undefined ? '*' : `:${parameter[0]}`;
      })
      .join('/');
    known.set(segments.length, template);
  }
  return template;
}

/**
 * True when the mount matches no other text in this place. Tried out, since before router 2.3 what was written is kept in
 * different ways or not at all (strings, patterns, regular expressions, lists).
 */
function isLiteral(layer: Layer, segments: readonly string[], index: number): boolean {
  for (const other of similar(segments[index] as string)) {
    const path = segments.with(index, other).join('/');
    if (withoutSlash(matchOf(layer, path)?.path) === path) return false;
  }
  return true;
}

function withoutSlash(path: string | undefined): string {
  return path?.replace(/\/$/, '') ?? '';
}

/** The segment with one character changed for another of its kind, for each of its characters. */
function* similar(segment: string): Generator<string> {
  for (let i = 0; i < segment.length; i++) {
    const other = OTHERS.find(([kind]) => kind.test(segment[i] as string));
    if (other === undefined) continue;
    for (const replacement of other[1]) {
      if (replacement !== segment[i]) yield segment.slice(0, i) + replacement + segment.slice(i + 1);
    }
  }
}

const OTHERS: ReadonlyArray<readonly [RegExp, readonly string[]]> = [
  [/[0-9]/, ['1', '7']],
  [/[a-f]/, ['a', 'd']],
  [/[g-z]/, ['k', 't']],
  [/[A-F]/, ['B', 'E']],
  [/[G-Z]/, ['H', 'V']],
  [/./, ['-', '_']],
];

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
