import type { Failure } from '@nylas-otel/accounts/tracking';
import type { AccountState } from '@nylas-otel/nylas-api';
import type { Billing } from '../src/machine/repair-state.ts';
import type { ManagementApi } from '../src/nylas/management-api.ts';
import type { People } from '../src/runner/people.ts';
import type { Process } from './crash.ts';

/** How the next requests of a kind go wrong. `lost_answer`: they are carried out, but the answer never comes. */
export type Mishap = 'refused' | 'unavailable' | 'lost_answer';

/** What Nylas and its accounts really do, and what was done to them. */
export class NylasModel {
  state: AccountState = 'running';
  billing: Billing = 'paid';
  /** State after the next upgrade of a stuck account. */
  afterUpgrade: AccountState = 'running';
  token = 'token-1';
  /** Everything that was really done, with its time. */
  readonly log: { readonly what: string; readonly at: number }[] = [];
  readonly mishaps: Mishap[] = [];
  /** Told of everything just before it is really done. */
  watch: (what: string) => void = () => {};
  readonly #now: () => number;
  readonly id: string;

  constructor(id: string, now: () => number) {
    this.id = id;
    this.#now = now;
  }

  /** When something was really done. */
  times(what: string): number[] {
    return this.log.filter((entry) => entry.what === what).map(({ at }) => at);
  }

  /** Its management, as a process sees it that may die before and after each request. */
  api(process: Process): ManagementApi {
    const request = async <T>(
      what: string,
      carryOut: () => T,
    ): Promise<{ ok: true; value: T } | { ok: false; failure: Failure }> => {
      await process.point();
      const mishap = this.mishaps.shift();
      if (mishap === 'refused') return { ok: false, failure: failure(429) };
      if (mishap === 'unavailable') return { ok: false, failure: failure(503) };
      this.watch(what);
      const value = carryOut();
      this.log.push({ what, at: this.#now() });
      await process.point();
      return mishap === 'lost_answer' ? { ok: false, failure: failure(0) } : { ok: true, value };
    };
    return {
      find: (id) =>
        request('find', () => ({
          reading: { id, email: 'user@example.org', provider: 'google', state: this.state, raw: this.state },
          billing: this.billing,
        })),
      downgrade: () =>
        request('downgrade', () => {
          this.billing = 'cancelled';
          return true as const;
        }),
      upgrade: () =>
        request('upgrade', () => {
          if (this.billing === 'cancelled' && this.state !== 'invalid' && this.state !== 'running')
            this.state = this.afterUpgrade;
          this.billing = 'paid';
          return true as const;
        }),
      revokeOthers: (_id, keep) => request(`revoke, keeping ${keep}`, () => true as const),
    };
  }

  /** Whom repair talks to; what arrived is in the log. */
  people(process: Process): People {
    const tell = async (what: string): Promise<void> => {
      await process.point();
      if (this.mishaps.shift() === 'refused') throw new Error('the mail server is down');
      this.watch(what);
      this.log.push({ what, at: this.#now() });
      await process.point();
    };
    return {
      prompt: () => tell('prompt'),
      escalate: () => tell('escalate'),
      accessToken: async () => this.token,
    };
  }
}

function failure(status: number): Failure {
  const outcome = status === 0 ? 'timeout' : status === 429 ? 'rate_limited' : 'server_error';
  return {
    outcome,
    status,
    errorType: undefined,
    requestId: undefined,
    flowId: undefined,
    retryAfterSeconds: undefined,
    unreadable: false,
  };
}
