import {
  type ApiVersion,
  classifyFailure,
  classifyResponse,
  NYLAS_HOSTS,
  type Outcome,
  type Region,
} from '@nylas-otel/nylas-api';
import { NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';

/** What came of a request to Nylas. */
export interface NylasReply {
  /** True for a 2xx with a body that is JSON. */
  readonly ok: boolean;
  /** 0 where nothing was answered. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  /** Parsed JSON, else the text. */
  readonly body: unknown;
  /** `Date` of the answer, in Unix milliseconds. */
  readonly serverTime: number | undefined;
  /** Unix milliseconds: when it was sent, and when the headers came. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Answered by a host that is not the one asked: some proxy or portal. */
  readonly redirected: boolean;
}

/** Asks Nylas with the application's credentials. Never rejects. */
export interface NylasClient {
  readonly version: ApiVersion;
  /** Origin and prefix, without a slash at the end. */
  readonly base: string;
  request(method: string, path: string, body?: object): Promise<NylasReply>;
  /** The same client for another region's host; undefined where `api_url` was given. */
  inRegion(region: Region): NylasClient | undefined;
}

const TIMEOUT_MS = 15_000;

/** How requests are authorised: as API v3 wants it where there is an API key, else as v2 does. */
interface Access {
  readonly version: ApiVersion;
  readonly authorization: string;
}

/** True where there are credentials for some version of the API. */
export function hasCredentials(settings: Settings): boolean {
  return accessOf(settings) !== undefined;
}

/** @throws NylasOtelError where no credentials are given */
export function nylasClient(settings: Settings, fetcher: typeof fetch = fetch): NylasClient {
  const access = accessOf(settings);
  if (access === undefined) {
    throw new NylasOtelError(
      'usage',
      'There are no credentials for Nylas.',
      'Set NYLAS_API_KEY (API v3), or NYLAS_CLIENT_ID and NYLAS_CLIENT_SECRET (API v2); each also as NAME_FILE with a path.',
    );
  }
  return clientAt(baseOf(settings, access.version, settings['nylas.region']), access, settings, fetcher);
}

function accessOf(settings: Settings): Access | undefined {
  const key = settings['nylas.api_key'];
  if (key !== undefined) return { version: 'v3', authorization: `Bearer ${key}` };
  const secret = settings['nylas.client_secret'];
  if (settings['nylas.client_id'] === undefined || secret === undefined) return undefined;
  return { version: 'v2', authorization: `Basic ${Buffer.from(`${secret}:`).toString('base64')}` };
}

function baseOf(settings: Settings, version: ApiVersion, region: Region): string {
  const given = settings['nylas.api_url'];
  if (given !== undefined) return given.replace(/\/+$/, '');
  // Nylas sends Canadian applications to the US host in v3.
  const wanted = version === 'v3' && region === 'ca' ? 'us' : region;
  const host = NYLAS_HOSTS.find((known) => known.version === version && known.region === wanted);
  return `https://${host?.host}`;
}

function clientAt(base: string, access: Access, settings: Settings, fetcher: typeof fetch): NylasClient {
  return {
    version: access.version,
    base,
    request: (method, path, body) => ask(fetcher, `${base}${path}`, method, access, body),
    inRegion: (region) =>
      settings['nylas.api_url'] === undefined
        ? clientAt(baseOf(settings, access.version, region), access, settings, fetcher)
        : undefined,
  };
}

async function ask(
  fetcher: typeof fetch,
  url: string,
  method: string,
  { version, authorization }: Access,
  body: object | undefined,
): Promise<NylasReply> {
  const sentAt = Date.now();
  try {
    const response = await fetcher(url, {
      method,
      headers: {
        accept: 'application/json',
        authorization,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would take the credentials elsewhere.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answeredAt = Date.now();
    const text = await response.text();
    const parsed = parseJson(text);
    const { status } = response;
    const facts = classifyResponse({
      version,
      status,
      header: (name) => response.headers.get(name) ?? undefined,
      body: parsed,
    });
    const date = Date.parse(response.headers.get('date') ?? '');
    const success = status >= 200 && status < 300;
    const readable = typeof parsed === 'object' && parsed !== null;
    return {
      ok: success && readable,
      status,
      outcome: success && !readable ? 'server_error' : facts.outcome,
      errorType: facts.errorType,
      requestId: facts.requestId,
      body: parsed,
      serverTime: Number.isNaN(date) ? undefined : date,
      sentAt,
      answeredAt,
      redirected: status >= 300 && status < 400,
    };
  } catch (error) {
    const { outcome, errorType } = classifyFailure(error);
    return {
      ok: false,
      status: 0,
      outcome,
      errorType,
      requestId: undefined,
      body: undefined,
      serverTime: undefined,
      sentAt,
      answeredAt: Date.now(),
      redirected: false,
    };
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** What went wrong with a request, as a sentence. */
export function failureInWords({ status, outcome, errorType, requestId }: NylasReply, base: string): string {
  const host = new URL(base).host;
  const id = requestId === undefined ? '' : `, request id ${requestId}`;
  if (status === 0) return `${host} did not answer (${errorType ?? outcome}).`;
  return `${host} answered ${status}${errorType === undefined ? '' : ` ${errorType}`}${id}.`;
}

/**
 * The value of a good reply.
 *
 * @throws NylasOtelError for any other, with what to do
 */
export function valueOf(reply: NylasReply, client: NylasClient): Record<string, unknown> {
  if (reply.ok) return reply.body as Record<string, unknown>;
  const message = failureInWords(reply, client.base);
  if (reply.status === 401) {
    throw new NylasOtelError('refused', message, 'Run nylas-otel doctor: it tells a wrong key from a wrong region.');
  }
  if (reply.status === 403) {
    throw new NylasOtelError('refused', message, 'The application or its plan may not do this: look at the Nylas dashboard.');
  }
  if (reply.status === 404) {
    throw new NylasOtelError('notFound', message, 'Check the id; nylas-otel accounts list shows those that exist.');
  }
  throw new NylasOtelError('unreachable', message, 'Check the network and https://status-v3.nylas.com, then try again.');
}
