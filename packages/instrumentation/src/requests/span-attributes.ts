import type { Attributes, Span } from '@opentelemetry/api';

// The class of span seen last, and whether its attributes can be written to: a process nearly always has one.
let seen: unknown;
let isOpen = false;

/**
 * Where ours go on a recording span; {@link handIn} when they are all there. The SDK checks each value again and
 * allocates for it (sdk-trace 3.1: an options object and a `WeakSet`), which was a sixth of what a request cost; ours are
 * plain by construction, so they are written where an SDK's spans keep them and exporters read them,
 * `ReadableSpan.attributes`. Other spans are asked to take them.
 *
 * Write them by their constants, one after the other: a loop over names takes three times as long.
 */
export function attributesOf(span: Span): Attributes {
  const { attributes } = span as Span & { attributes?: Attributes };
  if (span.constructor !== seen) {
    seen = span.constructor;
    // A getter may hand out a copy.
    isOpen =
      Object.hasOwn(span, 'attributes') && typeof attributes === 'object' && Object.isExtensible(attributes);
  }
  return isOpen ? (attributes as Attributes) : {};
}

/** Gives a span what was put in {@link attributesOf} it, unless it is there already. */
export function handIn(span: Span, attributes: Attributes): void {
  if ((span as Span & { attributes?: Attributes }).attributes !== attributes) span.setAttributes(attributes);
}
