import { randomUUID } from 'node:crypto';
import type { Records, StoreTransaction } from '@nylas-otel/store';
import { dropError } from '@nylas-otel/telemetry';

interface Held {
  readonly owner: string;
  /** Unix milliseconds of the machine's own clock. */
  readonly until: number;
}

/** A right that one process has at a time, for as long as it says so. */
export interface Lease {
  /** Aborts when the right is lost: another process took it, or the store is away. */
  readonly signal: AbortSignal;
  release(): Promise<void>;
}

const LEASE_MS = 15_000;
const RETRY_MS = 200;
const COLLECTION = 'recovery-lease';

/** {@link takeLease}, for as long as somebody has it and does not need it for long. */
export async function waitForLease(
  store: Pick<StoreTransaction, 'records'>,
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
export async function takeLease(
  store: Pick<StoreTransaction, 'records'>,
  name: string,
): Promise<Lease | undefined> {
  const records = store.records<Held>(COLLECTION);
  const owner = randomUUID();
  if (!(await grab(records, name, owner))) return undefined;
  const lost = new AbortController();
  let renewing: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    renewing = renew(records, name, owner).then(
      (ours) => {
        if (!ours) lost.abort(new Error('another process has taken over'));
      },
      (error: unknown) => dropError('store', error),
    );
  }, LEASE_MS / 5);
  timer.unref();
  return {
    signal: lost.signal,
    async release() {
      clearInterval(timer);
      await renewing;
      const known = await records.get(name);
      if (known?.value.owner === owner) await records.remove(name, known.version);
    },
  };
}

async function grab(records: Records<Held>, name: string, owner: string): Promise<boolean> {
  const value = { owner, until: Date.now() + LEASE_MS };
  if (await records.add(name, value)) return true;
  const known = await records.get(name);
  if (known === undefined || known.value.until > Date.now()) return false;
  return await records.replace(name, known.version, value);
}

async function renew(records: Records<Held>, name: string, owner: string): Promise<boolean> {
  const known = await records.get(name);
  if (known?.value.owner !== owner) return false;
  return await records.replace(name, known.version, { owner, until: Date.now() + LEASE_MS });
}
