import {
  METRIC_NYLAS_ACCOUNTS as ACCOUNTS,
  METRIC_NYLAS_ACCOUNT_UNHEALTHY_AGE as AGE,
  ATTR_NYLAS_ACCOUNT_STATE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_PROVIDER,
  METRIC_NYLAS_ACCOUNT_POLL_LAST_SUCCESS_TIME as LAST_SWEEP,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../config.ts';
import { duration } from '../promql/duration.ts';
import { shared } from '../promql/expressions.ts';
import { among, is, isNot, label, type SeriesWriter } from '../promql/series.ts';
import type { AlertRule, RuleGroup } from './rule.ts';

const APPLICATION = label(ATTR_NYLAS_APPLICATION);
const STATE = label(ATTR_NYLAS_ACCOUNT_STATE);
const PROVIDER = label(ATTR_NYLAS_PROVIDER);
const VERSION = label(ATTR_NYLAS_API_VERSION);

/** Accounts in these states, per application: replicas say the same, providers and versions add up. */
function accountsIn(series: SeriesWriter, states: readonly string[], offset = ''): string {
  const selector = series.of(ACCOUNTS, among(ATTR_NYLAS_ACCOUNT_STATE, states));
  return `sum by (${APPLICATION}) (${shared(`${selector}${offset}`, [APPLICATION, STATE, PROVIDER, VERSION])})`;
}

/** All accounts that are not deleted, per application. */
export function allAccounts(series: SeriesWriter): string {
  const selector = series.of(ACCOUNTS, isNot(ATTR_NYLAS_ACCOUNT_STATE, 'deleted'));
  return `sum by (${APPLICATION}) (${shared(selector, [APPLICATION, STATE, PROVIDER, VERSION])})`;
}

export function accountsGroup(config: RulesConfig, series: SeriesWriter): RuleGroup {
  const { invalidRatio, invalidSpike, notSyncing, stuck, syncLogs, pollStale } = config.accounts;
  const invalid = accountsIn(series, ['invalid']);
  const ofApplication = 'of application {{ $labels.nylas_application }}';
  return {
    name: 'nylas-accounts',
    component: 'accounts',
    interval: config.interval,
    recording: [],
    alerts: [
      {
        alert: 'NylasAccountsInvalidRatioHigh',
        expr: `${invalid} / ${allAccounts(series)} > ${invalidRatio.ratio}
and on (${APPLICATION})
${invalid} > ${invalidRatio.count}`,
        for: invalidRatio.for,
        severity: 'warning',
        summary: 'Many accounts have invalid credentials: their people must sign in again.',
        description: `{{ $value | humanizePercentage }} of the accounts ${ofApplication} have invalid credentials.`,
        panel: ['nylas-accounts', 11],
      },
      {
        alert: 'NylasAccountsInvalidSpike',
        expr: `${rise(series, ['invalid'], invalidSpike.window)} > ${invalidSpike.count}
and on (${APPLICATION})
${rise(series, ['invalid'], invalidSpike.window)} / ${allAccounts(series)} > ${invalidSpike.ratio}`,
        for: 0,
        severity: 'critical',
        summary: 'Credentials of many accounts became invalid at once.',
        description: `{{ $value | humanize }} more accounts ${ofApplication} have invalid credentials than ${duration(invalidSpike.window)} ago.`,
        panel: ['nylas-accounts', 10],
      },
      {
        alert: 'NylasAccountsNotSyncing',
        expr: `sum by (${APPLICATION}, ${STATE}) (${shared(series.of(ACCOUNTS, among(ATTR_NYLAS_ACCOUNT_STATE, notSyncing.states)), [APPLICATION, STATE, PROVIDER, VERSION])}) > 0`,
        for: notSyncing.for,
        severity: 'warning',
        summary: 'Accounts stopped to sync.',
        description: `{{ $value | humanize }} accounts ${ofApplication} are in state {{ $labels.nylas_account_state }}.`,
        panel: ['nylas-accounts', 10],
      },
      aged(series, {
        alert: 'NylasAccountStuck',
        states: stuck.states,
        age: stuck.age,
        for: stuck.for,
        severity: 'warning',
        summary: 'An account has not synced for more than a day.',
      }),
      aged(series, {
        alert: 'NylasSyncLogsExpiring',
        states: syncLogs.states,
        age: syncLogs.age,
        gone: syncLogs.gone,
        for: syncLogs.for,
        severity: 'critical',
        summary: 'The sync logs that Nylas support needs for a broken account are about to be deleted.',
      }),
      {
        alert: 'NylasPollStale',
        expr: `time() - ${shared(series.of(LAST_SWEEP), [APPLICATION])} > ${pollStale.age}`,
        for: pollStale.for,
        severity: 'warning',
        summary: 'The states of accounts are old: no sweep has ended for hours.',
        description: `The last complete sweep over the accounts ${ofApplication} ended {{ $value | humanizeDuration }} ago.`,
        panel: ['nylas-accounts', 18],
      },
    ],
  };
}

/** How many more accounts are in these states than `window` seconds ago, per application. */
export function rise(series: SeriesWriter, states: readonly string[], window: number): string {
  const now = accountsIn(series, states);
  return `(${now} - ${accountsIn(series, states, ` offset ${duration(window)}`)})`;
}

interface Aged extends Pick<AlertRule, 'alert' | 'for' | 'severity' | 'summary'> {
  readonly states: readonly string[];
  readonly age: number;
  /** From this age on there is nothing left to save. */
  readonly gone?: number;
}

function aged(series: SeriesWriter, { states, age, gone, ...alert }: Aged): AlertRule {
  const oldest = shared(series.of(AGE, among(ATTR_NYLAS_ACCOUNT_STATE, states)), [
    APPLICATION,
    STATE,
    PROVIDER,
  ]);
  return {
    ...alert,
    expr: gone === undefined ? `${oldest} > ${age}` : `(${oldest} > ${age}) < ${gone}`,
    description:
      'An account of application {{ $labels.nylas_application }} (provider {{ $labels.nylas_provider }}) has been in ' +
      'state {{ $labels.nylas_account_state }} for {{ $value | humanizeDuration }}.',
    panel: ['nylas-accounts', 13],
  };
}

/** Whether an application speaks this version of the API, to be joined on `nylas_application`. */
export function speaks(series: SeriesWriter, version: string): string {
  return `max by (${APPLICATION}) (${series.of(ACCOUNTS, is(ATTR_NYLAS_API_VERSION, version))}) > 0`;
}
