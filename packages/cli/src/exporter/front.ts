import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  answer,
  type Endpoint,
  type EndpointRequest,
  type Gate,
  guardedReply,
  MetricsEndpoint,
  pathOf,
  plainReply,
  type ScrapeAuth,
  scrapeGate,
  textReply,
} from '@nylas-otel/node/parts';
import type { Settings } from '../options/settings.ts';

/** Whether the exporter can do its work, and if not, why. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

/** The path that says which accounts hurt now. */
const HURTING_PATH = '/-/hurting';

/**
 * What the exporter serves to Prometheus and to whoever watches over processes: `/metrics`, `/-/healthy`, `/-/ready` and,
 * where credentials are set, `/-/hurting`. Answers before anything heavy is loaded.
 */
export class Front {
  #endpoints: ReadonlyMap<string, Endpoint> = new Map();
  #metricsPath = '';
  readonly #readiness: () => Readiness;

  constructor(settings: Settings, readiness: () => Readiness) {
    this.#readiness = readiness;
    this.reload(settings);
  }

  /** Takes other paths and credentials. */
  reload(settings: Settings): void {
    const auth = scrapeAuth(settings);
    this.#metricsPath = settings['metrics.path'];
    this.#endpoints = new Map<string, Endpoint>([
      ['/', { reply: (request) => this.#landing(request) }],
      ['/-/healthy', open(async () => plainReply(200, 'The exporter is alive.'))],
      ['/-/ready', open(() => this.#ready())],
      ...(auth === undefined ? [] : [[HURTING_PATH, hurtingEndpoint(scrapeGate(auth))] as const]),
      [this.#metricsPath, new MetricsEndpoint({ auth: auth ?? false })],
    ]);
  }

  /** Answers a request. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const path = pathOf(request.url);
    const endpoint = this.#endpoints.get(path) ?? open(async () => plainReply(404, this.#notFound(path)));
    void answer(endpoint, request, response);
  }

  async #ready(): ReturnType<Endpoint['reply']> {
    const readiness = this.#readiness();
    return readiness.ready
      ? plainReply(200, 'The exporter is ready.')
      : plainReply(503, `Not ready: ${readiness.reason}`);
  }

  #notFound(path: string): string {
    return path === HURTING_PATH
      ? 'Not served without credentials, because it names accounts: set NYLAS_OTEL_METRICS_TOKEN_FILE.'
      : `Not Found: the metrics are at ${this.#metricsPath}`;
  }

  #landing(request: EndpointRequest): ReturnType<Endpoint['reply']> {
    const paths = [...this.#endpoints.keys()].filter((path) => path !== '/');
    const links = paths.map((path) => `<li><a href="${encodeURI(path)}">${path}</a></li>`).join('');
    const page = `<!doctype html><title>nylas-otel exporter</title><h1>nylas-otel exporter</h1><ul>${links}</ul>`;
    return guardedReply(undefined, request, () => textReply('text/html; charset=utf-8', page, undefined));
  }
}

/** What a scrape must present; undefined: nothing. */
function scrapeAuth(settings: Settings): ScrapeAuth | undefined {
  const bearer = settings['metrics.token'];
  if (bearer !== undefined) return { bearer };
  const basic = settings['metrics.basic_auth'];
  if (basic === undefined) return undefined;
  const colon = basic.indexOf(':');
  return { username: basic.slice(0, colon), password: basic.slice(colon + 1) };
}

function open(reply: () => ReturnType<Endpoint['reply']>): Endpoint {
  return { reply: (request) => guardedReply(undefined, request, reply) };
}

function hurtingEndpoint(gate: Gate): Endpoint {
  return {
    reply: (request) =>
      guardedReply(gate, request, async () => {
        // Loaded by the exporter's work anyway, but not before the first /metrics.
        const { hurtingAccounts } = await import('@nylas-otel/instrumentation');
        return textReply(
          'application/json; charset=utf-8',
          JSON.stringify(hurtingAccounts()),
          request.acceptEncoding,
        );
      }),
  };
}
