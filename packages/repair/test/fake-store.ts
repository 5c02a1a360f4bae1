import { isUnhealthy, judge } from '@nylas-otel/accounts/tracking';
import { ACCOUNT_STATES } from '@nylas-otel/nylas-api';
import type {
  AccountTable,
  AccountUpdate,
  Journal,
  JournalEntry,
  NylasStore,
  Records,
  StoredAccount,
  StoredRecord,
  StoreTransaction,
  UpdateResult,
} from '@nylas-otel/store';
import { Process } from './crash.ts';

type Transition = NonNullable<UpdateResult['transition']>;

interface Tables {
  records: Map<string, Map<string, StoredRecord<unknown>>>;
  accounts: Map<string, StoredAccount>;
  transitions: Transition[];
  journal: JournalEntry[];
}

/**
 * The contract of the store in memory, for tests of what stands on it: commits are whole, what is committed stays, and a
 * process that opened it may die at any point. Values go through JSON, as they do in a database.
 */
export class FakeDatabase {
  tables: Tables = { records: new Map(), accounts: new Map(), transitions: [], journal: [] };
  now: () => number;
  #turn: Promise<void> = Promise.resolve();

  constructor(now: () => number) {
    this.now = now;
  }

  /** Opens it in a process. */
  open(process: Process = new Process()): NylasStore {
    const direct = this.#part(process);
    const transaction = async <R>(work: (tx: StoreTransaction) => Promise<R>): Promise<R> => {
      await process.point();
      const turn = this.#turn;
      let free: () => void = () => {};
      this.#turn = new Promise((resolve) => {
        free = resolve;
      });
      await turn;
      const before = this.#copy();
      // A process that dies within a transaction leaves nothing of it, and holds nobody up.
      void process.death.then(() => {
        if (inside) this.tables = before;
        free();
      });
      let inside = true;
      try {
        const result = await work(this.#part(process));
        inside = false;
        free();
        await process.point();
        return result;
      } catch (error) {
        inside = false;
        this.tables = before;
        free();
        throw error;
      }
    };
    const missing = (what: string) => (): never => {
      throw new Error(`the fake store has no ${what}`);
    };
    return {
      ...direct,
      engine: 'pglite',
      application: 'default',
      inbox: new Proxy({}, { get: missing('inbox') }) as NylasStore['inbox'],
      uptime: new Proxy({}, { get: missing('uptime') }) as NylasStore['uptime'],
      jobs: { send: missing('jobs'), work: missing('jobs'), every: missing('jobs') },
      transaction,
      health: missing('health'),
      close: async () => {},
    };
  }

  /** What a record holds now. */
  record<Value>(collection: string, key: string): StoredRecord<Value> | undefined {
    return this.tables.records.get(collection)?.get(key) as StoredRecord<Value> | undefined;
  }

  #copy(): Tables {
    const { records, accounts, transitions, journal } = this.tables;
    return {
      records: new Map([...records].map(([name, rows]) => [name, new Map(rows)])),
      accounts: new Map(accounts),
      transitions: [...transitions],
      journal: [...journal],
    };
  }

  #part(process: Process): StoreTransaction {
    return {
      accounts: this.#accounts(process),
      journal: this.#journal(process),
      jobs: { send: async () => true },
      query: async () => {
        throw new Error('the fake store has no SQL');
      },
      records: <Value>(name: string) => this.#records<Value>(name, process),
    };
  }

  #records<Value>(name: string, process: Process): Records<Value> {
    const rows = (): Map<string, StoredRecord<Value>> => {
      let found = this.tables.records.get(name);
      if (found === undefined) {
        found = new Map();
        this.tables.records.set(name, found);
      }
      return found as Map<string, StoredRecord<Value>>;
    };
    const write = (
      key: string,
      version: number,
      value: Value,
      marks: { readonly tag?: string; readonly due?: number } = {},
    ): void => {
      const stored = JSON.parse(JSON.stringify(value)) as Value;
      rows().set(key, { key, version, value: stored, tag: marks.tag, due: marks.due });
    };
    const sorted = () => [...rows().values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const at = async <R>(work: () => R): Promise<R> => {
      await process.point();
      return work();
    };
    return {
      get: (key) => at(() => rows().get(key)),
      getMany: (keys) => at(() => keys.flatMap((key) => rows().get(key) ?? [])),
      add: (key, value, marks) =>
        at(() => {
          if (rows().has(key)) return false;
          write(key, 1, value, marks);
          return true;
        }),
      replace: (key, version, value, marks) =>
        at(() => {
          if (rows().get(key)?.version !== version) return false;
          write(key, version + 1, value, marks);
          return true;
        }),
      set: (key, value, marks) => at(() => write(key, (rows().get(key)?.version ?? 0) + 1, value, marks)),
      remove: (key, version) =>
        at(() => {
          const known = rows().get(key);
          if (known === undefined || (version !== undefined && known.version !== version)) return false;
          return rows().delete(key);
        }),
      list: ({ after = '', limit = 100, tag } = {}) =>
        at(() =>
          sorted()
            .filter(({ key, tag: its }) => key > after && (tag === undefined || its === tag))
            .slice(0, limit),
        ),
      due: (now, limit) =>
        at(() =>
          [...rows().values()]
            .filter(({ due }) => due !== undefined && due <= now)
            .sort((a, b) => (a.due ?? 0) - (b.due ?? 0))
            .slice(0, limit),
        ),
      countByTag: () =>
        at(() => {
          const counts = new Map<string, number>();
          for (const { tag = '' } of rows().values()) counts.set(tag, (counts.get(tag) ?? 0) + 1);
          return counts;
        }),
    };
  }

  #journal(process: Process): Journal {
    return {
      append: async (entries) => {
        await process.point();
        for (const entry of entries)
          this.tables.journal.push({ time: this.now(), ...entry, id: this.tables.journal.length + 1 });
      },
      read: async ({ accountId, kind, limit = 100 } = {}) =>
        this.tables.journal
          .filter(
            (entry) =>
              (accountId === undefined || entry.accountId === accountId) &&
              (kind === undefined || entry.kind === kind),
          )
          .reverse()
          .slice(0, limit),
    };
  }

  #accounts(process: Process): AccountTable {
    const all = (): StoredAccount[] =>
      [...this.tables.accounts.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    return {
      apply: async (updates) => {
        await process.point();
        return updates.map((update) => this.#apply(update));
      },
      get: async (id) => {
        await process.point();
        return this.tables.accounts.get(id);
      },
      resolve: async (name) => all().filter(({ id, email }) => name === id || name === email),
      list: async ({ state, unhealthy, after = '', limit = 100 } = {}) =>
        all()
          .filter(
            (account) =>
              account.id > after &&
              (state === undefined || account.state === state) &&
              (unhealthy === undefined || isUnhealthy(account.state) === unhealthy),
          )
          .slice(0, limit),
      aggregates: async () => ({
        counts: ACCOUNT_STATES.map((state) => {
          const inState = all().filter((account) => account.state === state);
          return {
            provider: 'google',
            state,
            count: inState.length,
            oldestSince: isUnhealthy(state) ? Math.min(...inState.map(({ since }) => since)) : undefined,
          };
        }),
      }),
      longestUnhealthy: async (most) => all().slice(0, most),
      history: async (id) => this.tables.transitions.filter((one) => one.id === id).reverse(),
      transitions: async (since, limit = 10_000) =>
        this.tables.transitions.filter(({ time }) => time >= since).slice(0, limit),
      unseenSince: async (time) =>
        all()
          .filter((account) => account.time < time)
          .map(({ id }) => id),
    };
  }

  #apply({ reading, time, signal, event }: AccountUpdate): UpdateResult {
    const { id, email, provider, state, raw } = reading;
    const known = this.tables.accounts.get(id);
    const judgement = judge(known, { state, raw, time, signal, event: event === true });
    if (!('next' in judgement)) return { verdict: judgement.verdict };
    this.tables.accounts.set(id, {
      id,
      email: email ?? known?.email,
      provider: provider === 'unknown' ? (known?.provider ?? provider) : provider,
      ...judgement.next,
    });
    if (judgement.verdict !== 'changed' || known === undefined) return { verdict: judgement.verdict };
    const { recovery } = judgement;
    const transition: Transition = {
      id,
      provider,
      from: known.state,
      to: state,
      raw,
      signal,
      time,
      recovery,
    };
    this.tables.transitions.push(transition);
    return { verdict: 'changed', transition };
  }
}
