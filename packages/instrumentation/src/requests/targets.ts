import { type ApiVersion, findHost, matchRoute, type Region, type Route } from '@nylas-otel/nylas-api';
import type { NylasHostConfig } from '../config.ts';
import type { SpanShape } from './span-shape.ts';

/** An origin that serves the Nylas API. One object an origin: callers key caches by it. */
export interface Target {
  readonly origin: string;
  readonly scheme: string;
  readonly address: string;
  readonly port: number;
  readonly region: Region;
  /** `both`: decided by the path. */
  readonly version: ApiVersion | 'both';
  /** What the spans of each route have in common, kept here for the hot path. */
  readonly shapes: Map<Route, SpanShape>;
}

/** The route of a request to a target. */
export function routeOf(target: Target, method: string, path: string): Route {
  const version =
    target.version === 'both' ? (path.startsWith('/v3/') || path === '/v3' ? 'v3' : 'v2') : target.version;
  return matchRoute(version, method, path);
}

/** The path, with its query, of an absolute URL at a target. */
export function pathOf(url: string, target: Target): string {
  if (startsAt(url, target)) return url.slice(target.origin.length);
  const slash = pathStart(url);
  return slash < 0 ? '/' : url.slice(slash);
}

function startsAt(url: string, { origin }: Target): boolean {
  return url.charCodeAt(origin.length) === SLASH && url.startsWith(origin);
}

function pathStart(url: string): number {
  return url.indexOf('/', url.indexOf('://') + 3);
}

// Origins a process talks to are few; a crawler's are not.
const MOST_ORIGINS = 1_000;
const SLASH = 47;
const DEFAULT_PORT: { readonly [scheme: string]: number } = { http: 80, https: 443 };

/** Which origins serve the Nylas API, remembered by origin: most requests of a host go elsewhere and must cost nothing. */
export class Targets {
  // null: looked at and foreign.
  readonly #byOrigin = new Map<string, Target | null>();
  readonly #byHttpHost = new Map<string, Target | null>();
  readonly #byHttpsHost = new Map<string, Target | null>();
  readonly #extra = new Map<string, Required<NylasHostConfig>>();
  // The one found last: comparing two strings takes a fifth of finding a fresh one in a `Map`.
  #last: Target | undefined;

  constructor(extra: readonly Required<NylasHostConfig>[] = []) {
    for (const host of extra) this.#extra.set(host.host.toLowerCase(), host);
  }

  /** The target of an origin such as `https://api.us.nylas.com`, undefined for a foreign one. */
  find(origin: unknown): Target | undefined {
    const key = typeof origin === 'string' ? origin : String(origin);
    const last = this.#last;
    if (last !== undefined && last.origin === key) return last;
    let known = this.#byOrigin.get(key);
    if (known === undefined) {
      if (this.#byOrigin.size >= MOST_ORIGINS) this.#byOrigin.clear();
      known = this.#resolve(key) ?? null;
      this.#byOrigin.set(key, known);
    }
    if (known === null) return undefined;
    this.#last = known;
    return known;
  }

  /**
   * The target of a node:http request, by its protocol (`https:`) and its host with the port. Not by the origin: putting
   * that together and hashing it takes longer than all the rest for a foreign request.
   */
  atHost(protocol: string, host: string): Target | undefined {
    const hosts = protocol === 'https:' ? this.#byHttpsHost : this.#byHttpHost;
    let known = hosts.get(host);
    if (known === undefined) {
      if (hosts.size >= MOST_ORIGINS) hosts.clear();
      known = this.find(`${protocol}//${host}`) ?? null;
      hosts.set(host, known);
    }
    return known ?? undefined;
  }

  /** The target of an absolute URL, undefined for a foreign one. */
  ofUrl(url: string): Target | undefined {
    const last = this.#last;
    if (last !== undefined && startsAt(url, last)) return last;
    const slash = pathStart(url);
    const origin = slash < 0 ? url : url.slice(0, slash);
    // `user:password@` never belongs in telemetry, and would hide the host.
    return this.find(origin.includes('@') ? origin.replace(/\/\/[^/]*@/, '//') : origin);
  }

  #resolve(origin: string): Target | undefined {
    let url: URL;
    try {
      url = new URL(origin);
    } catch {
      return undefined;
    }
    const scheme = url.protocol.slice(0, -1);
    const extra = this.#extra.get(url.host) ?? this.#extra.get(url.hostname);
    const host = extra ?? findHost(url.hostname);
    if (host === undefined) return undefined;
    return {
      origin: `${scheme}://${url.host}`,
      scheme,
      address: url.hostname,
      port: url.port === '' ? (DEFAULT_PORT[scheme] ?? 0) : Number(url.port),
      region: host.region,
      version: host.version,
      shapes: new Map(),
    };
  }
}
