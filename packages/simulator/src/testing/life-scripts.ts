import type { Accounts } from '../lifecycle/accounts.ts';
import type { RepairPlan } from '../lifecycle/repair-plan.ts';
import type { Simulator } from '../simulator.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { IncidentOptions } from '../status-page/status-page.ts';
import type { WebhookDeliveryOptions } from '../webhooks/webhook-settings.ts';
import type { FaultScript } from './fault-scripts.ts';

/** Which grant: its id or address. Default: the first. */
export interface OfGrant {
  readonly grant?: string;
}
/** Which account: its id or address. Default: the first. */
export interface OfAccount {
  readonly account?: string;
}

const script = (name: string, play: (simulator: Simulator) => void): FaultScript => ({ name, play });

function grantOf({ grants }: Simulator, { grant }: OfGrant): string {
  const name = grant ?? grants.first()?.id;
  if (name === undefined)
    throw new SimulatorError('not_found', 'there is no grant; start the simulator with grants');
  return name;
}

function accountOf({ accounts }: Simulator, { account }: OfAccount): string {
  const name = account ?? accounts.page(0, 1)[0]?.id;
  if (name === undefined)
    throw new SimulatorError('not_found', 'there is no account; start the simulator with accounts');
  return name;
}

/**
 * A v3 grant expires: data calls answer 401; `grant.expired` comes when Nylas notices.
 * @param options `noticedAfterMs`: simulated milliseconds until then, default 0
 */
export const grantExpires = (options: OfGrant & { readonly noticedAfterMs?: number } = {}): FaultScript =>
  script('grant expires', (simulator) => {
    simulator.grants.expire(grantOf(simulator, options), { noticedAfterMs: options.noticedAfterMs ?? 0 });
  });

/** The user of a v3 grant agrees again. */
export const grantComesBack = (options: OfGrant = {}): FaultScript =>
  script('grant comes back', (simulator) => {
    simulator.grants.reauthenticate(grantOf(simulator, options));
  });

/** A v3 grant is blocked: 423. */
export const grantIsBlocked = (options: OfGrant = {}): FaultScript =>
  script('grant is blocked', (simulator) => {
    simulator.grants.setBlocked(grantOf(simulator, options), true);
  });

/** A script about one account. */
export type AccountScript = (options?: OfAccount) => FaultScript;

const becomes =
  (name: string, act: (accounts: Accounts, id: string) => unknown): AccountScript =>
  (options = {}) =>
    script(name, (simulator) => void act(simulator.accounts, accountOf(simulator, options)));

/** A v2 account stops syncing: writes and searches answer 403. */
export const accountStops: AccountScript = becomes('account stops', (accounts, id) => accounts.stop(id));
/** The credentials of a v2 account are out of date: writes and searches answer 403. */
export const accountIsInvalid: AccountScript = becomes('account is invalid', (accounts, id) =>
  accounts.invalidate(id),
);
/** A v2 account has a sync error. */
export const accountHasSyncError: AccountScript = becomes('account has a sync error', (accounts, id) =>
  accounts.failSync(id),
);
/** A v2 account syncs partially. */
export const accountIsPartial: AccountScript = becomes('account is partial', (accounts, id) =>
  accounts.degrade(id),
);
/** A v2 account runs again. */
export const accountRuns: AccountScript = becomes('account runs', (accounts, id) => accounts.run(id));
/** A v2 account is cancelled: 403 to everything. */
export const accountIsCancelled: AccountScript = becomes('account is cancelled', (accounts, id) =>
  accounts.downgrade(id),
);

/** What restarts and re-authentications of a v2 account come to. */
export const repairComesTo = (plan: RepairPlan, options: OfAccount = {}): FaultScript =>
  script('repair comes to', (simulator) => {
    simulator.accounts.plan(accountOf(simulator, options), plan);
  });

/** Nylas sends no webhooks: what happens meanwhile is lost to them. */
export const webhooksStop = (): FaultScript =>
  script('webhooks stop', (simulator) => simulator.webhooks.startOutage());
/** Nylas sends webhooks again. */
export const webhooksComeBack = (): FaultScript =>
  script('webhooks come back', (simulator) => simulator.webhooks.endOutage());
/** Webhooks come twice, late and in another order, as they may. */
export const webhooksComeAnyhow = (options: WebhookDeliveryOptions = {}): FaultScript =>
  script('webhooks come anyhow', (simulator) =>
    simulator.webhooks.tune({ duplicates: 0.5, reorderMs: 1000, ...options }),
  );
/** Many notifications at once. */
export const webhookBurst = (trigger: string, count: number): FaultScript =>
  script('webhook burst', (simulator) => simulator.webhooks.send(trigger, { count }));

/** The status page shows an incident. */
export const incidentOpens = (options: IncidentOptions = { name: 'Elevated error rates' }): FaultScript =>
  script('incident opens', (simulator) => void simulator.status.openIncident(options));
