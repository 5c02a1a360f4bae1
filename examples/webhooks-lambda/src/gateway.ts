import { createServer, type Server } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { LambdaEventLike, LambdaResult } from '@nylas-otel/webhooks';

/** API Gateway's HTTP API in small: HTTP in, an event of payload 2.0 to the handler, its result out. */
export function gateway(handler: (event: LambdaEventLike) => Promise<LambdaResult>): Server {
  return createServer(async (request, response) => {
    const body = await buffer(request);
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, search } = new URL(url, 'http://gateway');
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath: pathname,
      rawQueryString: search.slice(1),
      headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
      requestContext: { http: { method, path: pathname } },
      // What is not text comes as base64.
      ...(headers['content-encoding'] === undefined
        ? { body: body.toString('utf8'), isBase64Encoded: false }
        : { body: body.toString('base64'), isBase64Encoded: true }),
    };
    const { statusCode, headers: answer, body: text } = await handler(event);
    response.writeHead(statusCode, answer).end(text);
  });
}
