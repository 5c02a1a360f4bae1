import { findHost, matchRoute } from '@nylas-otel/nylas-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEmitter } from './emitter.ts';
import { logOperationFailure } from './failure-event.ts';
import { bindLoggerProvider, unbindLoggerProvider } from './log-events.ts';
import { Operation } from './operation.ts';

const SCOPE = { name: 'test', version: '1' };
const emitter = createEmitter(SCOPE);
const owner = {};
let records: Array<Record<string, unknown>>;

beforeEach(() => {
  records = [];
  bindLoggerProvider(owner, { getLogger: () => ({ emit: (record) => records.push(record) }) });
});
afterEach(() => unbindLoggerProvider(owner));

/** An operation of two requests, the last of which was answered so. */
function operation(): Operation {
  const { version } = findHost('api.us.nylas.com')!;
  const made = new Operation({
    route: matchRoute(version as 'v3', 'GET', '/v3/grants/g/messages'),
    scope: SCOPE,
  });
  made.requests = 2;
  made.previous = { status: 429, retryReason: 'rate_limited', requestId: 'r-1', flowId: 'f-1' };
  return made;
}

describe('nylas.client.error', () => {
  it('says what Nylas support asks for, in attributes and in one line', () => {
    logOperationFailure(
      emitter,
      operation(),
      { outcome: 'provider_limited', errorType: 'rate_limit_error', rateLimitSource: 'provider' },
      { account: '1e9f8e1a-0000-4000-8000-000000000001' },
    );
    expect(records).toMatchObject([
      {
        eventName: 'nylas.client.error',
        severityText: 'WARN',
        attributes: {
          'http.request.method': 'GET',
          'url.template': '/v3/grants/{grant_id}/messages',
          'nylas.api.version': 'v3',
          'nylas.outcome': 'provider_limited',
          'http.response.status_code': 429,
          'error.type': 'rate_limit_error',
          'nylas.rate_limit.source': 'provider',
          'nylas.request.id': 'r-1',
          'nylas.flow.id': 'f-1',
          'nylas.grant.id': '1e9f8e1a-0000-4000-8000-000000000001',
          'http.request.resend_count': 1,
        },
      },
    ]);
    expect(records[0]?.body).toMatch(
      /^Nylas request failed: GET \/v3\/grants\/\{grant_id\}\/messages; status 429; error rate_limit_error; request id r-1; flow id f-1; attempt 2; \d{4}-/,
    );
  });

  it.each([
    ['server_error', 'ERROR'],
    ['timeout', 'ERROR'],
    ['rate_limited', 'ERROR'],
    ['client_error', 'WARN'],
    ['invalid_credentials', 'WARN'],
  ] as const)('has the severity of the contract: %s is %s', (outcome, severity) => {
    logOperationFailure(emitter, operation(), { outcome });
    expect(records[0]?.severityText).toBe(severity);
  });

  it('is not emitted for a success, nor for the abort of the caller', () => {
    logOperationFailure(emitter, operation(), undefined);
    logOperationFailure(emitter, operation(), { outcome: 'cancelled' });
    expect(records).toEqual([]);
  });

  it('takes the count of resends of who sent them', () => {
    logOperationFailure(emitter, operation(), { outcome: 'timeout' }, { resendCount: 4 });
    expect(records[0]?.body).toContain('attempt 5');
  });
});
