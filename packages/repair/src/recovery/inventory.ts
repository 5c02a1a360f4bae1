import type { ToldState } from '@nylas-otel/webhooks';

/** The objects of one kind and account at one time. Survives JSON. */
export interface Inventory {
  /** Unix milliseconds when the list was asked for. */
  readonly takenAt: number;
  /** Since when every change that it shows was handed over or told. Default: `takenAt`. */
  readonly coversFrom?: number;
  /** Messages: only those received since then are in it, Unix seconds. */
  readonly since?: number;
  /** Mark of the content by object id. */
  readonly marks: Readonly<Record<string, string>>;
}

/** What changed since an inventory and was told by nobody. */
export interface InventoryDiff {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly deleted: readonly string[];
}

// A change and the list that shows it may be told in either order; the clocks are two.
const DOUBT_MS = 5_000;

/** From when on what notifications told is not in a list for sure, Unix milliseconds. */
export function toldSince({ takenAt }: Inventory): number {
  return takenAt - DOUBT_MS;
}

/**
 * Compares an inventory with what is there now. What notifications told since the inventory is no news: of each object the
 * last told state counts as known.
 */
export function diffInventory(
  inventory: Inventory,
  told: ReadonlyMap<string, ToldState>,
  now: Readonly<Record<string, string>>,
): InventoryDiff {
  const created: string[] = [];
  const updated: string[] = [];
  const deleted: string[] = [];
  const known = new Map(Object.entries(inventory.marks));
  for (const [id, { second, mark }] of told) {
    if (second * 1_000 < toldSince(inventory)) continue;
    if (mark === 'deleted') known.delete(id);
    else known.set(id, mark);
  }
  for (const [id, mark] of Object.entries(now)) {
    const former = known.get(id);
    if (former === undefined) created.push(id);
    else if (former !== mark) updated.push(id);
    known.delete(id);
  }
  deleted.push(...known.keys());
  return { created, updated, deleted };
}
