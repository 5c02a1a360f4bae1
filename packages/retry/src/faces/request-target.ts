import { type ApiVersion, accountFromPath, findHost, matchRoute, type Route } from '@nylas-otel/nylas-api';
import { currentScope } from '@nylas-otel/telemetry';
import { credentialName } from '../engine/applications.ts';

/** A request to Nylas, as the policy needs to know it. */
export interface RequestTarget {
  readonly route: Route;
  /** Host name without port. */
  readonly host: string;
  readonly account: string | undefined;
  readonly application: string;
}

/**
 * What a request to an URL asks of Nylas; undefined for a host that is not one of Nylas's or `hosts`.
 *
 * @param authorization reads the request's `Authorization` header; asked for Nylas hosts only
 */
export function requestTarget(
  url: URL,
  method: string,
  hosts: ReadonlyMap<string, ApiVersion | 'both'>,
  authorization: () => string | undefined,
): RequestTarget | undefined {
  const { hostname } = url;
  const served = findHost(hostname)?.version ?? hosts.get(url.host) ?? hosts.get(hostname);
  if (served === undefined) return undefined;
  const { pathname } = url;
  const version = served === 'both' ? (pathname.startsWith('/v3/') ? 'v3' : 'v2') : served;
  const route = matchRoute(version, method, pathname);
  return { route, host: hostname, ...identity(route, pathname, authorization()) };
}

/** Whose limits a request counts against. */
export function identity(
  route: Route,
  path: string,
  authorization: string | undefined,
): { account: string | undefined; application: string } {
  const application = credentialName(authorization);
  const named = accountFromPath(route, path);
  // `me` is whoever the token belongs to; v2 data paths name no account, the token is the account's.
  const account =
    named !== undefined && named !== 'me'
      ? named
      : named === 'me' || (route.version === 'v2' && isAccountRoute(route))
        ? (currentScope()?.account ?? application)
        : undefined;
  return { account, application };
}

function isAccountRoute({ endpointClass }: Route): boolean {
  return endpointClass !== 'v2_application' && endpointClass !== 'v2_ip_addresses';
}
