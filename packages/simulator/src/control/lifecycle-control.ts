import type { JsonObject } from '../data/mailbox.ts';
import { completeLogin } from '../hosted-login/hosted-login.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import type { Accounts } from '../lifecycle/accounts.ts';
import type { Grants } from '../lifecycle/grants.ts';
import type { RepairPlan } from '../lifecycle/repair-plan.ts';
import { integer, record } from '../option-checks.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { Account } from '../stores/account-store.ts';
import type { Grant } from '../stores/grant-store.ts';
import { type ControlRoutes, decode, optionalBodyOf, shorten } from './control-request.ts';

const checkExpiry = record({ noticedAfterMs: integer(0, 10_000_000_000) });
const checkNothing = record({});

/** `POST /__sim/grants/{id}/{action}`. */
const GRANT_ACTIONS: Readonly<Record<string, (grants: Grants, id: string, body: JsonObject) => Grant>> = {
  expire: (grants, id, body) => {
    checkExpiry('', body);
    return grants.expire(id, body);
  },
  reauthenticate: (grants, id, body) => {
    checkNothing('', body);
    return grants.reauthenticate(id);
  },
};

const plain =
  (act: (accounts: Accounts, id: string) => Account) =>
  (accounts: Accounts, id: string, body: JsonObject): Account => {
    checkNothing('', body);
    return act(accounts, id);
  };

/** `POST /__sim/accounts/{id}/{action}`. */
const ACCOUNT_ACTIONS: Readonly<
  Record<string, (accounts: Accounts, id: string, body: JsonObject) => Account>
> = {
  run: plain((accounts, id) => accounts.run(id)),
  degrade: plain((accounts, id) => accounts.degrade(id)),
  stop: plain((accounts, id) => accounts.stop(id)),
  invalidate: plain((accounts, id) => accounts.invalidate(id)),
  'fail-sync': plain((accounts, id) => accounts.failSync(id)),
  downgrade: plain((accounts, id) => accounts.downgrade(id)),
  upgrade: plain((accounts, id) => accounts.upgrade(id)),
  reauthenticate: plain((accounts, id) => accounts.reauthenticate(id)),
  plan: (accounts, id, body) => accounts.plan(id, body as RepairPlan),
};

/** The action of a path `{id}/{action}`, or undefined when the path is no such one. */
function actionOf<T>(
  actions: Readonly<Record<string, T>>,
  rest: string,
): { readonly id: string; readonly act: T } | undefined {
  if (rest === '') return undefined;
  const slash = rest.lastIndexOf('/');
  const name = rest.slice(slash + 1);
  if (slash < 1 || !Object.hasOwn(actions, name)) {
    throw new SimulatorError(
      'not_found',
      `there is no action ${shorten(name)}; give {id}/ and one of ${Object.keys(actions).join(', ')}`,
    );
  }
  return { id: decode(rest.slice(0, slash)), act: actions[name] as T };
}

/** Does what the path of a `POST /__sim/grants/...` says; undefined when it says nothing. */
export function actOnGrant(x: Exchange, rest: string): Reply | undefined {
  const found = actionOf(GRANT_ACTIONS, rest);
  return found && jsonReply(200, { grant: found.act(x.world.grants, found.id, optionalBodyOf(x)) });
}

/** Does what the path of a `POST /__sim/accounts/...` says; undefined when it says nothing. */
export function actOnAccount(x: Exchange, rest: string): Reply | undefined {
  const found = actionOf(ACCOUNT_ACTIONS, rest);
  return found && jsonReply(200, { account: found.act(x.world.accounts, found.id, optionalBodyOf(x)) });
}

/** Where the page of the hosted login sends its form. */
export const loginControl: ControlRoutes = { 'POST login': completeLogin };
