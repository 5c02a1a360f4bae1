import { randomUUID } from 'node:crypto';
import type { Records, StoreTransaction } from '@nylas-otel/store';
import { dropError } from '@nylas-otel/telemetry';
import type { Debts, RequestBudget } from './request-budget.ts';

/** A lease in the store; it stays when it was given back, with what its holder has still to pay for. */
interface Held {
  /** Undefined: nobody's. */
  readonly owner?: string;
  /** Unix milliseconds of the machine's own clock. */
  readonly until: number;
  /** Unix milliseconds of the machine's own clock, when `debts` was written. */
  readonly at: number;
  readonly debts: Debts;
}

/** A right that one process has at a time, for as long as it says so. */
export interface Lease {
  /** Aborts when the right is lost: another process took it, or the store is away. */
  readonly signal: AbortSignal;
  /** Hands what the holder before has not paid for to a budget, and notes what that one uses for the next holder. */
  spendFrom(budget: Pick<RequestBudget, 'debts' | 'owe'>): void;
  release(): Promise<void>;
}

const LEASE_MS = 15_000;
const RETRY_MS = 200;
const COLLECTION = 'recovery-lease';
const NO_DEBTS: Debts = { project: 0, accounts: {} };

type LeaseStore = Pick<StoreTransaction, 'records'>;

/** {@link takeLease}, for as long as somebody has it and does not need it for long. */
export async function waitForLease(
  store: LeaseStore,
  name: string,
  waitMs: number,
  closing?: AbortSignal,
): Promise<Lease | undefined> {
  const end = Date.now() + waitMs;
  for (;;) {
    const lease = await takeLease(store, name);
    if (lease !== undefined || Date.now() >= end || closing?.aborted === true) return lease;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

/** Takes the right, unless somebody has it; one that was not renewed for 15 s is free again (its process died). */
export async function takeLease(store: LeaseStore, name: string): Promise<Lease | undefined> {
  const records = store.records<Held>(COLLECTION);
  const owner = randomUUID();
  const former = await grab(records, name, owner);
  if (former === undefined) return undefined;
  let debts = (): Debts => former;
  const lost = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = replaceOurs(records, name, owner, { owner, ...heldNow(LEASE_MS, debts()) }).then(
      (ours) => {
        if (!ours) lost.abort(new Error('another process has taken over'));
      },
      (error: unknown) => dropError('store', error),
    );
  }, LEASE_MS / 5);
  timer.unref();
  return {
    signal: lost.signal,
    spendFrom(budget) {
      budget.owe(former);
      debts = () => budget.debts();
    },
    async release() {
      clearInterval(timer);
      await renewing;
      await replaceOurs(records, name, owner, heldNow(0, debts()));
    },
  };
}

/** What the holder before owes; undefined while somebody else has it. */
async function grab(records: Records<Held>, name: string, owner: string): Promise<Debts | undefined> {
  const known = await records.get(name);
  if (known === undefined)
    return (await records.add(name, { owner, ...heldNow(LEASE_MS, NO_DEBTS) })) ? NO_DEBTS : undefined;
  const { value, version } = known;
  if (value.owner !== undefined && value.until > Date.now()) return undefined;
  const debts = lessTime(value.debts, Date.now() - value.at);
  const ours = { owner, ...heldNow(LEASE_MS, debts) };
  return (await records.replace(name, version, ours)) ? debts : undefined;
}

async function replaceOurs(
  records: Records<Held>,
  name: string,
  owner: string,
  value: Held,
): Promise<boolean> {
  const known = await records.get(name);
  if (known?.value.owner !== owner) return false;
  return await records.replace(name, known.version, value);
}

function heldNow(forMs: number, debts: Debts): Omit<Held, 'owner'> {
  const at = Date.now();
  return { at, until: at + forMs, debts };
}

function lessTime({ project, accounts }: Debts, passedMs: number): Debts {
  const left = (ms: number): number => Math.max(0, ms - Math.max(0, passedMs));
  return {
    project: left(project),
    accounts: Object.fromEntries(
      Object.entries(accounts)
        .map(([id, ms]) => [id, left(ms)] as const)
        .filter(([, ms]) => ms > 0),
    ),
  };
}
