import { ATTR_URL_FULL } from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import { type Attributes, type Context, type Span, SpanKind } from '@opentelemetry/api';
import { redactQuery } from '../redaction/query.ts';
import { type RequestTelemetry, requestTelemetry } from '../request-telemetry.ts';
import { attributesOf, handIn } from '../requests/span-attributes.ts';
import { putMeaning, shapeOf } from '../requests/span-shape.ts';
import { pathOf, routeOf } from '../requests/targets.ts';
import { SCOPE } from '../version.ts';
import { type ForeignSpan, openSpans } from './open-spans.ts';

/** The span as an SDK's processors see it, on the 2.x and the 3.x line. */
interface RecordedSpan extends Span {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly instrumentationScope?: { readonly name: string };
}

/** A span processor, structurally the same on the 2.x and the 3.x line of the SDK. */
export interface NylasSpanProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnding(span: Span): void;
  onEnd(span: object): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

// The URL's parts, and what the old conventions called it.
const PATH = 'url.path';
const QUERY = 'url.query';
const OLD_URL = 'http.url';
const OLD_TARGET = 'http.target';

/**
 * A span processor that gives spans of other HTTP instrumentations their Nylas meaning and takes the raw URL off them.
 * Needed only where our own spans cannot be used; register it before the exporting processor.
 *
 * @example
 * new NodeSDK({ spanProcessors: [nylasSpanProcessor(), new BatchSpanProcessor({ exporter })] })
 */
export function nylasSpanProcessor(): NylasSpanProcessor {
  const telemetry = requestTelemetry();
  return {
    onStart(span) {
      try {
        adopt(span as RecordedSpan, telemetry);
      } catch (error) {
        dropError('span', error);
      }
    },
    // Hooks may have written the raw URL again since the start.
    onEnding(span) {
      try {
        const foreign = openSpans.find(span.spanContext().spanId);
        if (foreign?.span === span && wasRewritten(span as RecordedSpan, foreign)) {
          redact(span as RecordedSpan, telemetry);
        }
      } catch (error) {
        dropError('span', error);
      }
    },
    onEnd(span) {
      const id = (span as Partial<Span>).spanContext?.().spanId;
      if (id !== undefined) openSpans.remove(id);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function adopt(span: RecordedSpan, telemetry: RequestTelemetry): void {
  if (span.kind !== SpanKind.CLIENT || span.instrumentationScope?.name === SCOPE.name) return;
  const foreign = telemetry.enriching ? redact(span, telemetry) : undefined;
  if (foreign !== undefined) openSpans.add(foreign);
}

function wasRewritten({ attributes }: RecordedSpan, { url, path, query }: ForeignSpan): boolean {
  const { [PATH]: shownPath = path, [QUERY]: shownQuery = query, [OLD_TARGET]: target } = attributes;
  return (
    (attributes[ATTR_URL_FULL] ?? attributes[OLD_URL]) !== url ||
    shownPath !== path ||
    shownQuery !== query ||
    (target !== undefined && target !== path + query)
  );
}

/** Gives a span that goes to Nylas its meaning, and rewrites its name and URL; undefined for one that goes elsewhere. */
function redact(span: RecordedSpan, telemetry: RequestTelemetry): ForeignSpan | undefined {
  const { attributes } = span;
  const raw = attributes[ATTR_URL_FULL] ?? attributes[OLD_URL];
  if (typeof raw !== 'string') return undefined;
  const target = telemetry.targets.ofUrl(raw);
  if (target === undefined) return undefined;
  const rawPath = pathOf(raw, target);
  const said = attributes['http.request.method'] ?? attributes['http.method'];
  const method = typeof said === 'string' ? said : 'GET';
  const route = routeOf(target, method, rawPath);
  const { name, path, url: origin } = shapeOf(target, route);
  const start = rawPath.indexOf('?');
  const query = start < 0 ? '' : redactQuery(rawPath, start);
  const url = origin + query;
  const shown = attributesOf(span);
  if (attributes[ATTR_URL_FULL] !== undefined) shown[ATTR_URL_FULL] = url;
  if (attributes[OLD_URL] !== undefined) shown[OLD_URL] = url;
  if (attributes[PATH] !== undefined) shown[PATH] = path;
  if (attributes[QUERY] !== undefined) shown[QUERY] = query;
  if (attributes[OLD_TARGET] !== undefined) shown[OLD_TARGET] = path + query;
  putMeaning(shown, target, route);
  handIn(span, shown);
  span.updateName(name);
  const { spanId: id } = span.spanContext();
  return { id, span, method, target: rawPath, route, url, path, query, next: undefined };
}
