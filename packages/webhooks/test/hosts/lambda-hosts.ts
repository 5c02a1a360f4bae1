import { createServer, type IncomingMessage } from 'node:http';
import { type LambdaEventLike, type LambdaWebhooks, lambdaWebhooks } from '../../src/index.ts';
import { listening, type StartHost } from './host.ts';

/** API Gateway in small: HTTP in, an event of the payload format to the handler, its result out. */
function gateway(
  handler: LambdaWebhooks,
  eventOf: (request: IncomingMessage, body: Buffer) => LambdaEventLike,
) {
  return createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const result = await handler(eventOf(request, Buffer.concat(chunks)));
    response.writeHead(result.statusCode, result.headers).end(result.body);
  });
}

// Binary media types are declared, so what is compressed comes as base64; text comes as text.
function bodyOf(request: IncomingMessage, body: Buffer): Pick<LambdaEventLike, 'body' | 'isBase64Encoded'> {
  const text = new TextDecoder('utf-8', { ignoreBOM: true });
  const isText =
    request.headers['content-encoding'] === undefined && text.decode(body) === body.toString('utf8');
  const valid = isText && Buffer.from(body.toString('utf8'), 'utf8').equals(body);
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  return valid
    ? { body: body.toString('utf8'), isBase64Encoded: false }
    : { body: body.toString('base64'), isBase64Encoded: true };
}

export const onLambdaV1: StartHost = (receiver) =>
  listening(
    gateway(lambdaWebhooks(receiver), (request, body) => {
      const url = new URL(request.url ?? '/', 'http://gateway');
      const names = [...new Set(url.searchParams.keys())];
      return {
        httpMethod: request.method ?? '',
        headers: null,
        multiValueHeaders: valuesOf(request.rawHeaders),
        queryStringParameters: Object.fromEntries(url.searchParams),
        multiValueQueryStringParameters:
          names.length === 0
            ? null
            : Object.fromEntries(names.map((name) => [name, url.searchParams.getAll(name)])),
        ...bodyOf(request, body),
      };
    }),
  );

export const onLambdaV2: StartHost = (receiver) =>
  listening(
    gateway(lambdaWebhooks(receiver), (request, body) => ({
      requestContext: { http: { method: request.method ?? '' } },
      headers: Object.fromEntries(
        Object.entries(valuesOf(request.rawHeaders)).map(([name, values]) => [
          name.toLowerCase(),
          values.join(','),
        ]),
      ),
      rawQueryString: (request.url ?? '').split('?')[1] ?? '',
      ...bodyOf(request, body),
    })),
  );

function valuesOf(raw: readonly string[]): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] as string;
    values[name] ??= [];
    values[name].push(raw[index + 1] as string);
  }
  return values;
}
