import { describe, expect, it } from 'vitest';
import { nextJobId } from './job-id.ts';

describe('nextJobId', () => {
  it('is a UUID of version 7 that grows, also within one millisecond and when the clock goes back', () => {
    const now = Date.now() + 1_000;
    const ids = Array.from({ length: 10_000 }, (_, n) => nextJobId(n < 9_000 ? now : now - 500));
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids.slice(0, 100))
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});
