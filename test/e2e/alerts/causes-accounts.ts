import type { MetricName } from '@nylas-otel/semantic-conventions';
import type { Cause, Stage } from './causes.ts';

type Attributes = Readonly<Record<string, string>>;

const seconds = (): number => Date.now() / 1000;

/** A gauge of an application that goes bad and is well again; each cause has an application of its own. */
export function gauges(
  what: string,
  alerts: readonly string[],
  application: string,
  values: readonly (readonly [metric: MetricName, attributes: Attributes, bad: number, well: number])[],
  always = false,
): Cause {
  const write = ({ exporter }: Stage, which: 2 | 3): void => {
    for (const value of values)
      exporter.set(value[0], { 'nylas.application': application, ...value[1] }, value[which]);
  };
  return { what, alerts, always, begin: (stage) => write(stage, 2), end: (stage) => write(stage, 3) };
}

const state = (name: string): Attributes => ({
  'nylas.account.state': name,
  'nylas.provider': 'google',
  'nylas.api.version': 'v3',
});
const age = (name: string): Attributes => ({ 'nylas.account.state': name, 'nylas.provider': 'imap' });
const action = (name: string, outcome: string): Attributes => ({
  'nylas.repair.action': name,
  'nylas.outcome': outcome,
});

// Ages as the shortened rules (a sixtieth) have them.
export const ACCOUNT_CAUSES: readonly Cause[] = [
  gauges('a fifth of the accounts are invalid', ['NylasAccountsInvalidRatioHigh'], 'ratio', [
    ['nylas.accounts', state('invalid'), 20, 1],
    ['nylas.accounts', state('running'), 80, 99],
  ]),
  {
    what: 'a tenant’s passwords are reset',
    alerts: ['NylasAccountsInvalidSpike'],
    begin({ exporter }) {
      const began = Date.now();
      const invalid = (): number => (Date.now() - began < 8000 ? 2 : 60);
      exporter.set('nylas.accounts', { 'nylas.application': 'spike', ...state('invalid') }, invalid);
      exporter.set(
        'nylas.accounts',
        { 'nylas.application': 'spike', ...state('running') },
        () => 1000 - invalid(),
      );
    },
    // Half an hour later, half a minute here, it is no longer sudden.
    end: () => undefined,
  },
  gauges(
    'accounts stop',
    ['NylasAccountsNotSyncing'],
    'stops',
    [['nylas.accounts', state('stopped'), 3, 0]],
    false,
  ),
  gauges('one is stopped for more than a day', ['NylasAccountStuck'], 'stuck', [
    ['nylas.account.unhealthy.age', age('stopped'), 1500, 0],
  ]),
  gauges('one has a sync error since eleven days', ['NylasSyncLogsExpiring'], 'logs', [
    ['nylas.account.unhealthy.age', age('sync_error'), 15_000, 0],
  ]),
  {
    what: 'no sweep ends',
    alerts: ['NylasPollStale'],
    begin: ({ exporter }) =>
      exporter.set('nylas.account.poll.last_success.time', { 'nylas.application': 'stale' }, seconds() - 600),
    end: ({ exporter }) =>
      exporter.set('nylas.account.poll.last_success.time', { 'nylas.application': 'stale' }, seconds),
  },
  {
    what: 'restarts fail',
    alerts: ['NylasRepairFailing'],
    begin({ exporter }) {
      exporter.set('nylas.repair.actions', action('restart', 'success'), 0);
      exporter.add('nylas.repair.actions', action('restart', 'server_error'), 9);
    },
    end: () => undefined,
  },
  {
    what: 'repair gives an account up',
    alerts: ['NylasRepairEscalated'],
    begin: ({ exporter }) => exporter.add('nylas.repair.actions', action('escalate', 'success'), 1),
    end: () => undefined,
  },
  gauges('repair holds still', ['NylasMassFailure'], 'mass', [['nylas.repair.paused', {}, 1, 0]], true),
];
