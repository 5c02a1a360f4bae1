import { describe, expect, it } from 'vitest';
import { LIMITS, ROUTES } from './index.ts';

describe('LIMITS', () => {
  it('has the documented numbers', () => {
    expect(LIMITS.nylas.admin).toEqual([{ what: 'requests', max: 50, windowSeconds: 1, per: 'application' }]);
    expect(LIMITS.nylas.data).toEqual([{ what: 'requests', max: 200, windowSeconds: 1, per: 'grant' }]);
    expect(LIMITS.nylas.send.find(({ multipart }) => multipart)?.max).toBe(10);
    expect(LIMITS.nylas.v2_account.map(({ max }) => max)).toEqual([500, 50]);
    expect(LIMITS.nylas.v2_ip_addresses).toEqual([
      { what: 'requests', max: 10, windowSeconds: 3_600, per: 'application' },
    ]);
    expect(LIMITS.providers.microsoft.find(({ what }) => what === 'concurrent_requests')?.max).toBe(4);
    expect(LIMITS.exchangeThrottleSeconds).toBe(1_200);
  });

  it('has an entry for the class of every route', () => {
    for (const { endpointClass } of ROUTES) expect(LIMITS.nylas[endpointClass]).toBeDefined();
  });
});
