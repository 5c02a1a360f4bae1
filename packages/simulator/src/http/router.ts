import type { EndpointClass } from '@nylas-otel/nylas-api';
import FindMyWay from 'find-my-way';
import type { Exchange } from './exchange.ts';
import type { Reply } from './reply.ts';

/** HTTP methods that routes use. */
export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** Which credential a route takes: API key or grant token, none, session, v2 access token, v2 client secret. */
export type Credential = 'key' | 'none' | 'session' | 'token' | 'secret';

/** A route as its table says it. */
export interface Route {
  readonly method: Method;
  /** As in the documentation: `/v3/grants/{grant_id}/messages`. */
  readonly template: string;
  readonly handle: (exchange: Exchange) => Reply | Promise<Reply>;
  /** Default: `key` for v3, `token` for v2. */
  readonly credential?: Credential;
  /** Parse a JSON body before `handle`: `required` answers 400 to an absent one. Default: read it where there is one. */
  readonly json?: 'required' | 'never';
  /** Hand the body over as bytes, whatever it is. */
  readonly raw?: boolean;
}

/** A route with everything about it worked out once. */
export interface CompiledRoute extends Route {
  readonly credential: Credential;
  /** The simulated provider is asked: its headers are on the answer, and Microsoft takes four at a time. */
  readonly proxied: boolean;
  /** A read of a mailbox whose answer depends on nothing but the mailbox. */
  readonly cacheable: boolean;
  /** The documented rate limit it falls under. */
  readonly limit: EndpointClass;
  /** The template with its parameter names taken out. */
  readonly shape: string;
  /** Below `/v3/grants/{grant_id}/`. */
  readonly needsGrant: boolean;
}

/** A route and the decoded values of its parameters. */
export interface Match {
  readonly route: CompiledRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a path; static segments win over parameters, trailing slashes do not count. */
export class Router {
  readonly #tree: FindMyWay.Instance<FindMyWay.HTTPVersion.V1>;

  constructor(routes: readonly CompiledRoute[]) {
    this.#tree = FindMyWay({ ignoreTrailingSlash: true, maxParamLength: 8192 });
    for (const route of routes) {
      const path = route.template.replace(/\{(\w+)\}/g, ':$1');
      this.#tree.on(route.method, path, () => undefined, route);
    }
  }

  /** The route, or undefined. Never throws, whatever the path. */
  find(method: string, path: string): Match | undefined {
    const found = this.#tree.find(method as FindMyWay.HTTPMethod, path);
    return found === null
      ? undefined
      : { route: found.store as CompiledRoute, params: found.params as Record<string, string> };
  }
}
