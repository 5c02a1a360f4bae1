import { type AlertCases, alive, bornAt, counter, gauge, type Input, of } from '../alert-case.ts';

type Segment = readonly [value: number, steps: number];

const APPLICATION = { 'nylas.application': 'default' };
const LABEL = { nylas_application: 'default' };
const HOUR = 3600;
const DAY = 24 * HOUR;

/** What two replicas say alike of the accounts in a state. */
function accounts(state: string, segments: readonly Segment[], provider = 'google'): Input[] {
  return ['a', 'b'].map((instance) =>
    of(
      'nylas.accounts',
      {
        ...APPLICATION,
        instance,
        'nylas.account.state': state,
        'nylas.provider': provider,
        'nylas.api.version': 'v3',
      },
      gauge(...segments),
    ),
  );
}

function age(state: string, ...segments: Segment[]): Input {
  return of(
    'nylas.account.unhealthy.age',
    { ...APPLICATION, 'nylas.account.state': state, 'nylas.provider': 'imap' },
    gauge(...segments),
  );
}

const AGED = { ...LABEL, nylas_provider: 'imap' };
const actions = (action: string, outcome: string, values: string): Input =>
  of('nylas.repair.actions', { 'nylas.repair.action': action, 'nylas.outcome': outcome }, values);
const paused = (...segments: Segment[]): Input => of('nylas.repair.paused', APPLICATION, gauge(...segments));
// promtool's clock starts at 0: a sweep that ended at the Unix time 0 is as old as the case.
const sweep = (values: string): Input => of('nylas.account.poll.last_success.time', APPLICATION, values);

export const ACCOUNT_CASES: Readonly<Record<string, AlertCases>> = {
  NylasAccountsInvalidRatioHigh: {
    fires: [
      {
        what: 'a fifth of all accounts, over two providers',
        input: [
          ...accounts('invalid', [[10, 40]]),
          ...accounts('invalid', [[10, 40]], 'microsoft'),
          ...accounts('running', [[80, 40]]),
        ],
        at: 30,
        labels: [LABEL],
      },
    ],
    quiet: [
      {
        what: 'one in twenty',
        input: [...accounts('invalid', [[50, 40]]), ...accounts('running', [[950, 40]])],
        at: 30,
      },
      {
        what: 'two of the three that there are',
        input: [...accounts('invalid', [[2, 40]]), ...accounts('running', [[1, 40]])],
        at: 30,
      },
    ],
    resolves: [
      {
        what: 'people sign in again',
        input: [
          ...accounts('invalid', [
            [20, 30],
            [3, 30],
          ]),
          ...accounts('running', [
            [80, 30],
            [97, 30],
          ]),
        ],
        firing: 25,
        resolved: 40,
        labels: [LABEL],
      },
    ],
  },
  NylasAccountsInvalidSpike: {
    fires: [
      {
        what: 'forty of a thousand within minutes',
        input: [
          ...accounts('invalid', [
            [10, 40],
            [50, 40],
          ]),
          ...accounts('running', [
            [990, 40],
            [950, 40],
          ]),
        ],
        at: 45,
        labels: [LABEL],
      },
    ],
    quiet: [
      {
        what: 'many are invalid, as they were',
        input: [...accounts('invalid', [[300, 80]]), ...accounts('running', [[700, 80]])],
        at: 60,
      },
      {
        what: 'six more of a thousand',
        input: [
          ...accounts('invalid', [
            [10, 40],
            [16, 40],
          ]),
          ...accounts('running', [
            [990, 40],
            [984, 40],
          ]),
        ],
        at: 45,
      },
    ],
    resolves: [
      {
        what: 'half an hour later it is a state, not a spike',
        input: [
          ...accounts('invalid', [
            [10, 40],
            [50, 60],
          ]),
          ...accounts('running', [[990, 100]]),
        ],
        firing: 50,
        resolved: 75,
        labels: [LABEL],
      },
    ],
  },
  NylasAccountsNotSyncing: {
    fires: [
      {
        what: 'one is stopped and two have a sync error',
        input: [
          ...accounts('stopped', [[1, 60]]),
          ...accounts('sync_error', [[2, 60]]),
          ...accounts('running', [[9, 60]]),
        ],
        at: 40,
        labels: [
          { ...LABEL, nylas_account_state: 'stopped' },
          { ...LABEL, nylas_account_state: 'sync_error' },
        ],
      },
    ],
    quiet: [
      {
        what: 'one was stopped for ten minutes',
        input: accounts('stopped', [
          [0, 20],
          [1, 10],
          [0, 30],
        ]),
        at: 29,
      },
      {
        what: 'some are behind for a while, or invalid',
        input: [
          ...accounts('partial', [[4, 60]]),
          ...accounts('invalid', [[4, 60]]),
          ...accounts('stopped', [[0, 60]]),
        ],
        at: 50,
      },
    ],
    resolves: [
      {
        what: 'a restart helps',
        input: accounts('stopped', [
          [1, 50],
          [0, 20],
        ]),
        firing: 45,
        resolved: 52,
        labels: [{ ...LABEL, nylas_account_state: 'stopped' }],
      },
    ],
  },
  NylasAccountStuck: {
    fires: [
      {
        what: 'stopped since 25 hours',
        input: [age('stopped', [25 * HOUR, 30])],
        at: 20,
        labels: [{ ...AGED, nylas_account_state: 'stopped' }],
      },
    ],
    quiet: [
      { what: 'stopped since 23 hours', input: [age('stopped', [23 * HOUR, 30])], at: 20 },
      { what: 'its person has not come back for a month', input: [age('invalid', [30 * DAY, 30])], at: 20 },
    ],
    resolves: [
      {
        what: 'it runs',
        input: [age('partial', [25 * HOUR, 30], [0, 10])],
        firing: 25,
        resolved: 32,
        labels: [{ ...AGED, nylas_account_state: 'partial' }],
      },
    ],
  },
  NylasSyncLogsExpiring: {
    fires: [
      {
        what: 'a sync error since eleven days',
        input: [age('sync_error', [11 * DAY, 30])],
        at: 20,
        labels: [{ ...AGED, nylas_account_state: 'sync_error' }],
      },
    ],
    quiet: [
      { what: 'since nine days', input: [age('sync_error', [9 * DAY, 30])], at: 20 },
      { what: 'since fifteen: the logs are gone', input: [age('sync_error', [15 * DAY, 30])], at: 20 },
    ],
    resolves: [
      {
        what: 'it was mended',
        input: [age('stopped', [11 * DAY, 30], [0, 10])],
        firing: 25,
        resolved: 32,
        labels: [{ ...AGED, nylas_account_state: 'stopped' }],
      },
    ],
  },
  NylasPollStale: {
    fires: [{ what: 'no sweep for four hours', input: [sweep(gauge([0, 300]))], at: 240, labels: [LABEL] }],
    quiet: [{ what: 'the last one ended two hours ago', input: [sweep(gauge([0, 300]))], at: 120 }],
    resolves: [
      {
        what: 'a sweep ends',
        input: [sweep(gauge([0, 220], [220 * 60, 40]))],
        firing: 210,
        resolved: 230,
        labels: [LABEL],
      },
    ],
  },
  NylasRepairFailing: {
    fires: [
      {
        what: 'restarts fail',
        input: [
          alive(90),
          actions('restart', 'server_error', counter([0.2, 90])),
          actions('restart', 'success', counter([0, 90])),
        ],
        at: 80,
        labels: [{ job: 'mail', nylas_repair_action: 'restart' }],
      },
    ],
    quiet: [
      {
        what: 'one in ten fails',
        input: [
          alive(90),
          actions('restart', 'server_error', counter([0.1, 90])),
          actions('restart', 'success', counter([0.9, 90])),
        ],
        at: 80,
      },
      {
        what: 'two failed, and nothing else was done',
        input: [alive(90), actions('restart', 'timeout', bornAt(2, 40, 50))],
        at: 60,
      },
    ],
    resolves: [
      {
        what: 'they work again',
        input: [
          alive(180),
          actions('restart', 'server_error', counter([0.2, 80], [0, 100])),
          actions('restart', 'success', counter([0, 80], [1, 100])),
        ],
        firing: 75,
        resolved: 150,
        labels: [{ job: 'mail', nylas_repair_action: 'restart' }],
      },
    ],
  },
  NylasRepairEscalated: {
    fires: [
      {
        what: 'the first ever',
        input: [alive(120), actions('escalate', 'success', bornAt(1, 70, 50))],
        at: 75,
        labels: [{ job: 'mail' }],
      },
    ],
    quiet: [
      {
        what: 'repair only restarts',
        input: [
          alive(120),
          actions('restart', 'success', counter([1, 120])),
          actions('escalate', 'success', gauge([0, 120])),
        ],
        at: 100,
      },
    ],
    resolves: [
      {
        what: 'an hour later',
        input: [alive(200), actions('escalate', 'success', bornAt(1, 70, 130))],
        firing: 100,
        resolved: 140,
        labels: [{ job: 'mail' }],
      },
    ],
  },
  NylasMassFailure: {
    fires: [
      { what: 'repair holds still', input: [paused([0, 10], [1, 20])], at: 15, labels: [LABEL] },
      {
        what: 'a third of the accounts stops within minutes, and nothing repairs',
        input: [
          ...accounts('running', [
            [100, 20],
            [66, 20],
          ]),
          ...accounts('stopped', [
            [0, 20],
            [34, 20],
          ]),
        ],
        at: 25,
        labels: [LABEL],
      },
    ],
    quiet: [
      {
        what: 'three of a hundred stop',
        input: [
          paused([0, 40]),
          ...accounts('running', [
            [100, 20],
            [97, 20],
          ]),
          ...accounts('stopped', [
            [0, 20],
            [3, 20],
          ]),
        ],
        at: 25,
      },
    ],
    resolves: [
      {
        what: 'repair works again, for a while',
        input: [paused([1, 20], [0, 40])],
        firing: 30,
        resolved: 40,
        labels: [LABEL],
      },
    ],
  },
};
