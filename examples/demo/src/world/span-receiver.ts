import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A span as it arrived. */
export interface Span {
  /** Name of the instrumentation that made it. */
  readonly scope: string;
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the root. */
  readonly parentSpanId: string;
  readonly kind: 'internal' | 'server' | 'client' | 'other';
  readonly failed: boolean;
  /** Unix milliseconds, with fractions. */
  readonly start: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
}

/** A collector for OTLP in JSON that keeps the spans it gets. */
export interface SpanReceiver extends AsyncDisposable {
  /** What to set `OTEL_EXPORTER_OTLP_ENDPOINT` to. */
  readonly url: string;
  /** The spans so far; the oldest go first above a number that no demo reaches in its first minutes. */
  readonly spans: readonly Span[];
}

const MOST_SPANS = 50_000;
const KINDS: readonly Span['kind'][] = ['other', 'internal', 'server', 'client'];

/** The part of OTLP's JSON that is read. */
interface OtlpTraces {
  readonly resourceSpans?: readonly {
    readonly scopeSpans?: readonly {
      readonly scope?: { readonly name?: string };
      readonly spans?: readonly OtlpSpan[];
    }[];
  }[];
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly kind?: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly status?: { readonly code?: number };
  readonly attributes?: readonly { readonly key: string; readonly value: OtlpValue }[];
}

interface OtlpValue {
  readonly stringValue?: string;
  readonly boolValue?: boolean;
  readonly intValue?: string | number;
  readonly doubleValue?: number;
}

const ERROR = 2;

/** Starts a collector on a free port of this machine. */
export async function startSpanReceiver(): Promise<SpanReceiver> {
  const spans: Span[] = [];
  const server = createServer(async (request, response) => {
    response.setHeader('content-type', 'application/json');
    try {
      spans.push(...spansOf((await json(request)) as OtlpTraces));
      spans.splice(0, spans.length - MOST_SPANS);
      response.end('{}');
    } catch {
      response.writeHead(400).end('{}');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function spansOf({ resourceSpans = [] }: OtlpTraces): Span[] {
  return resourceSpans.flatMap(({ scopeSpans = [] }) =>
    scopeSpans.flatMap(({ scope, spans = [] }) => spans.map((span) => read(scope?.name ?? '', span))),
  );
}

function read(scope: string, span: OtlpSpan): Span {
  const start = milliseconds(span.startTimeUnixNano);
  return {
    scope,
    name: span.name,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? '',
    kind: KINDS[span.kind ?? 0] ?? 'other',
    failed: span.status?.code === ERROR,
    start,
    duration: milliseconds(span.endTimeUnixNano) - start,
    attributes: Object.fromEntries((span.attributes ?? []).map(({ key, value }) => [key, plain(value)])),
  };
}

/** Nanoseconds since 1970 are too many for a number; a thousandth of them are not. */
function milliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds) / 1000n) / 1000;
}

function plain({ stringValue, boolValue, intValue, doubleValue }: OtlpValue): string | number | boolean {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? boolValue ?? doubleValue ?? '';
}
