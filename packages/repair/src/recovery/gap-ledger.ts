import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { Records, StoreTransaction } from '@nylas-otel/store';

/** What made us miss webhooks. */
export type GapCause = 'downtime' | 'destination' | 'silence' | 'operator';

/** A time in which webhooks were missed, or may have been. Unix milliseconds. Survives JSON. */
export interface Gap {
  readonly from: number;
  /** Undefined while it goes on. */
  readonly to: number | undefined;
  readonly cause: GapCause;
  readonly version: ApiVersion;
}

/** `open`: goes on. `waiting`: over, to be made up for. `running`: a run is at it. `done`. */
export type GapState = 'open' | 'waiting' | 'running' | 'done';

const COLLECTION = 'webhook-gaps';
const STATES: ReadonlySet<string | undefined> = new Set<GapState>(['open', 'waiting', 'running', 'done']);

/** A gap with its place in the ledger. */
export interface LedgerGap extends Gap {
  readonly key: string;
  readonly state: GapState;
}

/** Notes the start of a gap, or its end; one that is known as over already stays as it is. */
export async function noteGap(tx: Pick<StoreTransaction, 'records'>, key: string, gap: Gap): Promise<void> {
  const records = gapRecords(tx);
  const marks = { tag: gap.to === undefined ? 'open' : 'waiting', due: gap.from } as const;
  if (await records.add(key, gap, marks)) return;
  const known = await records.get(key);
  if (known === undefined || known.tag !== 'open') return;
  await records.replace(key, known.version, { ...gap, from: Math.min(gap.from, known.value.from) }, marks);
}

/** Moves gaps to a state; those that are gone are passed over. */
export async function moveGaps(
  tx: Pick<StoreTransaction, 'records'>,
  keys: readonly string[],
  state: GapState,
): Promise<void> {
  const records = gapRecords(tx);
  for (const key of keys) {
    const known = await records.get(key);
    if (known !== undefined)
      await records.replace(key, known.version, known.value, { tag: state, due: known.value.from });
  }
}

/** All gaps in a state, oldest start first. */
export async function gapsIn(
  tx: Pick<StoreTransaction, 'records'>,
  state: GapState,
): Promise<readonly LedgerGap[]> {
  const found = await gapRecords(tx).list({ tag: state, limit: 10_000 });
  return found
    .map(({ key, value, tag }) => ({ ...value, key, state: STATES.has(tag) ? (tag as GapState) : state }))
    .sort((a, b) => a.from - b.from);
}

/** Takes gaps that were made up for before a time out of the ledger. */
export async function forgetGaps(tx: Pick<StoreTransaction, 'records'>, before: number): Promise<void> {
  const records = gapRecords(tx);
  for (const gap of await gapsIn(tx, 'done'))
    if ((gap.to ?? gap.from) < before) await records.remove(gap.key);
}

function gapRecords(tx: Pick<StoreTransaction, 'records'>): Records<Gap> {
  return tx.records<Gap>(COLLECTION);
}
