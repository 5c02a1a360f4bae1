import {
  ACCOUNT_STATES,
  type AccountState,
  OUTCOMES,
  REPAIR_ACTIONS,
} from '@nylas-otel/semantic-conventions';
import { DAY_START, hourOf } from '../clock.ts';
import type { History } from '../history.ts';
import { STORY, within } from '../story.ts';
import { EXPORTER, SHARED } from './instances.ts';

const SIZES = { google: 640, microsoft: 410, imap: 130, ews: 25 } as const;
type KnownProvider = keyof typeof SIZES;
const VERSION: Readonly<Record<KnownProvider, string>> = {
  google: 'v3',
  microsoft: 'v3',
  imap: 'v2',
  ews: 'v3',
};
const LOST_PASSWORDS = 52;

/** How many of the tenant's people have not signed in again. */
function signedOut(hour: number): number {
  const { from, to } = STORY.passwords;
  if (hour < from) return 0;
  if (hour < to) return Math.round((LOST_PASSWORDS * (hour - from)) / (to - from));
  return Math.round(4 + (LOST_PASSWORDS - 4) * Math.exp(-(hour - to) / 2));
}

function stopped(hour: number): number {
  return hour < STORY.imap.from
    ? 0
    : Math.round(Math.min(6, (hour - STORY.imap.from) * 4) * (hour > 12 ? 0.5 : 1));
}

function inState(provider: KnownProvider, state: AccountState, hour: number): number {
  const bad: Partial<Record<AccountState, number>> = {
    invalid: provider === 'google' ? 7 : provider === 'microsoft' ? 3 + signedOut(hour) : 1,
    stopped: provider === 'imap' ? stopped(hour) : 0,
    sync_error: provider === 'imap' && hour > 6.5 && hour < 12 ? 2 : 0,
    partial:
      provider === 'google' ? Math.round(2 + 2 * Math.sin(hour)) : within(STORY.outage, hour) > 0.5 ? 4 : 0,
    initializing: provider === 'google' && hour > 8 && hour < 18 ? 2 : 0,
    exception: 0,
    deleted: 0,
    unknown: 0,
  };
  if (state !== 'running') return bad[state] ?? 0;
  return SIZES[provider] - Object.values(bad).reduce((sum, count) => sum + count, 0);
}

export async function accountSignals(history: History): Promise<void> {
  for (const provider of Object.keys(SIZES) as KnownProvider[]) {
    for (const state of ACCOUNT_STATES) {
      await history.gauge(
        'nylas.accounts',
        {
          ...SHARED,
          'nylas.account.state': state,
          'nylas.provider': provider,
          'nylas.api.version': VERSION[provider],
        },
        (time) => inState(provider, state, hourOf(time)),
      );
    }
    for (const state of ['invalid', 'stopped', 'sync_error', 'partial'] as const) {
      await history.gauge(
        'nylas.account.unhealthy.age',
        { ...SHARED, 'nylas.account.state': state, 'nylas.provider': provider },
        (time) => unhealthyAge(provider, state, hourOf(time)),
      );
    }
    await history.histogram(
      'nylas.account.recovery.duration',
      {
        ...EXPORTER,
        'nylas.account.state': provider === 'imap' ? 'stopped' : 'invalid',
        'nylas.provider': provider,
      },
      (time) =>
        provider === 'microsoft'
          ? 0.01 + 0.25 * within(STORY.signIns, hourOf(time)) * Math.exp(-(hourOf(time) - 15.8) / 2)
          : 0.02,
      () => (provider === 'microsoft' ? 6400 : provider === 'imap' ? 900 : 30_000),
      1,
    );
  }
  await transitions(history);
  await polls(history);
  await repair(history);
  await listed(history);
}

function unhealthyAge(provider: KnownProvider, state: string, hour: number): number {
  if (state === 'invalid')
    return provider === 'google'
      ? (40 + hour) * 3600
      : Math.max(0, hour - STORY.passwords.from) * (provider === 'microsoft' ? 3600 : 0);
  if (state === 'stopped' && provider === 'imap') return Math.max(0, hour - STORY.imap.from) * 3600;
  if (state === 'sync_error' && provider === 'imap' && hour > 6.5 && hour < 12) return (hour - 6.5) * 3600;
  return 0;
}

async function transitions(history: History): Promise<void> {
  const moves = [
    [
      'running',
      'invalid',
      'webhook',
      (hour: number) => 0.01 + (LOST_PASSWORDS / 18) * within(STORY.passwords, hour),
    ],
    ['running', 'invalid', 'request', (hour: number) => 0.005 + 0.4 * within(STORY.passwords, hour)],
    [
      'invalid',
      'running',
      'webhook',
      (hour: number) => 0.01 + 0.4 * within(STORY.signIns, hour) * Math.exp(-(hour - 15.8) / 2),
    ],
    ['running', 'stopped', 'poll', (hour: number) => (hour > 6 && hour < 7.5 ? 0.067 : 0)],
    ['stopped', 'running', 'poll', (hour: number) => (hour > 12 && hour < 12.2 ? 0.25 : 0)],
    ['running', 'partial', 'poll', (hour: number) => 0.02 + 0.1 * within(STORY.outage, hour)],
    ['partial', 'running', 'poll', (hour: number) => 0.02 + 0.05 * within({ from: 10.5, to: 11.5 }, hour)],
  ] as const;
  for (const [from, to, signal, rate] of moves) {
    await history.counter(
      'nylas.account.transitions',
      {
        ...EXPORTER,
        'nylas.account.state.from': from,
        'nylas.account.state': to,
        'nylas.account.signal': signal,
      },
      (time) => rate(hourOf(time)),
    );
  }
}

async function polls(history: History): Promise<void> {
  for (const outcome of OUTCOMES) {
    await history.counter('nylas.account.polls', { ...EXPORTER, 'nylas.outcome': outcome }, (time) => {
      const outage = within(STORY.outage, hourOf(time));
      if (outcome === 'success') return 1 - 0.4 * outage;
      return outcome === 'server_error' ? 0.4 * outage : 0;
    });
  }
  await history.histogram(
    'nylas.account.poll.duration',
    { ...EXPORTER, 'nylas.outcome': 'success' },
    () => 1 / 60,
    (time) => 9 * (1 + 3 * within(STORY.outage, hourOf(time))),
    0.3,
  );
  await history.gauge('nylas.account.poll.last_success.time', SHARED, (time) => {
    // Every hour; the sweeps of the outage did not end.
    const hour = Math.floor(hourOf(time - 10));
    return DAY_START + 3600 * (hour === 10 ? 9 : hour) + 10;
  });
}

async function repair(history: History): Promise<void> {
  for (const action of REPAIR_ACTIONS) {
    for (const outcome of ['success', 'server_error'] as const) {
      await history.counter(
        'nylas.repair.actions',
        { ...EXPORTER, 'nylas.repair.action': action, 'nylas.outcome': outcome },
        (time) => {
          const hour = hourOf(time);
          const tenant = within(STORY.passwords, hour);
          const imap = hour > 6 && hour < 8 ? 1 : 0;
          const usual = outcome === 'success' ? 1 : 0.03;
          if (action === 'restart') return usual * 0.06 * imap;
          if (action === 'reauth_request')
            return usual * (0.01 + 0.04 * imap + (LOST_PASSWORDS / 18) * tenant);
          if (action === 'check') return usual * (0.05 + 0.3 * within(STORY.signIns, hour));
          if (action === 'revoke')
            return usual * 0.2 * within(STORY.signIns, hour) * Math.exp(-(hour - 15.8) / 2);
          return outcome === 'success' && hour > 11 && hour < 11.1 ? 0.34 : 0;
        },
      );
    }
  }
  for (const step of ['restart', 'wait', 'reauth', 'check'] as const) {
    await history.gauge('nylas.repair.pending', { ...SHARED, 'nylas.repair.step': step }, (time) => {
      const hour = hourOf(time);
      if (step === 'reauth') return 8 + signedOut(hour) + stopped(hour);
      if (step === 'check') return Math.round(2 + signedOut(hour) / 10);
      return hour > 6 && hour < 8 ? 1 : 0;
    });
  }
  await history.gauge('nylas.repair.paused', SHARED, (time) => {
    const hour = hourOf(time);
    return hour >= 15.6 && hour < 16.2 ? 1 : 0;
  });
}

// A few accounts with series of their own, as the opt-in has them.
async function listed(history: History): Promise<void> {
  for (let i = 0; i < 6; i++) {
    const account = `a${(0x5f3c9d * (i + 3)).toString(16)}e7`;
    const labels = { ...SHARED, 'nylas.account.id': account, 'nylas.provider': i < 4 ? 'microsoft' : 'imap' };
    const bad = i < 4 ? 'invalid' : 'stopped';
    const since = i < 4 ? STORY.passwords.to : STORY.imap.from + 1;
    await history.gauge('nylas.account.status', { ...labels, 'nylas.account.state': bad }, (time) =>
      hourOf(time) > since ? 1 : undefined,
    );
    await history.gauge('nylas.account.status', { ...labels, 'nylas.account.state': 'running' }, (time) =>
      hourOf(time) > since ? 0 : 1,
    );
  }
  await history.gauge('nylas.account.series.dropped', SHARED, () => 0);
}
