import { describe, expect, it } from 'vitest';
import { findHost, NYLAS_HOSTS } from './index.ts';

describe('findHost', () => {
  it('knows the version and the region of each host', () => {
    expect(findHost('api.us.nylas.com')).toEqual({ host: 'api.us.nylas.com', version: 'v3', region: 'us' });
    expect(findHost('api.eu.nylas.com')).toMatchObject({ version: 'v3', region: 'eu' });
    expect(findHost('api.nylas.com')).toMatchObject({ version: 'v2', region: 'us' });
    expect(findHost('ireland.api.nylas.com')).toMatchObject({ version: 'v2', region: 'eu' });
    expect(findHost('canada.api.nylas.com')).toMatchObject({ version: 'v2', region: 'ca' });
    expect(findHost('ireland.api.schedule.nylas.com')).toMatchObject({ version: 'v2', region: 'eu' });
    expect(findHost('beta.us.nylas.com')).toMatchObject({ version: 'v2', region: 'us' });
  });

  it('finds every listed host in any case and with the root dot', () => {
    for (const host of NYLAS_HOSTS) {
      expect(findHost(host.host)).toBe(host);
      expect(findHost(host.host.toUpperCase())).toBe(host);
      expect(findHost(`${host.host}.`)).toBe(host);
    }
  });

  it('leaves dashboards, tracking, tunnels and look-alikes alone', () => {
    const foreign = [
      'dashboard.nylas.com',
      'dashboard-v3.nylas.com',
      'dashboard-api.nylas.com',
      'tracking.us.nylas.com',
      'mcp.us.nylas.com',
      'tunnel.nylas.com',
      'nylas.com',
      'other.us.nylas.com',
      'api.us.nylas.com.example.org',
      'xapi.us.nylas.com',
      'api.us.nylas.com:443',
      'api.us.nylas.com..',
      '',
      '.',
      'constructor',
      'İ'.repeat(30),
      'x'.repeat(1_000_000),
    ];
    for (const host of foreign) expect(findHost(host), host.slice(0, 40)).toBeUndefined();
  });
});
