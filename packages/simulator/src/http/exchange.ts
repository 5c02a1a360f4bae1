import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { matchRoute } from '@nylas-otel/nylas-api';
import { type Filters, filterFrom } from '../data/filters.ts';
import type { JsonObject } from '../data/mailbox.ts';
import { templateShape } from '../faults/route-pattern.ts';
import type { Account } from '../stores/account-store.ts';
import type { Grant } from '../stores/grant-store.ts';
import type { World } from '../world.ts';
import { type ErrorDetails, jsonReply, type Reply, v2Error, v3Error } from './reply.ts';
import type { OpenRecord } from './request-log.ts';
import type { CompiledRoute } from './router.ts';

/** Which of the two APIs a path belongs to. */
export type ApiVersion = 'v2' | 'v3';

/** Either kind of request Node hands us. */
export type NodeRequest = IncomingMessage | Http2ServerRequest;
/** Either kind of response Node hands us. */
export type NodeResponse = ServerResponse | Http2ServerResponse;

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null) as Record<string, string>,
);
const NO_BYTES = Buffer.alloc(0);

/** One request on its way through the simulator: what is known about it so far. */
export class Exchange {
  readonly world: World;
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  readonly method: string;
  /** Path as sent, without query. */
  readonly path: string;
  /** Query as sent, with its `?`, or an empty string. */
  readonly search: string;
  readonly version: ApiVersion;
  readonly requestId: string;
  readonly record: OpenRecord;
  route: CompiledRoute | undefined;
  /** Decoded path parameters by template name. */
  params: Readonly<Record<string, string>> = NO_PARAMS;
  grant: Grant | undefined;
  account: Account | undefined;
  /** Bytes of the request body, once read. */
  bytes: Buffer = NO_BYTES;
  /** Parsed JSON body, or an empty object. */
  body: JsonObject = {};
  /** Called once the answer is on its way, or the client is gone. */
  whenAnswered: (() => void) | undefined;
  #query: URLSearchParams | undefined;

  constructor(world: World, request: NodeRequest, response: NodeResponse) {
    this.world = world;
    this.request = request;
    this.response = response;
    this.method = request.method ?? 'GET';
    const url = request.url ?? '/';
    const at = url.indexOf('?');
    this.path = at < 0 ? url : url.slice(0, at);
    this.search = at < 0 ? '' : url.slice(at);
    this.version = this.path.startsWith('/v3/') ? 'v3' : 'v2';
    this.requestId = world.nextRequestId();
    this.record = {
      id: 0,
      time: world.now(),
      method: this.method,
      path: this.path,
      query: this.search,
      headers: request.headers,
      httpVersion: request.httpVersion,
      template: undefined,
      grantId: undefined,
      accountId: undefined,
      requestId: this.requestId,
      status: undefined,
      fault: undefined,
      bodyBytes: 0,
      body: undefined,
    };
  }

  /** The query's values; parsed when first asked for. */
  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.search);
    return this.#query;
  }

  /** The filter that the query asks for, or undefined. */
  filter(filters: Filters): ((object: JsonObject) => boolean) | undefined {
    return this.search === '' ? undefined : filterFrom(this.query, filters);
  }

  /** The template with its parameter names taken out, as faults compare it; also of paths only Nylas has. */
  get shape(): string {
    return this.route?.shape ?? templateShape(matchRoute(this.version, this.method, this.path).template);
  }

  /** A path parameter; routes ask only for those their template has. */
  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** A header as one text, or undefined. */
  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  /** The grant the route is about; only for routes below `/v3/grants/{grant_id}`. */
  get mailbox(): Grant {
    if (this.grant === undefined) throw new TypeError(`${this.path}: the route needs a grant and has none`);
    return this.grant;
  }

  /** The account the token stands for; only for v2 data routes. */
  get holder(): Account {
    if (this.account === undefined)
      throw new TypeError(`${this.path}: the route needs an account and has none`);
    return this.account;
  }

  /** v3: `{request_id, data}`. */
  item(data: unknown, status = 200): Reply {
    return jsonReply(status, { request_id: this.requestId, data });
  }

  /** v3: `{request_id, data: [...], next_cursor?}`; an absent cursor is left out. */
  items(data: readonly unknown[], next?: string): Reply {
    return jsonReply(200, { request_id: this.requestId, data, next_cursor: next });
  }

  /** v3: `{request_id}` alone, the answer to a deletion. */
  done(status = 200): Reply {
    return jsonReply(status, { request_id: this.requestId });
  }

  /** v3: an error in the standard shape. */
  fail(status: number, type: string, message: string, details?: ErrorDetails): Reply {
    return v3Error(this.requestId, status, type, message, details);
  }

  /** An error in the shape of the API the path belongs to. */
  refuse(status: number, type: string, message: string): Reply {
    return this.version === 'v3' ? this.fail(status, type, message) : v2Error(status, type, message);
  }

  /** v3: 404 for an object that does not exist. */
  missing(): Reply {
    return this.version === 'v3'
      ? this.fail(404, 'not_found_error', 'requested object not found')
      : v2Error(404, 'invalid_request_error', `Couldn't find ${this.route?.template ?? this.path}`);
  }
}
