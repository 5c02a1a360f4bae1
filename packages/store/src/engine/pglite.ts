import { PGlite, type Transaction } from '@electric-sql/pglite';
import type { Database, Row, Session } from './database.ts';
import { TransactionGuard } from './transaction-guard.ts';

const INT8 = 20;

/** PostgreSQL in this process, in a folder or in memory. One connection: statements and transactions wait in line. */
export class PgliteDatabase implements Database {
  readonly engine = 'pglite';
  readonly pglite: PGlite;
  readonly #guard = new TransactionGuard();

  private constructor(pglite: PGlite) {
    this.pglite = pglite;
  }

  static async open(folder: string | undefined): Promise<PgliteDatabase> {
    const startParams = PGlite.defaultStartParams.filter((parameter) => parameter !== '-F');
    const pglite = await PGlite.create({
      ...(folder === undefined ? {} : { dataDir: folder }),
      startParams,
      parsers: { [INT8]: Number },
    });
    return new PgliteDatabase(pglite);
  }

  async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
    this.#guard.check();
    return (await this.pglite.query<Result>(text, values as unknown[])).rows;
  }

  async script(text: string): Promise<void> {
    await this.pglite.exec(text);
  }

  async transaction<Result>(work: (session: Session) => Promise<Result>): Promise<Result> {
    this.#guard.check();
    return (await this.pglite.transaction((tx) => this.#guard.run(() => work(sessionOf(tx))))) as Result;
  }

  async close(): Promise<void> {
    await this.pglite.close();
  }
}

function sessionOf(tx: Transaction): Session {
  return {
    async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
      return (await tx.query<Result>(text, values as unknown[])).rows;
    },
  };
}
