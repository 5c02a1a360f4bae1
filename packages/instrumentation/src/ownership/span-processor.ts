import {
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_PROXIED,
  ATTR_NYLAS_REGION,
  ATTR_NYLAS_RESOURCE,
  ATTR_URL_FULL,
  ATTR_URL_TEMPLATE,
} from '@nylas-otel/semantic-conventions';
import { dropError } from '@nylas-otel/telemetry';
import { type Attributes, type Context, type Span, SpanKind } from '@opentelemetry/api';
import { redactQuery } from '../redaction/query.ts';
import { type RequestTelemetry, requestTelemetry } from '../request-telemetry.ts';
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
// What HTTP instrumentations call the URL: stable conventions, and the old ones.
const URL_ATTRIBUTES = [ATTR_URL_FULL, 'http.url'] as const;

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
        if (foreignSpans.get(span.spanContext().spanId) === span)
          redact(span as RecordedSpan, requestTelemetry());
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
  if (!telemetry.enriching || !redact(span, telemetry)) return;
  if (foreignSpans.size >= MOST_OPEN) {
    const [oldest] = foreignSpans.keys();
    if (oldest !== undefined) foreignSpans.delete(oldest);
  }
  foreignSpans.set(span.spanContext().spanId, span);
}

/** Rewrites name and URL attributes of a span that goes to Nylas; false when it goes elsewhere. */
function redact(span: RecordedSpan, telemetry: RequestTelemetry): boolean {
  const raw = URL_ATTRIBUTES.map((name) => span.attributes[name]).find((value) => typeof value === 'string');
  if (typeof raw !== 'string') return false;
  const slash = raw.indexOf('/', raw.indexOf('://') + 3);
  const origin = slash < 0 ? raw : raw.slice(0, slash);
  // `user:password@` never belongs in telemetry, and would hide the host.
  const target = telemetry.targets.find(origin.replace(/\/\/[^/]*@/, '//'));
  if (target === undefined) return false;
  const path = slash < 0 ? '/' : raw.slice(slash);
  const method = String(span.attributes['http.request.method'] ?? span.attributes['http.method'] ?? 'GET');
  const route = routeOf(target, method, path);
  const query = path.indexOf('?');
  const shownPath = route.known ? route.template : '/REDACTED';
  const shownQuery = query < 0 ? '' : redactQuery(path, query);
  span.updateName(route.known ? `${route.method} ${route.template}` : route.method);
  for (const name of URL_ATTRIBUTES) {
    if (span.attributes[name] !== undefined) span.setAttribute(name, target.origin + shownPath + shownQuery);
  }
  if (span.attributes['url.path'] !== undefined) span.setAttribute('url.path', shownPath);
  if (span.attributes['url.query'] !== undefined) span.setAttribute('url.query', shownQuery);
  if (span.attributes['http.target'] !== undefined) span.setAttribute('http.target', shownPath + shownQuery);
  span.setAttributes({
    [ATTR_URL_TEMPLATE]: route.template,
    [ATTR_NYLAS_API_VERSION]: route.version,
    [ATTR_NYLAS_REGION]: target.region,
    [ATTR_NYLAS_RESOURCE]: route.resource,
    [ATTR_NYLAS_OPERATION]: route.operation,
    [ATTR_NYLAS_PROXIED]: route.proxied,
  });
  return true;
}
