import {
  type AccountReading,
  asObject,
  type Connection,
  type NylasRequest,
  type Reply,
  requestNylas,
} from '@nylas-otel/accounts/tracking';
import type { Billing } from '../machine/repair-state.ts';

/** One account as Nylas has it now. */
export interface ManagedAccount {
  readonly reading: AccountReading;
  /** v2; `unknown` on v3 and where Nylas does not say. */
  readonly billing: Billing;
}

/** The requests of repair. Never throw and never reject. */
export interface ManagementApi {
  find(id: string): Promise<Reply<ManagedAccount>>;
  /** v2: takes the account out of service. */
  downgrade(id: string): Promise<Reply<true>>;
  /** v2: puts it back; it syncs anew. */
  upgrade(id: string): Promise<Reply<true>>;
  /** v2: revokes all access tokens of the account but one. */
  revokeOthers(id: string, keep: string): Promise<Reply<true>>;
}

const BILLING: ReadonlySet<unknown> = new Set<Billing>(['paid', 'cancelled', 'deleted']);
// As Nylas documents the restart: these headers, no body.
const HEADERS = { accept: 'application/json, application/gzip', 'content-type': 'application/json' };

/** The management of one application's accounts. */
export function managementApi(connection: Connection, closing: AbortSignal): ManagementApi {
  const { profile, base, authorization, timeoutMs, fetch } = connection;
  const options = { version: profile.version, timeoutMs, fetch, closing };
  const urlOf = (id: string): string => base + profile.accountPath(id);
  const post = (path: string, more: Partial<NylasRequest>): Promise<Reply<true>> =>
    requestNylas({ url: path, authorization, method: 'POST', ...more }, options, () => true);
  return {
    find: (id) =>
      requestNylas({ url: urlOf(id), authorization }, options, (body) => {
        const reading = profile.readAccount(body);
        if (reading === undefined || reading.id !== id) return undefined;
        const billing = asObject(body)?.billing_state;
        return { reading, billing: BILLING.has(billing) ? (billing as Billing) : 'unknown' };
      }),
    downgrade: (id) => post(`${urlOf(id)}/downgrade`, { headers: HEADERS }),
    upgrade: (id) => post(`${urlOf(id)}/upgrade`, { headers: HEADERS }),
    revokeOthers: (id, keep) => post(`${urlOf(id)}/revoke-all`, { json: { keep_access_token: keep } }),
  };
}
