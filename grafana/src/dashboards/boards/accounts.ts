import {
  ATTR_NYLAS_ACCOUNT_ID as ACCOUNT,
  ATTR_NYLAS_REPAIR_ACTION as ACTION,
  ATTR_NYLAS_APPLICATION as APPLICATION,
  ATTR_NYLAS_ACCOUNT_STATE_FROM as FROM,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_NYLAS_PROVIDER as PROVIDER,
  ATTR_NYLAS_ACCOUNT_SIGNAL as SIGNAL,
  ATTR_NYLAS_ACCOUNT_STATE as STATE,
  ATTR_NYLAS_REPAIR_STEP as STEP,
  ATTR_NYLAS_API_VERSION as VERSION,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { among, is, isNot } from '../../promql/series.ts';
import { buckets, maxBy, quantile, rateBy, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { OUTCOME_COLORS, PLAIN, STATE_COLORS, upTo } from '../colors.ts';
import type { StatSpec } from '../panel-spec.ts';

const UNHEALTHY = ['partial', 'stopped', 'invalid', 'sync_error', 'exception'];

export function accountsBoard(config: RulesConfig, { process, shared, byProvider }: BoardSeries): BoardSpec {
  const accounts = (by: readonly string[], ...matchers: string[]): string =>
    sumBy(by, maxBy([APPLICATION, STATE, PROVIDER, VERSION], byProvider.of('nylas.accounts', ...matchers)));
  const oldest = (by: readonly string[]): string =>
    maxBy(by, byProvider.of('nylas.account.unhealthy.age', among(STATE, UNHEALTHY)));
  const sweepAge = `time() - ${maxBy([APPLICATION], shared.of('nylas.account.poll.last_success.time'))}`;
  const inState = (id: number, state: string, description: string, bad: boolean): StatSpec => ({
    type: 'stat',
    id,
    title: state,
    description,
    width: 3,
    height: 4,
    unit: 'none',
    decimals: 0,
    thresholds: bad ? upTo(1, 50) : PLAIN,
    queries: [{ expr: accounts([], is(STATE, state)), legend: state }],
  });
  return {
    uid: 'nylas-accounts',
    title: 'Nylas / Accounts',
    description: 'Which state the connected accounts are in, how long, and how they come back.',
    variables: ['application', 'provider'],
    from: 'now-24h',
    rows: [
      {
        title: 'Now',
        panels: [
          inState(1, 'running', 'Accounts that sync (v3: valid).', false),
          inState(2, 'partial', 'Some folders are behind: temporary, look again later.', true),
          inState(
            3,
            'stopped',
            'Sync halted after repeated errors: restart, then re-authenticate (v2).',
            true,
          ),
          inState(4, 'invalid', 'Credentials are invalid: the person must sign in again.', true),
          inState(5, 'sync_error', 'A lasting error of the sync.', true),
          {
            type: 'stat',
            id: 6,
            title: 'Longest bad',
            description:
              'How long the account that is longest in a bad state is in it. Nylas keeps sync logs for two weeks.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(config.accounts.stuck.age, config.accounts.syncLogs.age),
            queries: [{ expr: oldest([]), legend: 'oldest' }],
          },
          {
            type: 'stat',
            id: 7,
            title: 'Under repair',
            description: 'Accounts that repair is working on, at any step.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: PLAIN,
            queries: [
              {
                expr: `sum(${maxBy([APPLICATION, STEP], shared.of('nylas.repair.pending'))})`,
                legend: 'accounts',
              },
            ],
          },
          {
            type: 'stat',
            id: 8,
            title: 'Last sweep',
            description: 'How long ago the last complete sweep over all accounts ended. Sweeps are hourly.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(5400, config.accounts.pollStale.age),
            queries: [{ expr: `max(${sweepAge})`, legend: 'ago' }],
          },
        ],
      },
      {
        title: 'States',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Accounts not running',
            description:
              'Accounts in every other state than running. A step up at once is an incident, not single accounts.',
            width: 8,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            colors: STATE_COLORS,
            queries: [
              {
                expr: `${accounts([STATE], isNot(STATE, 'running'), isNot(STATE, 'deleted'))} > 0`,
                legend: '{{nylas_account_state}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Invalid credentials, share by provider',
            description:
              'Share of each provider’s accounts whose credentials are invalid: one provider alone points to it.',
            width: 8,
            height: 8,
            unit: 'percentunit',
            min: 0,
            thresholds: [
              [null, 'transparent'],
              [config.accounts.invalidRatio.ratio, 'red'],
            ],
            limits: true,
            queries: [
              {
                expr: `${accounts([PROVIDER], is(STATE, 'invalid'))} / (${accounts([PROVIDER], isNot(STATE, 'deleted'))} > 0)`,
                legend: '{{nylas_provider}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 22,
            title: 'Accounts by provider',
            description: 'All accounts that are not deleted.',
            width: 8,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            queries: [
              { expr: `${accounts([PROVIDER], isNot(STATE, 'deleted'))} > 0`, legend: '{{nylas_provider}}' },
            ],
          },
          {
            type: 'timeseries',
            id: 12,
            title: 'Changes of state',
            description: 'Changes within the step of the graph, from → to, and what told of them.',
            width: 12,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: `topk(10, ${sumBy([FROM, STATE, SIGNAL], `increase(${process.of('nylas.account.transitions')}[$__rate_interval])`)} > 0)`,
                legend: '{{nylas_account_state_from}} → {{nylas_account_state}} ({{nylas_account_signal}})',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 13,
            title: 'Longest in a bad state',
            description:
              'Age of the account that is longest in each state. From 10 days on the sync logs at Nylas are about to go.',
            width: 12,
            height: 8,
            unit: 's',
            min: 0,
            thresholds: [
              [null, 'transparent'],
              [config.accounts.stuck.age, 'orange'],
              [config.accounts.syncLogs.age, 'red'],
            ],
            limits: true,
            colors: STATE_COLORS,
            queries: [{ expr: `${oldest([STATE])} > 0`, legend: '{{nylas_account_state}}' }],
          },
        ],
      },
      {
        title: 'Recovery',
        panels: [
          {
            type: 'timeseries',
            id: 14,
            title: 'Time until running again',
            description:
              'From leaving the running state to coming back, by the state it left for: half of the accounts, and nearly all.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: [0.5, 0.95].map((q) => ({
              expr: quantile(q, process, 'nylas.account.recovery.duration', [STATE]),
              legend: `{{nylas_account_state}} p${q * 100}`,
            })),
          },
          {
            type: 'heatmap',
            id: 23,
            title: 'Time in a bad state',
            description:
              'How long accounts that came back had been away: minutes are flaps, days are people who had to sign in.',
            width: 8,
            height: 8,
            unit: 's',
            queries: [buckets(process, 'nylas.account.recovery.duration')],
          },
          {
            type: 'table',
            id: 25,
            title: 'Repair funnel',
            description:
              'What repair did within the time range, in the order of the guide, and how often it worked.',
            width: 8,
            height: 8,
            columns: [
              { field: 'nylas_repair_action', title: 'Step' },
              { field: 'taken', title: 'Taken', unit: 'short', decimals: 0, width: 80 },
              { field: 'worked', title: 'Worked', unit: 'percentunit', decimals: 0, width: 90 },
            ],
            sortBy: 'Taken',
            queries: [
              {
                expr: `${sumBy([ACTION], `increase(${process.of('nylas.repair.actions')}[$__range])`)} > 0`,
                legend: 'taken',
                instant: true,
              },
              {
                expr: `${sumBy([ACTION], `increase(${process.of('nylas.repair.actions', is(OUTCOME, 'success'))}[$__range])`)} / (${sumBy([ACTION], `increase(${process.of('nylas.repair.actions')}[$__range])`)} > 0)`,
                legend: 'worked',
                instant: true,
              },
            ],
          },
          {
            type: 'timeseries',
            id: 15,
            title: 'Repair actions',
            description: 'What repair does, within the step of the graph, and how it ends.',
            width: 8,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: `${sumBy([ACTION, OUTCOME], `increase(${process.of('nylas.repair.actions')}[$__rate_interval])`)} > 0`,
                legend: '{{nylas_repair_action}}: {{nylas_outcome}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 16,
            title: 'Under repair, by step',
            description: 'Accounts by the step they wait at. Waiting for people to sign in is the long one.',
            width: 8,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            queries: [
              { expr: maxBy([STEP], shared.of('nylas.repair.pending')), legend: '{{nylas_repair_step}}' },
            ],
          },
          {
            type: 'state-timeline',
            id: 24,
            title: 'Repair',
            description: 'Held still: many accounts failed within minutes, so repair waits for a person.',
            width: 8,
            height: 8,
            unit: 'short',
            texts: [
              { value: 0, text: 'working', color: 'green' },
              { value: 1, text: 'held still', color: 'red' },
            ],
            queries: [
              {
                expr: maxBy([APPLICATION], shared.of('nylas.repair.paused')),
                legend: '{{nylas_application}}',
              },
            ],
          },
        ],
      },
      {
        title: 'Polling',
        panels: [
          {
            type: 'timeseries',
            id: 17,
            title: 'Polls',
            description:
              'Sweeps and re-reads a second, by how they ended. All invalid_credentials: the key or region is wrong.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            colors: OUTCOME_COLORS,
            queries: [
              {
                expr: `${rateBy(process, 'nylas.account.polls', [OUTCOME])} > 0`,
                legend: '{{nylas_outcome}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 18,
            title: 'Age of the last sweep',
            description: 'Time since the last complete sweep ended. It should fall to 0 every hour.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: [{ expr: sweepAge, legend: '{{nylas_application}}' }],
          },
          {
            type: 'timeseries',
            id: 26,
            title: 'Time of a sweep, p95',
            description: 'How long one sweep over all accounts takes, pauses included.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: [{ expr: quantile(0.95, process, 'nylas.account.poll.duration'), legend: 'p95' }],
          },
        ],
      },
      {
        title: 'Single accounts (opt-in)',
        panels: [
          {
            type: 'table',
            id: 27,
            title: 'Listed accounts that do not run',
            description:
              'Only with per-account series switched on: accounts longest unhealthy, by opaque or hashed id. `nylas-otel accounts show` tells more.',
            width: 24,
            height: 8,
            columns: [
              { field: 'nylas_account_id', title: 'Account' },
              { field: 'nylas_account_state', title: 'State' },
              { field: 'nylas_provider', title: 'Provider' },
              { field: 'nylas_application', title: 'Application' },
            ],
            queries: [
              {
                expr: `${maxBy([APPLICATION, ACCOUNT, STATE, PROVIDER], byProvider.of('nylas.account.status', isNot(STATE, 'running')))} == 1`,
                legend: 'state',
                instant: true,
              },
            ],
          },
        ],
      },
    ],
  };
}
