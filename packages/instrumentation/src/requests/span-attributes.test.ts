import type { Attributes, Span } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { attributesOf, handIn } from './span-attributes.ts';

/** A span of another SDK, which shows a copy of its attributes. */
class GuardedSpan {
  readonly #attributes: Attributes = {};
  get attributes(): Attributes {
    return { ...this.#attributes };
  }
  setAttributes(values: Attributes): this {
    Object.assign(this.#attributes, values);
    return this;
  }
}

const sdkSpan = () =>
  new TracerProvider({ spanProcessors: [] }).getTracer('t').startSpan('x', { attributes: { first: 1 } });

describe('attributes of ours', () => {
  it.each([
    ["the SDK's", () => sdkSpan()],
    ['one that keeps its attributes to itself', () => new GuardedSpan() as unknown as Span],
    ["the SDK's again", () => sdkSpan()],
  ])('are on every span: %s', (_name, make) => {
    const span = make() as Span & { attributes: Attributes };
    const attributes = attributesOf(span);
    attributes.a = 'x';
    attributes.c = 3;
    handIn(span, attributes);
    const more = attributesOf(span);
    more.b = 'y';
    handIn(span, more);
    expect(span.attributes).toMatchObject({ a: 'x', b: 'y', c: 3 });
  });
});
