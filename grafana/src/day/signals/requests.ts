import { OUTCOMES, type Outcome } from '@nylas-otel/semantic-conventions';
import { hourOf } from '../clock.ts';
import type { History, Labels } from '../history.ts';
import { STORY, within } from '../story.ts';
import { outcomeShares, ROUTES, type RouteTraffic, requestsPerMinute, slowness } from '../traffic.ts';
import { SERVICES } from './instances.ts';

const FAILURES = OUTCOMES.filter((outcome) => outcome !== 'success');
/** Where failures happen: the routes with most traffic, with all of it on them. */
const FAILING = ROUTES.slice(0, 2);

/** How a failed request looks: its status, if there was an answer, and its error type. */
const LOOKS: Readonly<
  Record<Exclude<Outcome, 'success'>, readonly [status: string | undefined, error: string]>
> = {
  client_error: ['404', 'not_found_error'],
  invalid_credentials: ['401', 'grant.refresh_token_invalid'],
  rate_limited: ['429', 'nylas_rate_limit_exceeded'],
  provider_limited: ['429', 'rate_limit_error'],
  server_error: ['503', '503'],
  provider_error: ['504', 'provider_error'],
  timeout: [undefined, 'timeout'],
  network_error: [undefined, 'ECONNRESET'],
  cancelled: [undefined, 'AbortError'],
};

/** Requests a minute of one instance that end so on a route. */
function perMinute(route: RouteTraffic, outcome: Outcome): (time: number) => number {
  const routeOfAll = route.share / SERVICES.length;
  const failing = FAILING.reduce((sum, { share }) => sum + share, 0);
  if (outcome !== 'success') {
    return (time) =>
      (requestsPerMinute(time) / SERVICES.length) *
      (outcomeShares(time)[outcome] ?? 0) *
      (route.share / failing);
  }
  return (time) => {
    const failed = FAILURES.reduce((sum, failure) => sum + (outcomeShares(time)[failure] ?? 0), 0);
    const failedHere = FAILING.includes(route) ? (failed * route.share) / failing / SERVICES.length : 0;
    return requestsPerMinute(time) * Math.max(0, routeOfAll - failedHere);
  };
}

export async function requestSignals(history: History): Promise<void> {
  for (const service of SERVICES) {
    for (const route of ROUTES) {
      await answered(history, service, route, 'success');
    }
    for (const route of FAILING) {
      for (const outcome of FAILURES) await answered(history, service, route, outcome);
    }
    for (const host of new Set(ROUTES.map((route) => route.host))) {
      const version = host === 'api.nylas.com' ? 'v2' : 'v3';
      const share = ROUTES.filter((route) => route.host === host).reduce(
        (sum, route) => sum + route.share,
        0,
      );
      await history.gauge(
        'nylas.client.requests.active',
        { ...service, 'nylas.api.version': version, 'server.address': host },
        (time) => Math.round((requestsPerMinute(time) / 60) * share * 0.5 * slowness(time)),
      );
    }
    for (const [caller, share] of [
      ['GET /inbox', 0.5],
      ['GET /calendar', 0.2],
      ['job nightly-export', 0.1],
      ['POST /send', 0.2],
    ] as const) {
      const batch = caller.startsWith('job') ? 1 : 0;
      await history.counter(
        'nylas.client.caller.requests',
        { ...service, 'nylas.caller': caller, 'nylas.outcome': 'success' },
        (time) =>
          (requestsPerMinute(time) / SERVICES.length) *
          (share + batch * 0.7 * within(STORY.batch, hourOf(time))),
      );
    }
  }
}

async function answered(
  history: History,
  service: Labels,
  route: RouteTraffic,
  outcome: Outcome,
): Promise<void> {
  const rate = perMinute(route, outcome);
  const median = (time: number): number =>
    outcome === 'timeout'
      ? 60
      : outcome === 'success'
        ? route.median * slowness(time)
        : 0.15 * slowness(time);
  const common = {
    ...service,
    'http.request.method': route.method,
    'url.template': route.template,
    'nylas.api.version': route.version,
  };
  await history.histogram(
    'nylas.client.request.duration',
    { ...common, 'nylas.outcome': outcome },
    rate,
    median,
  );
  const [status, error] = outcome === 'success' ? ['200', undefined] : LOOKS[outcome];
  await history.counter(
    'nylas.client.requests',
    {
      ...common,
      'server.address': route.host,
      ...(status === undefined ? {} : { 'http.response.status_code': status }),
      ...(error === undefined ? {} : { 'error.type': error }),
    },
    rate,
  );
  // One series a template: the first of its methods stands for all.
  const first = ROUTES.find(({ template }) => template === route.template) === route;
  if (outcome === 'success' && route.version === 'v3' && first) {
    const labels = { ...service, 'url.template': route.template };
    await history.counter(
      'nylas.client.provider.requests',
      labels,
      (time) => rate(time) * (route.template.endsWith('threads') ? 6.5 : 1.4),
    );
    await history.counter(
      'nylas.client.gmail.quota',
      labels,
      (time) => rate(time) * (route.template.endsWith('send') ? 100 : 12),
    );
  }
}
