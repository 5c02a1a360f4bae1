import { matchRoute } from '@nylas-otel/nylas-api';
import type { Span } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { OpenSpans } from './open-spans.ts';

const foreign = (id: string) => ({
  id,
  span: {} as Span,
  method: 'GET',
  target: '/',
  route: matchRoute('v3', 'GET', '/'),
  url: '',
  path: '',
  query: '',
  next: undefined,
});
const idOf = (number: number) => number.toString(16).padStart(16, '0');

describe('OpenSpans', () => {
  it('finds what was added until it is removed, in slots that several share', () => {
    const spans = new OpenSpans();
    const ids = Array.from({ length: 9_000 }, (_, i) => idOf(i * 7));
    for (const id of ids) spans.add(foreign(id));
    for (const id of ids) expect(spans.find(id)?.id).toBe(id);
    for (const id of ids.filter((_, i) => i % 2 === 0)) spans.remove(id);
    for (const [i, id] of ids.entries()) expect(spans.find(id)?.id).toBe(i % 2 === 0 ? undefined : id);
    expect(spans.size).toBe(4_500);
  });

  it('knows nothing of other ids, whatever they look like', () => {
    const spans = new OpenSpans();
    spans.add(foreign('00f067aa0ba902b7'));
    for (const id of ['', 'x', 'unknown', '00f067aa0ba902b8']) {
      expect(spans.find(id)).toBeUndefined();
      spans.remove(id);
    }
    expect(spans.size).toBe(1);
  });

  it('forgets spans that never end', () => {
    const spans = new OpenSpans();
    for (let i = 0; i < 100_000; i++) spans.add(foreign(idOf(i)));
    // 10,000, and one in each slot that was empty.
    expect(spans.size).toBeLessThanOrEqual(14_096);
    expect(spans.find(idOf(99_999))).toBeDefined();
  });
});
