import { hurtingAccounts } from '@nylas-otel/instrumentation';
import { anyOf, type Check, shape, urlPath } from '../options/checks.ts';
import { configError } from '../options/config-error.ts';
import { environment } from '../options/environment.ts';
import {
  type Endpoint,
  type EndpointReply,
  type EndpointRequest,
  guardedReply,
  textReply,
} from './endpoint.ts';
import { AUTH_CHECK, type Gate, type ScrapeAuth, scrapeGate } from './scrape-auth.ts';

/** The path that serves who is hurting now, and the credentials it wants. */
export interface HurtingPathOptions {
  readonly path: string;
  /** Default: the `auth` of the metrics beside it. */
  readonly auth?: ScrapeAuth;
}

/** Checks an option that holds a path or {@link HurtingPathOptions}. */
export const HURTING_CHECK: Check = anyOf(
  'Give a path that begins with "/", or { path, auth }.',
  urlPath,
  shape({ path: urlPath, auth: AUTH_CHECK }, ['path']),
);

/** Answers with `hurtingAccounts()` as JSON: to those who have the credentials only, for it names accounts. */
export class HurtingEndpoint implements Endpoint {
  readonly #gate: Gate;

  /**
   * @param auth what a request must present
   * @param option the option that asked for it, for the error
   * @throws NylasTelemetryConfigError without credentials
   */
  constructor(auth: ScrapeAuth | false | undefined, option: string) {
    const wanted = auth ?? environment().metrics.auth;
    if (wanted === undefined || wanted === false) {
      throw configError(
        option,
        'wants credentials, because what it serves names accounts',
        'Give auth: { bearer } or { username, password } (or NYLAS_OTEL_METRICS_TOKEN); hurting: { path, auth } leaves the metrics open.',
      );
    }
    this.#gate = scrapeGate(wanted);
  }

  /** Answers one request. */
  reply(request: EndpointRequest): Promise<EndpointReply> {
    return guardedReply(this.#gate, request, () =>
      textReply('application/json; charset=utf-8', JSON.stringify(hurtingAccounts()), request.acceptEncoding),
    );
  }
}
