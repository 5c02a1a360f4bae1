import { type Connection, readConnection, requestNylas } from '@nylas-otel/accounts/tracking';
import type { ApiVersion, Outcome, Region } from '@nylas-otel/nylas-api';
import { NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';
import { connectionOptions } from './watch-options.ts';

/** What came of a request to Nylas. */
export interface NylasReply {
  /** True for a 2xx with a body that is JSON. */
  readonly ok: boolean;
  /** 0 where nothing was answered. */
  readonly status: number;
  readonly outcome: Outcome;
  readonly errorType: string | undefined;
  readonly requestId: string | undefined;
  /** Parsed JSON of a good answer. */
  readonly body: unknown;
  /** `Date` of the answer, in Unix milliseconds. */
  readonly serverTime: number | undefined;
  /** Unix milliseconds: when it was sent, and when the headers came. */
  readonly sentAt: number;
  readonly answeredAt: number;
}

/** Asks Nylas with the application's credentials. Never rejects. */
export interface NylasClient {
  readonly version: ApiVersion;
  /** Origin and prefix, without a slash at the end. */
  readonly base: string;
  request(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<NylasReply>;
  /** The same client for another region's host; undefined where `api_url` was given. */
  inRegion(region: Region): NylasClient | undefined;
}

const TIMEOUT_S = 15;
const NEVER = new AbortController().signal;

/** @throws NylasOtelError where no credentials are given */
export function nylasClient(settings: Settings, closing: AbortSignal = NEVER): NylasClient {
  return clientOf(connected(connectionOptions(settings)), settings, closing);
}

function connected(options: object): Connection {
  return readConnection({ ...options, timeout: TIMEOUT_S }, 'nylas-otel');
}

function clientOf(connection: Connection, settings: Settings, closing: AbortSignal): NylasClient {
  return {
    version: connection.profile.version,
    base: connection.base,
    request: (method, path, body) => ask(connection, closing, method, path, body),
    inRegion: (region) =>
      settings['nylas.api_url'] === undefined && region !== 'other'
        ? clientOf(connected({ ...connectionOptions(settings), region }), settings, closing)
        : undefined,
  };
}

async function ask(
  { base, authorization, profile, timeoutMs }: Connection,
  closing: AbortSignal,
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  json: object | undefined,
): Promise<NylasReply> {
  const sentAt = Date.now();
  let answeredAt = sentAt;
  let date = Number.NaN;
  const reply = await requestNylas<object>(
    { url: `${base}${path}`, authorization, method, ...(json === undefined ? {} : { json }) },
    {
      version: profile.version,
      timeoutMs,
      closing,
      fetch: async (...call) => {
        const response = await fetch(...call);
        answeredAt = Date.now();
        date = Date.parse(response.headers.get('date') ?? '');
        return response;
      },
    },
    (body) => (typeof body === 'object' && body !== null ? body : undefined),
  );
  const times = { serverTime: Number.isNaN(date) ? undefined : date, sentAt, answeredAt };
  if (reply.ok) {
    return {
      ...times,
      ok: true,
      status: 200,
      outcome: 'success',
      errorType: undefined,
      requestId: undefined,
      body: reply.value,
    };
  }
  const { status, outcome, errorType, requestId } = reply.failure;
  return { ...times, ok: false, status, outcome, errorType, requestId, body: undefined };
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
export function answerOf(reply: NylasReply, client: NylasClient): Record<string, unknown> {
  if (reply.ok) return reply.body as Record<string, unknown>;
  const message = failureInWords(reply, client.base);
  if (reply.status === 401) {
    throw new NylasOtelError(
      'refused',
      message,
      'Run nylas-otel doctor: it tells a wrong key from a wrong region.',
    );
  }
  if (reply.status === 403) {
    throw new NylasOtelError(
      'refused',
      message,
      'The application or its plan may not do this: look at the Nylas dashboard.',
    );
  }
  if (reply.status === 404) {
    throw new NylasOtelError(
      'notFound',
      message,
      'Check the id; nylas-otel accounts list shows those that exist.',
    );
  }
  throw new NylasOtelError(
    'unreachable',
    message,
    'Check the network and https://status-v3.nylas.com, then try again.',
  );
}
