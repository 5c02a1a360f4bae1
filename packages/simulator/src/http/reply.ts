import type { JsonObject } from '../data/mailbox.ts';
import type { NodeResponse } from './exchange.ts';

/** A body that is made while it is sent, with back-pressure: `length` bytes of one value. */
export class StreamedBody {
  readonly length: number;
  readonly byte: number;

  constructor(length: number, byte: number) {
    this.length = length;
    this.byte = byte;
  }
}

/** What a route answers; the pipeline adds ids, compression and transport headers. */
export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer | StreamedBody;
  /** Further headers: name, value, name, value. */
  readonly headers?: readonly string[];
  /** Provider calls behind this answer, for `Nylas-Provider-Request-Count`. Default 1 on proxied routes. */
  readonly providerCalls?: number;
  /** Takes the response over after its headers, as a stream of events does; `body` is not sent. */
  readonly live?: (response: NodeResponse) => void;
  /** From the edge in front of Nylas: carries no request id. */
  readonly edge?: boolean;
  /** False sends the body as it is, whatever the client accepts. */
  readonly compress?: boolean;
  /** Ends the answer in a particular way on the wire. */
  readonly wire?: WireEnding;
}

/** How an answer goes wrong on the wire. */
export interface WireEnding {
  readonly how: 'stall' | 'reset';
  /** Bytes of the body that are sent before; default half. */
  readonly afterBytes: number | undefined;
}

const JSON_TYPE = 'application/json';

/** A JSON answer as it stands. */
export function jsonReply(status: number, value: unknown, headers?: readonly string[]): Reply {
  const body = JSON.stringify(value);
  return headers === undefined
    ? { status, type: JSON_TYPE, body }
    : { status, type: JSON_TYPE, body, headers };
}

/** A text answer. */
export function textReply(
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
  headers?: readonly string[],
): Reply {
  return headers === undefined ? { status, type, body } : { status, type, body, headers };
}

/** Details of a v3 error beyond type and message. */
export interface ErrorDetails {
  readonly providerError?: unknown;
  readonly validationErrors?: JsonObject;
  readonly headers?: readonly string[];
}

/** The standard v3 error body: `{request_id, error: {type, message, ...}}`. */
export function v3Error(
  requestId: string,
  status: number,
  type: string,
  message: string,
  details: ErrorDetails = {},
): Reply {
  const error: JsonObject = { type, message };
  if (details.validationErrors !== undefined) error.validation_errors = details.validationErrors;
  if (details.providerError !== undefined) error.provider_error = details.providerError;
  return jsonReply(status, { request_id: requestId, error }, details.headers);
}

/** The v3 OAuth error body of `/v3/connect/*`. */
export function oauthError(requestId: string, status: number, error: string, description: string): Reply {
  return jsonReply(status, {
    error,
    error_description: description,
    error_uri: 'developer.nylas.com/docs/api/errors/400-response/',
    error_code: status,
    request_id: requestId,
  });
}

/** The v2 error body: `{message, type}` and what the case adds. */
export function v2Error(
  status: number,
  type: string | undefined,
  message: string,
  extra: JsonObject = {},
  headers?: readonly string[],
): Reply {
  return jsonReply(status, type === undefined ? { message, ...extra } : { message, type, ...extra }, headers);
}

/** The v2 answer to a missing or wrong token: plain text, with a challenge. */
export function v2Unauthorized(): Reply {
  return textReply(401, 'Could not verify access credential.', 'text/html; charset=utf-8', [
    'www-authenticate',
    'Basic realm="API Access Token Required"',
  ]);
}
