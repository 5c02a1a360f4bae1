import { ATTR_URL_FULL } from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import { type Attributes, type Context, type Span, SpanKind } from '@opentelemetry/api';
import { redactQuery } from '../redaction/query.ts';
import { type RequestTelemetry, requestTelemetry } from '../request-telemetry.ts';
import { shapeOf } from '../requests/span-shape.ts';
import { routeOf } from '../requests/targets.ts';
import { SCOPE } from '../version.ts';
import { foreignSpans } from './ownership.ts';

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

// A span that never ends must not stay for ever.
const MOST_OPEN = 10_000;
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
  return {
    onStart(span) {
      try {
        adopt(span as RecordedSpan, requestTelemetry());
      } catch (error) {
        dropError('span', error);
      }
    },
    // Hooks may have written the raw URL again since the start.
    onEnding(span) {
      try {
        const foreign = foreignSpans.get(span.spanContext().spanId);
        if (foreign?.span === span && wasRewritten(span as RecordedSpan, foreign.url)) {
          redact(span as RecordedSpan, requestTelemetry());
        }
      } catch (error) {
        dropError('span', error);
      }
    },
    onEnd(span) {
      const id = (span as Partial<Span>).spanContext?.().spanId;
      if (id !== undefined) foreignSpans.delete(id);
    },
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
}

function adopt(span: RecordedSpan, telemetry: RequestTelemetry): void {
  if (span.kind !== SpanKind.CLIENT || span.instrumentationScope?.name === SCOPE.name) return;
  const url = telemetry.enriching ? redact(span, telemetry) : undefined;
  if (url === undefined) return;
  if (foreignSpans.size >= MOST_OPEN) {
    const [oldest] = foreignSpans.keys();
    if (oldest !== undefined) foreignSpans.delete(oldest);
  }
  foreignSpans.set(span.spanContext().spanId, { span, url });
}

function wasRewritten({ attributes }: RecordedSpan, url: string): boolean {
  if ((attributes[ATTR_URL_FULL] ?? attributes[OLD_URL]) !== url) return true;
  const { [PATH]: path, [QUERY]: query, [OLD_TARGET]: target } = attributes;
  return (
    (typeof path === 'string' && !url.includes(path)) ||
    (typeof query === 'string' && !url.endsWith(query)) ||
    (typeof target === 'string' && !url.endsWith(target))
  );
}

/** Rewrites name and URL attributes of a span that goes to Nylas; undefined when it goes elsewhere. */
function redact(span: RecordedSpan, telemetry: RequestTelemetry): string | undefined {
  const { attributes } = span;
  const raw = attributes[ATTR_URL_FULL] ?? attributes[OLD_URL];
  if (typeof raw !== 'string') return undefined;
  const slash = raw.indexOf('/', raw.indexOf('://') + 3);
  const origin = slash < 0 ? raw : raw.slice(0, slash);
  // `user:password@` never belongs in telemetry, and would hide the host.
  const target = telemetry.targets.find(origin.includes('@') ? origin.replace(/\/\/[^/]*@/, '//') : origin);
  if (target === undefined) return undefined;
  const path = slash < 0 ? '/' : raw.slice(slash);
  const method = attributes['http.request.method'] ?? attributes['http.method'];
  const route = routeOf(target, typeof method === 'string' ? method : 'GET', path);
  const shape = shapeOf(target, route);
  const query = path.indexOf('?');
  const shownQuery = query < 0 ? '' : redactQuery(path, query);
  const url = shape.url + shownQuery;
  const shownPath = shape.url.slice(target.origin.length);
  span.setAttributes(shape.meaning);
  if (attributes[ATTR_URL_FULL] !== undefined) span.setAttribute(ATTR_URL_FULL, url);
  if (attributes[OLD_URL] !== undefined) span.setAttribute(OLD_URL, url);
  if (attributes[PATH] !== undefined) span.setAttribute(PATH, shownPath);
  const rawQuery = attributes[QUERY];
  if (rawQuery !== undefined && rawQuery !== shownQuery) span.setAttribute(QUERY, shownQuery);
  if (attributes[OLD_TARGET] !== undefined) span.setAttribute(OLD_TARGET, shownPath + shownQuery);
  span.updateName(shape.name);
  return url;
}
