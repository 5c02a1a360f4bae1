import { KEPT_QUERY_KEYS } from '@nylas-otel/semantic-conventions';
import { describe, expect, it } from 'vitest';
import { redactQuery } from './query.ts';

const shown = (query: string) => redactQuery(`/v3/grants/g/messages${query}`, '/v3/grants/g/messages'.length);

describe('redactQuery', () => {
  it.each([
    ['?limit=50&offset=10', '?limit=50&offset=10'],
    [
      '?select=id,subject&fields=include_headers&view=ids',
      '?select=id,subject&fields=include_headers&view=ids',
    ],
    ['?limit=ada@example.com', '?limit=REDACTED'],
    ['?select=id,ada', '?select=REDACTED'],
    ['?fields=ada', '?fields=REDACTED'],
    [
      '?any_email=ada@example.com&search_query_native=secret',
      '?any_email=REDACTED&search_query_native=REDACTED',
    ],
    ['?ada@example.com=1', '?REDACTED'],
    ['?__proto__=1&constructor=2', '?REDACTED&REDACTED'],
    ['?token=live-token#fragment', '?token=REDACTED'],
    ['?', ''],
    ['?&&limit=5', '?limit=5'],
  ])('shows %s as %s', (query, expected) => expect(shown(query)).toBe(expected));

  it('keeps every key of the contract', () => {
    for (const key of KEPT_QUERY_KEYS) expect(shown(`?${key}=`)).toMatch(new RegExp(`^\\?${key}=`));
  });

  it('is bounded', () => {
    expect(shown(`?${'a=1&'.repeat(10_000)}`).length).toBeLessThan(400);
  });
});
