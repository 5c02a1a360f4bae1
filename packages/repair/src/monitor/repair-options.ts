import { flag, number, objectOption, refuseUnknown } from '@nylas-otel/accounts/tracking';
import type { ApiVersion } from '@nylas-otel/nylas-api';
import { DEFAULT_POLICY, type RepairPolicy } from '../machine/repair-policy.ts';
import { type BrakeSettings, DEFAULT_BRAKE } from '../runner/brake.ts';

const DAY = 86_400;
const OPTIONS = [
  'dryRun',
  'flapTime',
  'restartEvery',
  'settleTime',
  'remindEvery',
  'mostPrompts',
  'checkEvery',
  'partialTime',
  'revokeTokens',
  'actionsPerMinute',
  'massFailure',
];

/** Requests and callbacks take at most so long, so that a lease is never outlived. */
export const MOST_LEASE_MS: number = DEFAULT_POLICY.leaseMs;

/** What repair is to do, checked. */
export interface RepairSettings {
  readonly policy: RepairPolicy;
  readonly brake: BrakeSettings;
  readonly actionsPerMinute: number;
}

/** Checks the option `repair`. */
export function readRepair(value: unknown, version: ApiVersion): RepairSettings {
  const repair = objectOption('repair', value ?? {}, 'an object such as { dryRun: false }');
  refuseUnknown(repair, OPTIONS, 'repair.');
  const seconds = (name: string, preset: number, least: number, most: number): number =>
    number(repair, name, preset / 1_000, least, most, 'seconds', 'repair.') * 1_000;
  const preset = DEFAULT_POLICY;
  return {
    policy: {
      version,
      dryRun: flag(repair, 'dryRun', preset.dryRun, 'repair.'),
      revokeTokens: flag(repair, 'revokeTokens', preset.revokeTokens, 'repair.'),
      flapMs: seconds('flapTime', preset.flapMs, 0, 7 * DAY),
      restartEveryMs: seconds('restartEvery', preset.restartEveryMs, 3_600, 30 * DAY),
      settleMs: seconds('settleTime', preset.settleMs, 60, DAY),
      remindEveryMs: seconds('remindEvery', preset.remindEveryMs, DAY, 30 * DAY),
      mostPrompts: Math.floor(
        number(repair, 'mostPrompts', preset.mostPrompts, 1, 100, 'prompts', 'repair.'),
      ),
      checkEveryMs: seconds('checkEvery', preset.checkEveryMs, 60, DAY),
      partialForMs: seconds('partialTime', preset.partialForMs, 60, 30 * DAY),
      leaseMs: preset.leaseMs,
    },
    brake: readBrake(repair.massFailure),
    actionsPerMinute: number(repair, 'actionsPerMinute', 30, 1, 10_000, 'actions', 'repair.'),
  };
}

function readBrake(value: unknown): BrakeSettings {
  const brake = objectOption('repair.massFailure', value ?? {}, 'an object such as { accounts: 50 }');
  refuseUnknown(brake, ['accounts', 'share', 'within'], 'repair.massFailure.');
  const prefix = 'repair.massFailure.';
  return {
    accounts: number(brake, 'accounts', DEFAULT_BRAKE.accounts, 1, 1_000_000, 'accounts', prefix),
    share: number(brake, 'share', DEFAULT_BRAKE.share, 0, 1, 'of all accounts', prefix),
    windowMs: number(brake, 'within', DEFAULT_BRAKE.windowMs / 1_000, 10, DAY, 'seconds', prefix) * 1_000,
  };
}
