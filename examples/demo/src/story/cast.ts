import type { Account, Grant, Simulator } from '@nylas-otel/simulator';

/** Who reads mail through the service: the mailboxes of everyday work, and those that something happens to. */
export class Cast {
  readonly #nylas: Simulator;
  readonly #taken = new Set<string>();

  constructor(nylas: Simulator) {
    this.#nylas = nylas;
  }

  /** A grant of a provider that has no part yet; it takes no part in everyday work from now on. */
  takeGrant(provider: Grant['provider']): Grant {
    return this.#take(this.#nylas.grants.list(), provider);
  }

  /** An account of API v2 in the same way. */
  takeAccount(provider: Account['provider']): Account {
    return this.#take(this.#nylas.accounts.list(), provider);
  }

  /** The grants of everyday work. */
  get grants(): readonly Grant[] {
    return this.#nylas.grants.list().filter(({ id, status }) => !this.#taken.has(id) && status === 'valid');
  }

  /** The accounts of everyday work. */
  get accounts(): readonly Account[] {
    return this.#nylas.accounts.list().filter(({ id }) => !this.#taken.has(id));
  }

  #take<T extends { readonly id: string; readonly provider: string }>(
    candidates: readonly T[],
    provider: T['provider'],
  ): T {
    const found = candidates.find((one) => one.provider === provider && !this.#taken.has(one.id));
    if (found === undefined)
      throw new Error(`the demo has no mailbox of ${provider} left; add some in mailboxes.ts`);
    this.#taken.add(found.id);
    return found;
  }
}
