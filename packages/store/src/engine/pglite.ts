import { join } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { type Database, GENERIC_PLANS, type Row, type Session, type TransactionOptions } from './database.ts';
import { DURABLE_SETTINGS, DurableNodeFs } from './durable-node-fs.ts';
import { type FolderLock, lockFolder } from './folder-lock.ts';
import { TransactionGuard } from './transaction-guard.ts';

const INT8 = 20;
const BYTEA = 17;
// PGlite's own goes byte by byte.
const hex = (bytes: Uint8Array): string =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;

/** PostgreSQL in this process, in a folder or in memory. One connection: statements and transactions wait in line. */
export class PgliteDatabase implements Database {
  readonly engine = 'pglite';
  readonly pglite: PGlite;
  readonly #guard = new TransactionGuard();

  readonly #lock: FolderLock | undefined;

  private constructor(pglite: PGlite, lock: FolderLock | undefined) {
    this.pglite = pglite;
    this.#lock = lock;
  }

  /**
   * @param folder of the store, locked until it is closed; undefined for one in memory
   * @throws {NylasStoreError} `NYLAS_STORE_FOLDER_IN_USE`, `NYLAS_STORE_FOLDER_UNUSABLE`
   */
  static async open(folder: string | undefined): Promise<PgliteDatabase> {
    const types = { parsers: { [INT8]: Number }, serializers: { [BYTEA]: hex } };
    if (folder === undefined) return new PgliteDatabase(await PGlite.create(types), undefined);
    const lock = await lockFolder(folder);
    try {
      const pglite = await PGlite.create({
        fs: new DurableNodeFs(join(folder, 'data')),
        startParams: [
          ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
          ...DURABLE_SETTINGS,
        ],
        ...types,
      });
      return new PgliteDatabase(pglite, lock);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
    this.#guard.check();
    return (await this.pglite.query<Result>(text, values as unknown[])).rows;
  }

  assertOutside(): void {
    this.#guard.check();
  }

  async transaction<Result>(
    work: (session: Session) => Promise<Result>,
    { genericPlans = false }: TransactionOptions = {},
  ): Promise<Result> {
    this.#guard.check();
    return (await this.pglite.transaction(async (tx) => {
      if (genericPlans) await tx.exec(GENERIC_PLANS);
      return await this.#guard.run(() => work(sessionOf(tx)));
    })) as Result;
  }

  async close(): Promise<void> {
    try {
      await this.pglite.close();
    } finally {
      await this.#lock?.release();
    }
  }
}

function sessionOf(tx: Transaction): Session {
  return {
    async query<Result extends Row>(text: string, values?: readonly unknown[]): Promise<Result[]> {
      return (await tx.query<Result>(text, values as unknown[])).rows;
    },
  };
}
