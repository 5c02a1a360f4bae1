import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
}

/** A collector for OTLP over HTTP with JSON that remembers the spans it got. */
export interface Collector {
  readonly url: string;
  readonly spans: OtlpSpan[];
  /** The environment that sends an SDK's telemetry here. */
  readonly env: Record<string, string>;
}

/** Starts a collector until the test ends; one that `hangs` takes requests and never answers. */
export async function startCollector(options: { hangs?: boolean; port?: number } = {}): Promise<Collector> {
  const spans: OtlpSpan[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url === '/v1/traces') spans.push(...spansOf(Buffer.concat(chunks).toString()));
      if (!options.hangs) answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, spans, env: { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' } };
}

function answer(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
}

function spansOf(body: string): OtlpSpan[] {
  const { resourceSpans = [] } = JSON.parse(body) as {
    resourceSpans?: Array<{ scopeSpans: Array<{ spans: OtlpSpan[] }> }>;
  };
  return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));
}
