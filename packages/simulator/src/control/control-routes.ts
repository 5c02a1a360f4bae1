import type { JsonObject } from '../data/mailbox.ts';
import type { FaultRule } from '../faults/fault-rule.ts';
import type { Exchange } from '../http/exchange.ts';
import { jsonReply, type Reply } from '../http/reply.ts';
import { checkAccountSeed, checkGrantSeed } from '../options.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { AccountSeed, SyncState } from '../stores/account-store.ts';
import type { GrantSeed, GrantStatus } from '../stores/grant-store.ts';
import { clockControl } from './clock-control.ts';
import { bodyOf, type ControlRoutes, decode, firstOf, lastOf, shorten } from './control-request.ts';
import { actOnAccount, actOnGrant, loginControl } from './lifecycle-control.ts';
import { statusControl } from './status-control.ts';
import { trafficControl } from './traffic-control.ts';
import { webhookControl } from './webhook-control.ts';

/** The control interface by method and first path segment. */
const ROUTES: ControlRoutes = {
  ...clockControl,
  ...loginControl,
  ...trafficControl,
  ...webhookControl,
  ...statusControl,
  'GET ': overview,
  'GET faults': (x) => jsonReply(200, { faults: x.world.faults.list() }),
  'POST faults': (x) => {
    const body = bodyOf(x);
    return jsonReply(201, { id: x.world.faults.add(body as unknown as FaultRule) });
  },
  'DELETE faults': (x, id) => {
    if (id === '') x.world.faults.clear();
    else if (!x.world.faults.remove(id))
      throw new SimulatorError('not_found', `no fault has the id ${shorten(id)}`);
    return jsonReply(200, { faults: x.world.faults.list() });
  },
  'GET grants': (x) =>
    jsonReply(200, { counts: x.world.grants.counts(), grants: firstOf(x, x.world.grants.list()) }),
  'POST grants': (x, rest) => actOnGrant(x, rest) ?? setGrant(x),
  'DELETE grants': (x, id) => {
    if (!x.world.grants.delete(decode(id)))
      throw new SimulatorError('not_found', `there is no grant ${shorten(id)}`);
    return jsonReply(200, { counts: x.world.grants.counts() });
  },
  'GET accounts': (x) =>
    jsonReply(200, { counts: x.world.accounts.counts(), accounts: firstOf(x, x.world.accounts.list()) }),
  'POST accounts': (x, rest) => actOnAccount(x, rest) ?? setAccount(x),
  'DELETE accounts': (x, id) => {
    if (!x.world.accounts.delete(decode(id))) {
      throw new SimulatorError('not_found', `there is no account ${shorten(id)}`);
    }
    return jsonReply(200, { counts: x.world.accounts.counts() });
  },
  'GET requests': (x) => {
    const { requests } = x.world;
    return jsonReply(200, { total: requests.total, requests: lastOf(x, requests.list()) });
  },
  'DELETE requests': (x) => {
    x.world.requests.clear();
    return jsonReply(200, { total: 0, requests: [] });
  },
  'GET sent': (x) => jsonReply(200, { sent: x.world.sent.list() }),
  'POST reset': (x) => {
    x.world.reset();
    return overview(x);
  },
};

/** Answers a request to `/__sim/...`; what is wrong is said in plain words with 400, 404 or 409. */
export async function answerControl(x: Exchange): Promise<Reply> {
  const [, , name = '', ...rest] = x.path.split('/');
  const route = Object.hasOwn(ROUTES, `${x.method} ${name}`) ? ROUTES[`${x.method} ${name}`] : undefined;
  if (route === undefined) {
    return jsonReply(404, { error: `no such control route; there are ${Object.keys(ROUTES).join(', ')}` });
  }
  try {
    return await route(x, rest.join('/'));
  } catch (error) {
    if (!(error instanceof SimulatorError)) throw error;
    const status = error.code === 'not_found' ? 404 : error.code === 'taken' ? 409 : 400;
    return jsonReply(status, { error: error.message });
  }
}

function overview(x: Exchange): Reply {
  const { world } = x;
  return jsonReply(200, {
    api_key: world.settings.apiKey,
    client_id: world.settings.clientId,
    client_secret: world.settings.clientSecret,
    region: world.settings.region,
    seed: world.settings.seed,
    grants: world.grants.counts(),
    accounts: world.accounts.counts(),
    faults: world.faults.list().length,
    requests: world.requests.total,
    defects: world.defects.map(String),
  });
}

/** Changes the grant that `id` or `email` names, or makes a new one when neither is known. */
function setGrant(x: Exchange): Reply {
  const body = bodyOf(x);
  checkGrantSeed('', body);
  const seed = body as GrantSeed & { status?: GrantStatus; blocked?: boolean };
  const { grants } = x.world;
  const known = named(seed, (name) => grants.get(name));
  if (known === undefined) return jsonReply(201, { grant: grants.create(seed), counts: grants.counts() });
  onlyState(body, ['status', 'blocked']);
  if (seed.status !== undefined) grants.setStatus(known.id, seed.status);
  if (seed.blocked !== undefined) grants.setBlocked(known.id, seed.blocked);
  return jsonReply(200, { grant: known, counts: grants.counts() });
}

/** Changes the account that `id` or `email` names, or makes a new one when neither is known. */
function setAccount(x: Exchange): Reply {
  const body = bodyOf(x);
  checkAccountSeed('', body);
  const seed = body as AccountSeed & { syncState?: SyncState };
  const { accounts } = x.world;
  const known = named(seed, (name) => accounts.get(name));
  if (known === undefined)
    return jsonReply(201, { account: accounts.create(seed), counts: accounts.counts() });
  onlyState(body, ['syncState', 'billingState']);
  if (seed.syncState !== undefined) accounts.setState(known.id, seed.syncState);
  if (seed.billingState !== undefined) accounts.setBillingState(known.id, seed.billingState);
  return jsonReply(200, { account: known, counts: accounts.counts() });
}

function named<T>(
  seed: { readonly id?: string; readonly email?: string },
  get: (name: string) => T | undefined,
): T | undefined {
  return (
    (seed.id === undefined ? undefined : get(seed.id)) ??
    (seed.email === undefined ? undefined : get(seed.email))
  );
}

/** An existing account or grant changes its states only; anything else would be a silent no-op. */
function onlyState(body: JsonObject, states: readonly string[]): void {
  const other = Object.keys(body).find((name) => name !== 'id' && name !== 'email' && !states.includes(name));
  if (other !== undefined) {
    throw new SimulatorError(
      'invalid_request',
      `${other} cannot be changed; of something that exists only ${states.join(' and ')} can`,
    );
  }
}
