import { type AlertCases, alive, bornAt, counter, gauge, type Input, of, part } from '../alert-case.ts';

type Segment = readonly [rise: number, steps: number];

const JOB = [{ job: 'mail' }];
const LIST = '/v3/grants/{grant_id}/messages';

function answered(outcome: string, ...segments: Segment[]): Input {
  return part('nylas.client.request.duration', 'count', { 'nylas.outcome': outcome }, counter(...segments));
}

function limits(source: string, ...segments: Segment[]): Input {
  return of('nylas.client.rate_limits', { 'nylas.rate_limit.source': source }, counter(...segments));
}

function status(code: string, ...segments: Segment[]): Input {
  return of(
    'nylas.client.requests',
    { 'http.response.status_code': code, 'url.template': LIST },
    counter(...segments),
  );
}

function polls(outcome: string, ...segments: Segment[]): Input {
  return of('nylas.account.polls', { 'nylas.outcome': outcome }, counter(...segments));
}

/** Requests by how fast they were answered: within half a second, within ten seconds. */
function speeds(
  fast: readonly Segment[],
  slow: readonly Segment[],
  attributes: Record<string, string> = {},
): Input[] {
  const labels = { 'nylas.outcome': 'success', 'url.template': LIST, ...attributes };
  const both = fast.map(([rise, steps], i): Segment => [rise + (slow[i]?.[0] ?? 0), steps]);
  const bucket = (le: string, segments: readonly Segment[]): Input =>
    part('nylas.client.request.duration', 'bucket', { ...labels, le }, counter(...segments));
  return [
    bucket('0.5', fast),
    bucket('5', fast),
    bucket('10', both),
    bucket('+Inf', both),
    part('nylas.client.request.duration', 'count', labels, counter(...both)),
  ];
}

function limitCases(source: string, other: string): AlertCases {
  return {
    fires: [
      {
        what: 'one answer in ten is 429',
        input: [answered('success', [90, 40]), answered('rate_limited', [10, 40]), limits(source, [10, 40])],
        at: 20,
        labels: JOB,
      },
    ],
    quiet: [
      { what: '1 % is 429', input: [answered('success', [99, 40]), limits(source, [1, 40])], at: 30 },
      {
        what: 'one of two requests in ten minutes',
        input: [answered('success', [0.2, 40]), limits(source, [0.1, 40])],
        at: 30,
      },
      {
        what: `the limit is of ${other}`,
        input: [answered('success', [90, 40]), limits(other, [10, 40]), limits(source, [0, 40])],
        at: 30,
      },
    ],
    resolves: [
      {
        what: 'we send less',
        input: [answered('success', [90, 80]), limits(source, [10, 30], [0, 50])],
        firing: 25,
        resolved: 45,
        labels: JOB,
      },
    ],
  };
}

const exhausted = (values: string): Input =>
  of(
    'nylas.client.retries.exhausted',
    { 'nylas.retry.reason': 'server_error', 'url.template': LIST },
    values,
  );
const budget = (values: string, instance = 'a'): Input =>
  of('nylas.client.retry.budget', { instance }, values);

export const REQUEST_CASES: Readonly<Record<string, AlertCases>> = {
  NylasRateLimited: limitCases('nylas', 'provider'),
  NylasProviderRateLimited: limitCases('provider', 'nylas'),
  NylasRetriesExhausted: {
    fires: [
      {
        what: 'one operation a minute',
        input: [alive(60), exhausted(counter([1, 60]))],
        at: 40,
        labels: JOB,
      },
      {
        what: 'the first ten of a route at once',
        input: [alive(60), exhausted(bornAt(10, 30, 30))],
        at: 32,
        labels: JOB,
      },
    ],
    quiet: [
      { what: 'two in all', input: [alive(60), exhausted(bornAt(2, 30, 30))], at: 40 },
      {
        what: 'Prometheus sees the job for the first time',
        input: [exhausted(gauge([1000, 60])), alive(60)],
        at: 5,
      },
    ],
    resolves: [
      {
        what: 'no more for a quarter of an hour',
        input: [alive(90), exhausted(counter([1, 40], [0, 50]))],
        firing: 40,
        resolved: 60,
        labels: JOB,
      },
    ],
  },
  NylasRetryBudgetEmpty: {
    fires: [
      {
        what: 'one of two instances has none left',
        input: [budget(gauge([0, 20])), budget(gauge([1, 20]), 'b')],
        at: 10,
        labels: JOB,
      },
      {
        what: 'the resend that comes each second is spent at once',
        input: [budget(gauge([0.015, 3], [0.1, 1], [0, 3], [0.1, 1], [0.015, 12]))],
        at: 10,
        labels: JOB,
      },
    ],
    quiet: [{ what: 'it is half used', input: [budget(gauge([0.5, 20]))], at: 10 }],
    resolves: [
      {
        what: 'it fills again',
        input: [budget(gauge([0, 15], [0.4, 15]))],
        firing: 12,
        resolved: 16,
        labels: JOB,
      },
    ],
  },
  NylasCredentialsRejected: {
    fires: [
      {
        what: 'nine of ten calls get 401',
        input: [status('401', [9, 40]), status('200', [1, 40])],
        at: 20,
        labels: JOB,
      },
      {
        what: 'all polls of a sidecar get 401',
        input: [polls('invalid_credentials', [1, 40]), polls('success', [0, 40])],
        at: 20,
        labels: JOB,
      },
    ],
    quiet: [
      { what: 'a few accounts get 401', input: [status('401', [1, 40]), status('200', [9, 40])], at: 20 },
      {
        what: 'one of ten polls fails',
        input: [polls('invalid_credentials', [0.1, 40]), polls('success', [0.9, 40])],
        at: 20,
      },
    ],
    resolves: [
      {
        what: 'the key is right again',
        input: [status('401', [9, 30], [0, 50]), status('200', [1, 30], [10, 50])],
        firing: 25,
        resolved: 45,
        labels: JOB,
      },
    ],
  },
  NylasApplicationDisabled: {
    fires: [{ what: 'every call gets 403', input: [status('403', [10, 20])], at: 10, labels: JOB }],
    quiet: [
      {
        what: 'a tenth of the calls gets 403',
        input: [status('403', [1, 20]), status('200', [9, 20])],
        at: 10,
      },
    ],
    resolves: [
      {
        what: 'the application is enabled',
        input: [status('403', [10, 20], [0, 30]), status('200', [0, 20], [10, 30])],
        firing: 15,
        resolved: 30,
        labels: JOB,
      },
    ],
  },
  NylasLatencyHigh: {
    fires: [
      {
        what: 'one request in five takes more than 5 s',
        input: speeds([[8, 60]], [[2, 60]]),
        at: 40,
        labels: JOB,
      },
    ],
    quiet: [
      { what: 'one in a hundred does', input: speeds([[99, 60]], [[1, 60]]), at: 40 },
      {
        what: 'it is mail being sent',
        input: speeds([[8, 60]], [[2, 60]], { 'url.template': '/v3/grants/{grant_id}/messages/send' }),
        at: 40,
      },
      {
        what: 'it is what callers gave up',
        input: speeds([[8, 60]], [[2, 60]], { 'nylas.outcome': 'cancelled' }),
        at: 40,
      },
    ],
    resolves: [
      {
        what: 'answers are fast again',
        input: speeds(
          [
            [8, 40],
            [10, 40],
          ],
          [
            [2, 40],
            [0, 40],
          ],
        ),
        firing: 35,
        resolved: 60,
        labels: JOB,
      },
    ],
  },
};
