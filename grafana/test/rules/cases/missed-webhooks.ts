import { type AlertCases, alive, bornAt, gauge, type Input, of } from '../alert-case.ts';

const JOB = [{ job: 'mail' }];
const APPLICATION = { 'nylas.application': 'default' };
const LABEL = { nylas_application: 'default' };
const HOUR = 3600;
const DAY = 24 * HOUR;

const destination = (status: string, values: string, name = '1'): Input =>
  of(
    'nylas.webhook.destination.status',
    { ...APPLICATION, 'nylas.webhook.destination': name, 'nylas.webhook.status': status },
    values,
  );
const DESTINATION = [{ ...LABEL, nylas_webhook_destination: '1' }];
const gap = (version: string, values: string): Input =>
  of('nylas.webhook.gap.age', { ...APPLICATION, 'nylas.api.version': version }, values);
const invalidSince = (values: string): Input =>
  of(
    'nylas.account.unhealthy.age',
    { ...APPLICATION, 'nylas.account.state': 'invalid', 'nylas.provider': 'google' },
    values,
  );
const accountsOf = (version: string, steps: number): Input =>
  of(
    'nylas.accounts',
    {
      ...APPLICATION,
      'nylas.account.state': 'running',
      'nylas.provider': 'google',
      'nylas.api.version': version,
    },
    gauge([9, steps]),
  );
const recoveries = (outcome: string, values: string): Input =>
  of('nylas.webhook.recoveries', { 'nylas.outcome': outcome }, values);
const lost = (values: string): Input =>
  of('nylas.webhook.unrecoverable', { 'nylas.resource': 'messages' }, values);

function destinationCases(status: string): AlertCases {
  return {
    fires: [
      {
        what: `one of two is ${status}`,
        input: [
          destination('active', gauge([0, 10])),
          destination(status, gauge([1, 10])),
          destination('active', gauge([1, 10]), '2'),
          destination(status, gauge([0, 10]), '2'),
        ],
        at: 5,
        labels: DESTINATION,
      },
    ],
    quiet: [
      {
        what: 'all are active',
        input: [destination('active', gauge([1, 10])), destination(status, gauge([0, 10]))],
        at: 5,
      },
    ],
    resolves: [
      {
        what: 'it is active again',
        input: [destination(status, gauge([1, 10], [0, 10]))],
        firing: 5,
        resolved: 12,
        labels: DESTINATION,
      },
    ],
  };
}

export const MISSED_WEBHOOK_CASES: Readonly<Record<string, AlertCases>> = {
  NylasWebhookDestinationFailing: destinationCases('failing'),
  NylasWebhookDestinationFailed: destinationCases('failed'),
  NylasWebhookWindowClosing: {
    fires: [
      { what: 'v3: a gap of 61 hours', input: [gap('v3', gauge([61 * HOUR, 20]))], at: 10, labels: [LABEL] },
      { what: 'v2: a gap of 11 days', input: [gap('v2', gauge([11 * DAY, 20]))], at: 10, labels: [LABEL] },
      {
        what: 'v3: a grant that expired 61 hours ago',
        input: [accountsOf('v3', 20), invalidSince(gauge([61 * HOUR, 20]))],
        at: 10,
        labels: [LABEL],
      },
    ],
    quiet: [
      { what: 'v3: 59 hours', input: [gap('v3', gauge([59 * HOUR, 20]))], at: 10 },
      { what: 'v2: 9 days', input: [gap('v2', gauge([9 * DAY, 20]))], at: 10 },
      {
        what: 'v3: a grant that expired 73 hours ago, too late',
        input: [accountsOf('v3', 20), invalidSince(gauge([73 * HOUR, 20]))],
        at: 10,
      },
      {
        what: 'v2: an account that is invalid since 61 hours',
        input: [accountsOf('v2', 20), invalidSince(gauge([61 * HOUR, 20]))],
        at: 10,
      },
    ],
    resolves: [
      {
        what: 'recovered',
        input: [gap('v3', gauge([61 * HOUR, 20], [0, 10]))],
        firing: 15,
        resolved: 22,
        labels: [LABEL],
      },
    ],
  },
  NylasWebhookRecoveryFailing: {
    fires: [
      {
        what: 'the first run fails',
        input: [
          alive(120),
          recoveries('server_error', bornAt(1, 70, 50)),
          recoveries('success', gauge([0, 120])),
        ],
        at: 80,
        labels: JOB,
      },
    ],
    quiet: [
      {
        what: 'it fails and then works',
        input: [
          alive(120),
          recoveries('server_error', bornAt(1, 70, 50)),
          recoveries('success', bornAt(1, 75, 45)),
        ],
        at: 80,
      },
      { what: 'a person stops it', input: [alive(120), recoveries('cancelled', bornAt(1, 70, 50))], at: 80 },
    ],
    resolves: [
      {
        what: 'the next run works',
        input: [
          alive(120),
          recoveries('timeout', bornAt(1, 70, 50)),
          recoveries('success', bornAt(1, 90, 30)),
        ],
        firing: 80,
        resolved: 95,
        labels: JOB,
      },
    ],
  },
  NylasWebhookUnrecoverable: {
    fires: [
      {
        what: 'forty changes of messages',
        input: [alive(120), lost(bornAt(40, 70, 50))],
        at: 80,
        labels: [{ job: 'mail', nylas_resource: 'messages' }],
      },
    ],
    quiet: [
      { what: 'none since it was counted, hours ago', input: [alive(120), lost(gauge([40, 120]))], at: 100 },
    ],
    resolves: [
      {
        what: 'an hour later',
        input: [alive(200), lost(bornAt(40, 70, 130))],
        firing: 100,
        resolved: 140,
        labels: [{ job: 'mail', nylas_resource: 'messages' }],
      },
    ],
  },
};
