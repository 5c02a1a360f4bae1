import { type AlertCases, counter, type Input, part } from '../alert-case.ts';

type Segment = readonly [rise: number, steps: number];

/** Requests that end well and badly, a minute. */
function requests(well: readonly Segment[], badly: readonly Segment[]): Input[] {
  const count = (outcome: string, segments: readonly Segment[]): Input =>
    part('nylas.client.request.duration', 'count', { 'nylas.outcome': outcome }, counter(...segments));
  return [count('success', well), count('server_error', badly)];
}

const JOB = [{ job: 'mail' }];

export const SLO_CASES: Readonly<Record<string, AlertCases>> = {
  NylasErrorBudgetBurnFast: {
    fires: [
      { what: 'one request in ten fails', input: requests([[90, 60]], [[10, 60]]), at: 30, labels: JOB },
      { what: '4 % fail for hours', input: requests([[96, 120]], [[4, 120]]), at: 90, labels: JOB },
    ],
    quiet: [
      { what: '1 % fails', input: requests([[99, 120]], [[1, 120]]), at: 90 },
      { what: 'half of one request a minute fails', input: requests([[0.5, 120]], [[0.5, 120]]), at: 90 },
      {
        what: 'requests fail that do not count: the caller’s, one account’s, the provider’s limit',
        input: ['client_error', 'invalid_credentials', 'provider_limited', 'cancelled', 'success'].map(
          (outcome) =>
            part('nylas.client.request.duration', 'count', { 'nylas.outcome': outcome }, counter([20, 120])),
        ),
        at: 90,
      },
    ],
    resolves: [
      {
        what: 'Nylas answers again',
        input: requests(
          [
            [90, 60],
            [100, 120],
          ],
          [
            [10, 60],
            [0, 120],
          ],
        ),
        firing: 50,
        resolved: 100,
        labels: JOB,
      },
    ],
  },
  NylasErrorBudgetBurnSlow: {
    fires: [
      { what: '2 % fail', input: requests([[98, 60]], [[2, 60]]), at: 50, labels: JOB },
      { what: '1 % fails for long', input: requests([[99, 600]], [[1, 600]]), at: 590, labels: JOB },
    ],
    quiet: [{ what: '0.3 % fail', input: requests([[997, 120]], [[3, 120]]), at: 110 }],
    resolves: [
      {
        what: 'the last hours were clean',
        input: requests(
          [
            [98, 60],
            [100, 500],
          ],
          [
            [2, 60],
            [0, 500],
          ],
        ),
        firing: 50,
        resolved: 500,
        labels: JOB,
      },
    ],
  },
};
