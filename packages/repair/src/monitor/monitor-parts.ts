import { createHmac } from 'node:crypto';
import {
  accountApi,
  Pacer,
  pollTelemetry,
  type Runtime,
  transitionTelemetry,
  type WatchIdentity,
} from '@nylas-otel/accounts/tracking';
import type { AccountSignal } from '@nylas-otel/semantic-conventions';
import type { JobCall } from '@nylas-otel/store';
import { dropError } from '@nylas-otel/telemetry';
import { managementApi } from '../nylas/management-api.ts';
import { reauthLink } from '../nylas/reauth-link.ts';
import { RepairControl } from '../runner/control.ts';
import { effects, repairedAccount } from '../runner/effects.ts';
import { inTime, type People } from '../runner/people.ts';
import { RepairRunner } from '../runner/repair-runner.ts';
import { repairTelemetry } from '../runner/repair-telemetry.ts';
import { supportBundle } from '../support-bundle/support-bundle.ts';
import { DurableTracker } from '../tracking/durable-tracker.ts';
import type { PollShard } from '../tracking/poll-shard.ts';
import { invalidShard, sweepShard } from '../tracking/polls.ts';
import { Rereads } from '../tracking/rereads.ts';
import type { MonitorEvents } from './monitor-events.ts';
import type { MonitorSettings } from './monitor-options.ts';
import { reconcile } from './reconcile.ts';
import { SharedGauges } from './shared-gauges.ts';

/** Work that one process at a time does. */
export interface SharedJob {
  readonly name: string;
  /** Between two runs. */
  readonly seconds: number;
  run(call: Pick<JobCall, 'signal'>): Promise<void>;
}

/** What a monitor is made of. */
export interface MonitorParts {
  readonly tracker: DurableTracker;
  readonly rereads: Rereads;
  readonly sweep: PollShard;
  readonly runner: RepairRunner;
  readonly control: RepairControl;
  readonly gauges: SharedGauges;
  readonly jobs: readonly SharedJob[];
  /** Tokens that an operator gave with a re-authentication; kept in memory only. */
  readonly newTokens: Map<string, string>;
}

const CALLBACK_MS = 60_000;
const TOKEN_MS = 10_000;

/** Puts a monitor together. */
export function monitorParts(
  settings: MonitorSettings,
  runtime: Runtime,
  events: MonitorEvents,
  closing: AbortSignal,
): MonitorParts {
  const { store, profile, application, host, region, captureAccountId } = settings;
  const identity: WatchIdentity = { application, profile, host, region };
  const now = (): number => runtime.now();
  const api = accountApi({ ...settings, closing });
  const observer = pollTelemetry(identity);
  const show = transitionTelemetry(application, profile, captureAccountId);
  const wantReread = (id: string, signal: AccountSignal): void => {
    void rereads.want(id, signal).catch((error: unknown) => dropError('accounts', error));
  };
  const tracker = new DurableTracker(
    store,
    {
      transition(transition) {
        show(transition);
        events.tellTransition(transition);
      },
      wantReread,
    },
    now,
  );
  // Shares of one rate: the polls of different kinds may run in different processes.
  const pacer = (share: number): Pacer => new Pacer(settings.requestsPerSecond * share);
  const polls = { store, api, tracker, identity, runtime, observer };
  const rereads = new Rereads({ store, api, tracker, runtime, pacer: pacer(0.25) });
  const sweep = sweepShard({ ...polls, pacer: pacer(0.5) }, rereads, settings.sweepMs);
  const invalid = invalidShard({ ...polls, pacer: pacer(0.25) }, rereads, settings.invalidMs, sweep);
  const repairObserver = repairTelemetry(application, profile.version, captureAccountId);
  const control = new RepairControl(store, settings.brake, now, {
    held(pause) {
      repairObserver.held(pause);
      events.tellPause(pause);
    },
    released(by) {
      repairObserver.released(by);
      events.tellPause(undefined);
    },
  });
  const newTokens = new Map<string, string>();
  const people = peopleOf(settings, newTokens);
  const runner = new RepairRunner({
    store,
    effects: effects({ nylas: managementApi(settings, closing), people, now }),
    control,
    observer: repairObserver,
    policy: settings.policy,
    now,
    tokenMark: async (account) =>
      tokenMark(settings.secret, await people.accessToken(repairedAccount(account))),
    tracker,
    actionsPerMinute: settings.actionsPerMinute,
  });
  const jobs: SharedJob[] = [
    { name: 'accounts.sweep', seconds: 5, run: (call) => sweep.run(call) },
    { name: 'accounts.reread', seconds: 2, run: (call) => rereads.run(call) },
    { name: 'repair', seconds: 2, run: ({ signal }) => runner.run(signal) },
    { name: 'repair.reconcile', seconds: 3_600, run: ({ signal }) => reconcile(store, now, signal) },
  ];
  if (profile.listsInvalid)
    jobs.push({ name: 'accounts.invalid', seconds: 5, run: (call) => invalid.run(call) });
  const gauges = new SharedGauges(settings, control, runtime);
  return { tracker, rereads, sweep, runner, control, gauges, jobs, newTokens };
}

function peopleOf(settings: MonitorSettings, newTokens: ReadonlyMap<string, string>): People {
  const { given, reauth, store, secret } = settings;
  return {
    async prompt(request) {
      if (reauth === undefined || given.onReauthenticationNeeded === undefined)
        throw new Error('nobody to ask: reauth and onReauthenticationNeeded are not given');
      const url = reauthLink(settings, reauth, request.account);
      await inTime(() => given.onReauthenticationNeeded?.({ ...request, url }), CALLBACK_MS);
    },
    async escalate(escalation) {
      const bundle = await inTime(
        () => supportBundle({ account: escalation.account.id, store, secrets: [secret] }),
        CALLBACK_MS / 2,
      ).catch((error: unknown) => dropError('repair', error));
      if (given.onEscalation === undefined) return;
      await inTime(() => given.onEscalation?.({ ...escalation, bundle: bundle ?? undefined }), CALLBACK_MS);
    },
    async accessToken(account) {
      const told = newTokens.get(account.id);
      if (told !== undefined || given.getAccessToken === undefined) return told;
      try {
        return await inTime(() => given.getAccessToken?.(account), TOKEN_MS);
      } catch (error) {
        dropError('repair', error);
        return undefined;
      }
    },
  };
}

/** A mark by which a new token is told from the old one, and nothing else. */
function tokenMark(secret: string, token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  const key = createHmac('sha256', secret).update('nylas-otel token mark 1').digest();
  return createHmac('sha256', key).update(token).digest('base64url').slice(0, 16);
}
