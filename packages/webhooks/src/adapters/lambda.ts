import { bodyAlreadyParsed } from '../errors.ts';
import type { BodyLimits, WebhookRequest } from '../receiver/exchange.ts';
import type { WebhookOptions } from '../receiver/options.ts';
import { receiverOf, type WebhookReceiver } from '../receiver/receiver.ts';
import { bodyTooLarge, takeWhole } from './node-body.ts';

/** What is needed of an event of API Gateway (payload 1.0 or 2.0), a function URL, or a load balancer. */
export interface LambdaEventLike {
  /** Payload 1.0. */
  readonly httpMethod?: string;
  /** Payload 2.0. */
  readonly requestContext?: { readonly http?: { readonly method?: string } };
  readonly headers?: { readonly [name: string]: string | undefined } | null;
  readonly multiValueHeaders?: { readonly [name: string]: readonly string[] | undefined } | null;
  /** Payload 2.0. */
  readonly rawQueryString?: string;
  readonly queryStringParameters?: { readonly [name: string]: string | undefined } | null;
  readonly multiValueQueryStringParameters?: {
    readonly [name: string]: readonly string[] | undefined;
  } | null;
  readonly body?: unknown;
  readonly isBase64Encoded?: boolean;
}

/** The answer, in the shape of either payload. */
export interface LambdaResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly isBase64Encoded: false;
}

/** A Lambda handler. */
export interface LambdaWebhooks {
  (event: LambdaEventLike): Promise<LambdaResult>;
  readonly receiver: WebhookReceiver;
}

const REMEDY =
  "Call lambdaWebhooks() with the event as AWS gives it, before middy's httpJsonBodyParser or the like.";

/**
 * Receives webhooks in AWS Lambda behind API Gateway (payload 1.0 or 2.0) or a function URL:
 * `export const handler = lambdaWebhooks({...})`.
 *
 * Payload 1.0 garbles compressed deliveries unless the API declares binary media types (all types, or `application/json`).
 *
 * @throws {NylasWebhookError} for options that cannot be used
 */
export function lambdaWebhooks(options: WebhookOptions | WebhookReceiver): LambdaWebhooks {
  const receiver = receiverOf(options);
  const handle = async (event: LambdaEventLike): Promise<LambdaResult> => {
    const { status, headers, body } = await receiver.receive(lambdaRequest(event));
    return { statusCode: status, headers: { ...headers }, body, isBase64Encoded: false };
  };
  return Object.assign(handle, { receiver });
}

function lambdaRequest(event: LambdaEventLike): WebhookRequest {
  let headers: Map<string, string> | undefined;
  return {
    method: event.requestContext?.http?.method ?? event.httpMethod ?? '',
    get query() {
      return queryOf(event);
    },
    header(name) {
      headers ??= headersOf(event);
      return headers.get(name);
    },
    readBody(limits, done) {
      done(bodyOf(event, limits));
    },
  };
}

function bodyOf({ body, isBase64Encoded }: LambdaEventLike, limits: BodyLimits): Uint8Array {
  if (body === undefined || body === null || body === '') return new Uint8Array();
  if (typeof body !== 'string')
    throw bodyAlreadyParsed('event.body is an object, so a middleware parsed it', REMEDY);
  if (isBase64Encoded !== true) return takeWhole(Buffer.from(body, 'utf8'), limits);
  // Three bytes of four characters: no need to decode what is too large.
  if ((body.length / 4) * 3 > limits.maxBytes + 2) throw bodyTooLarge(limits.maxBytes);
  return takeWhole(Buffer.from(body, 'base64'), limits);
}

// API Gateway keeps the sender's case in payload 1.0.
function headersOf({ headers, multiValueHeaders }: LambdaEventLike): Map<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) map.set(name.toLowerCase(), value);
  }
  for (const [name, values] of Object.entries(multiValueHeaders ?? {})) {
    if (values !== undefined && values.length > 0) map.set(name.toLowerCase(), values.join(','));
  }
  return map;
}

function queryOf(event: LambdaEventLike): string {
  if (event.rawQueryString !== undefined) return event.rawQueryString;
  const query = new URLSearchParams();
  const several = event.multiValueQueryStringParameters;
  if (several !== undefined && several !== null) {
    for (const [name, values] of Object.entries(several))
      for (const value of values ?? []) query.append(name, value);
  } else {
    for (const [name, value] of Object.entries(event.queryStringParameters ?? {}))
      query.append(name, value ?? '');
  }
  return query.toString();
}
