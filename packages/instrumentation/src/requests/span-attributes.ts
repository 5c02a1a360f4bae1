import type { Attributes, AttributeValue, Span } from '@opentelemetry/api';

// The class of span seen last, and whether its attributes can be written to: a process nearly always has one.
let seen: unknown;
let isOpen = false;

/**
 * Puts an attribute on a recording span. The SDK checks each value again and allocates for it (sdk-trace 3.1: an options
 * object and a `WeakSet`), which was a sixth of what a request cost; ours are plain by construction, so they are written
 * where an SDK's spans keep them and exporters read them, `ReadableSpan.attributes`. Other spans are asked to take them.
 */
export function putAttribute(span: Span, name: string, value: AttributeValue): void {
  const attributes = openAttributes(span);
  if (attributes === undefined) span.setAttribute(name, value);
  else attributes[name] = value;
}

/** Puts several, as {@link putAttribute} does. */
export function putAttributes(span: Span, values: Attributes): void {
  const attributes = openAttributes(span);
  if (attributes === undefined) span.setAttributes(values);
  // Cheaper than `Object.assign`, which is slow for a target that has properties.
  else for (const name of Object.keys(values)) attributes[name] = values[name];
}

function openAttributes(span: Span): Attributes | undefined {
  const { attributes } = span as Span & { attributes?: Attributes };
  if (span.constructor !== seen) {
    seen = span.constructor;
    // A getter may hand out a copy.
    isOpen =
      Object.hasOwn(span, 'attributes') && typeof attributes === 'object' && Object.isExtensible(attributes);
  }
  return isOpen ? attributes : undefined;
}
