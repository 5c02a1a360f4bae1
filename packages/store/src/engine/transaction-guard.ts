import { AsyncLocalStorage } from 'node:async_hooks';
import { NylasStoreError } from '../errors.ts';

interface Transaction {
  open: boolean;
}

/**
 * Catches the use of the store itself inside of its own transaction: on PGlite it would wait for ever (there is one
 * connection), on PostgreSQL it would write outside of the transaction.
 */
export class TransactionGuard {
  readonly #current = new AsyncLocalStorage<Transaction>();

  /** @throws {NylasStoreError} `NYLAS_STORE_OUTSIDE_TRANSACTION` */
  check(): void {
    if (this.#current.getStore()?.open !== true) return;
    throw new NylasStoreError(
      'NYLAS_STORE_OUTSIDE_TRANSACTION',
      'The store itself was used inside of a transaction of it. Use what the callback is given ' +
        '(`tx.accounts`, `tx.journal`, `tx.jobs`, `tx.records()`, `tx.query()`) instead.',
    );
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    const transaction = { open: true };
    try {
      return await this.#current.run(transaction, work);
    } finally {
      transaction.open = false;
    }
  }
}
