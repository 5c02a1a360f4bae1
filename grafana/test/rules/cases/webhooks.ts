import { type AlertCases, alive, bornAt, counter, gauge, type Input, of, part } from '../alert-case.ts';

type Segment = readonly [value: number | undefined, steps: number];

const JOB = [{ job: 'mail' }];
const APPLICATION = { 'nylas.application': 'default' };
const LABEL = { nylas_application: 'default' };

function deliveries(outcome: string, values: string, status = '200'): Input {
  return of(
    'nylas.webhook.deliveries',
    { 'nylas.webhook.outcome': outcome, 'http.response.status_code': status },
    values,
  );
}

function lag(soon: readonly Segment[], late: readonly Segment[]): Input[] {
  const both = soon.map(([rise = 0, steps], i): Segment => [rise + (late[i]?.[0] ?? 0), steps]);
  const bucket = (le: string, segments: readonly Segment[]): Input =>
    part(
      'nylas.webhook.event.lag',
      'bucket',
      { 'nylas.webhook.trigger': 'message.created', le },
      counter(...segments),
    );
  return [
    bucket('10', soon),
    bucket('600', soon),
    bucket('1200', both),
    bucket('+Inf', both),
    part(
      'nylas.webhook.event.lag',
      'count',
      { 'nylas.webhook.trigger': 'message.created' },
      counter(...both),
    ),
  ];
}

const backlog = (state: string, values: string): Input =>
  of('nylas.webhook.backlog', { ...APPLICATION, 'nylas.webhook.backlog.state': state }, values);
const redelivered = (values: string): Input =>
  of('nylas.webhook.redeliveries', { 'nylas.webhook.trigger': 'message.created' }, values);

// A sample every ten minutes: 144 a day.
const TEN = { every: 10 } as const;

export const WEBHOOK_CASES: Readonly<Record<string, AlertCases>> = {
  NylasWebhookSilence: {
    fires: [
      {
        what: 'nothing for an hour, after two busy days',
        input: [deliveries('stored', counter([10, 300], [0, 20]))],
        at: 3060,
        labels: JOB,
        ...TEN,
      },
    ],
    quiet: [
      { what: 'deliveries arrive', input: [deliveries('stored', counter([10, 300]))], at: 2900, ...TEN },
      {
        what: 'it never gets many',
        input: [deliveries('stored', counter([0.5, 300], [0, 20]))],
        at: 3060,
        ...TEN,
      },
      {
        what: 'the same hour was silent a week ago, too',
        input: [deliveries('stored', counter([10, 144], [0, 6], [10, 6 * 144 - 6], [10, 144], [0, 12]))],
        at: (8 * 144 + 5) * 10,
        ...TEN,
      },
    ],
    resolves: [
      {
        what: 'deliveries arrive again',
        input: [deliveries('stored', counter([10, 300], [0, 12], [10, 20]))],
        firing: 3080,
        resolved: 3160,
        labels: JOB,
        ...TEN,
      },
    ],
  },
  NylasWebhookLagHigh: {
    fires: [
      {
        what: 'a fifth of the events is older than ten minutes',
        input: lag([[8, 60]], [[2, 60]]),
        at: 50,
        labels: JOB,
      },
    ],
    quiet: [
      { what: 'one in a hundred is', input: lag([[99, 60]], [[1, 60]]), at: 50 },
      { what: 'only a handful arrives', input: lag([[0.5, 60]], [[0.5, 60]]), at: 50 },
    ],
    resolves: [
      {
        what: 'they arrive in time',
        input: lag(
          [
            [8, 50],
            [10, 50],
          ],
          [
            [2, 50],
            [0, 50],
          ],
        ),
        firing: 45,
        resolved: 75,
        labels: JOB,
      },
    ],
  },
  NylasWebhookSignatureFailures: {
    fires: [
      {
        what: 'one delivery a minute',
        input: [alive(60), deliveries('invalid_signature', counter([1, 60]), '401')],
        at: 40,
        labels: JOB,
      },
    ],
    quiet: [
      {
        what: 'three in all',
        input: [alive(60), deliveries('invalid_signature', bornAt(3, 30, 30), '401')],
        at: 35,
      },
    ],
    resolves: [
      {
        what: 'the secret is right',
        input: [alive(90), deliveries('invalid_signature', counter([1, 40], [0, 50]), '401')],
        firing: 40,
        resolved: 60,
        labels: JOB,
      },
    ],
  },
  NylasWebhookUnreadable: {
    fires: [
      {
        what: 'the first ever',
        input: [alive(60), deliveries('unreadable', bornAt(1, 30, 30))],
        at: 35,
        labels: JOB,
      },
      {
        what: 'one was too large',
        input: [alive(60), deliveries('too_large', bornAt(1, 30, 30), '413')],
        at: 35,
        labels: JOB,
      },
    ],
    quiet: [
      {
        what: 'all are readable',
        input: [alive(60), deliveries('stored', counter([10, 60])), deliveries('unreadable', gauge([0, 60]))],
        at: 40,
      },
    ],
    resolves: [
      {
        what: 'no other for a quarter of an hour',
        input: [alive(90), deliveries('unreadable', bornAt(1, 30, 60))],
        firing: 35,
        resolved: 50,
        labels: JOB,
      },
    ],
  },
  NylasWebhookRefused: {
    fires: [
      {
        what: 'the store is down',
        input: [deliveries('stored', counter([0, 30])), deliveries('failed', counter([5, 30]), '503')],
        at: 15,
        labels: JOB,
      },
      {
        what: 'half of them is too much for us',
        input: [deliveries('stored', counter([5, 30])), deliveries('overloaded', counter([5, 30]), '503')],
        at: 15,
        labels: JOB,
      },
    ],
    quiet: [
      {
        what: 'one in a hundred',
        input: [deliveries('stored', counter([99, 30])), deliveries('failed', counter([1, 30]), '503')],
        at: 20,
      },
    ],
    resolves: [
      {
        what: 'the store is back',
        input: [
          deliveries('stored', counter([0, 20], [5, 30])),
          deliveries('failed', counter([5, 20], [0, 30]), '503'),
        ],
        firing: 15,
        resolved: 35,
        labels: JOB,
      },
    ],
  },
  NylasWebhookRedeliveries: {
    fires: [
      {
        what: 'twenty at once, the first of their trigger',
        input: [alive(90), redelivered(bornAt(20, 40, 50))],
        at: 45,
        labels: JOB,
      },
    ],
    quiet: [{ what: 'five', input: [alive(90), redelivered(bornAt(5, 40, 50))], at: 45 }],
    resolves: [
      {
        what: 'no more for half an hour',
        input: [alive(120), redelivered(bornAt(20, 40, 80))],
        firing: 60,
        resolved: 80,
        labels: JOB,
      },
    ],
  },
  NylasWebhookBacklogGrowing: {
    fires: [
      {
        what: 'from 1,000 on, a hundred more a minute',
        input: [backlog('queued', '1000+100x60')],
        at: 40,
        labels: [LABEL],
      },
    ],
    quiet: [
      { what: 'many, but fewer all the time', input: [backlog('queued', '9000-100x60')], at: 40 },
      { what: 'more, but few', input: [backlog('queued', '0+10x60')], at: 50 },
    ],
    resolves: [
      {
        what: 'workers catch up',
        input: [backlog('queued', '1000+100x40 5000-100x60')],
        firing: 38,
        resolved: 70,
        labels: [LABEL],
      },
    ],
  },
  NylasWebhookDeadLetters: {
    fires: [
      { what: 'there is one', input: [backlog('dead', gauge([0, 10], [1, 20]))], at: 15, labels: [LABEL] },
    ],
    quiet: [
      {
        what: 'there is none, and many are queued',
        input: [backlog('dead', gauge([0, 30])), backlog('queued', gauge([50, 30]))],
        at: 20,
      },
    ],
    resolves: [
      {
        what: 'they were redriven',
        input: [backlog('dead', gauge([3, 20], [0, 20]))],
        firing: 15,
        resolved: 22,
        labels: [LABEL],
      },
    ],
  },
};
