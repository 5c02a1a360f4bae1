import type { NylasStore, Records, StoreTransaction } from '@nylas-otel/store';
import { contentMark, lastToldStates, toldStates } from '@nylas-otel/webhooks';
import { diffInventory, type Inventory, toldSince } from './inventory.ts';
import { findObject, isGone, type ListedObject, listAll } from './read-v3.ts';
import { type RecoveredChange, readOf } from './recovered-change.ts';
import type { AccountTask, RecoveryStep, StepResult } from './step.ts';

/** A kind of object that v3 has no filter of changes for. */
interface InventoryKind {
  readonly resource: string;
  readonly kind: string;
  /** The trigger of a new object: there is no `contact.created`. */
  readonly createdTrigger: string;
  /** True when new objects are found by a filter elsewhere, so that only other changes are looked for. */
  readonly filtered: boolean;
}

/** Lists that are short enough to be read as a whole. */
export const SMALL_KINDS: readonly InventoryKind[] = [
  { resource: 'contacts', kind: 'contact', createdTrigger: 'contact.updated', filtered: false },
  { resource: 'folders', kind: 'folder', createdTrigger: 'folder.created', filtered: false },
  { resource: 'calendars', kind: 'calendar', createdTrigger: 'calendar.created', filtered: false },
];

/** Long lists, of which only ids and marks are read: updates and deletions of messages, deletions of events. */
export const LARGE_KINDS: readonly InventoryKind[] = [
  { resource: 'messages', kind: 'message', createdTrigger: 'message.created', filtered: true },
  { resource: 'events', kind: 'event', createdTrigger: 'event.created', filtered: true },
];

const MESSAGES_SINCE_S = 30 * 86_400;
const COLLECTION = 'recovery-inventory';

type ReadTask = Pick<AccountTask, 'api' | 'account' | 'now'>;

function inventoriesOf(store: Pick<StoreTransaction, 'records'>): Records<Inventory> {
  return store.records<Inventory>(COLLECTION);
}

function keyOf(accountId: string, kind: string): string {
  return `${accountId}/${kind}`;
}

/** Takes the inventory of a kind where there is none, or where it is older than a time. */
export async function refreshInventory(
  task: ReadTask & { readonly store: Pick<NylasStore, 'records' | 'transaction'> },
  kind: InventoryKind,
  before: number,
): Promise<void> {
  const inventories = inventoriesOf(task.store);
  const key = keyOf(task.account.id, kind.kind);
  const known = await inventories.get(key);
  if (known !== undefined && known.value.takenAt >= before) return;
  const { inventory } = await take(task, kind, undefined);
  await task.store.transaction(async (tx) => {
    const written = inventoriesOf(tx);
    // Recovery may have compared meanwhile, and its list knows what it handed over.
    if (known === undefined) await written.add(key, inventory);
    else if (await written.replace(key, known.version, inventory))
      // A gap may have begun that nobody has noticed yet: what is new now would pass for what was there before it.
      await written.set(formerOf(key), known.value);
  });
}

/** Removes the lists of an account that is gone. */
export async function forgetInventories(
  tx: Pick<StoreTransaction, 'records'>,
  accountId: string,
): Promise<void> {
  for (const { kind } of [...SMALL_KINDS, ...LARGE_KINDS]) {
    const key = keyOf(accountId, kind);
    await inventoriesOf(tx).remove(key);
    await inventoriesOf(tx).remove(formerOf(key));
  }
}

/** The inventory to compare with: the newest from before a time, else the oldest there is. */
async function baseFor(
  store: Pick<StoreTransaction, 'records'>,
  key: string,
  time: number,
): Promise<{ readonly base: Inventory; readonly isFromBefore: boolean } | undefined> {
  const records = await inventoriesOf(store).getMany([key, formerOf(key)]);
  const known = records.map(({ value }) => value).sort((a, b) => b.takenAt - a.takenAt);
  const before = known.find((one) => (one.coversFrom ?? one.takenAt) <= time);
  const base = before ?? known.at(-1);
  return base === undefined ? undefined : { base, isFromBefore: before !== undefined };
}

function formerOf(key: string): string {
  return `${key}/former`;
}

/** Finds what changed of a kind by comparing it with its inventory. */
export function inventoryStep(task: AccountTask, kind: InventoryKind): RecoveryStep {
  return {
    name: `${kind.resource}.changes`,
    resource: kind.resource,
    run: () => compare(task, kind),
  };
}

async function compare(task: AccountTask, kind: InventoryKind): Promise<StepResult> {
  const { store, account, handover, unfiltered, windows, now } = task;
  const key = keyOf(account.id, kind.kind);
  const found = await baseFor(store, key, windows[0]?.from ?? now());
  const { inventory, objects, readAt } = await take(task, kind, found?.base.since);
  // Without a list from before the gap its changes cannot be seen.
  const blind = found?.isFromBefore !== true;
  const commit = async (tx: Pick<StoreTransaction, 'records'>): Promise<void> => {
    const { coversFrom, takenAt } = found?.base ?? inventory;
    const covered = blind ? inventory : { ...inventory, coversFrom: coversFrom ?? takenAt };
    await inventoriesOf(tx).set(key, covered);
    await inventoriesOf(tx).remove(formerOf(key));
  };
  if (found === undefined) return { blind, commit };
  const { base } = found;
  const prefix = toldStates('v3', account.id, kind.kind);
  const told = lastToldStates(prefix, await store.inbox.statesFrom(prefix));
  const diff = diffInventory(base, told, inventory.marks);
  const updated = kind.kind === 'event' ? [] : diff.updated;
  if (kind.filtered && unfiltered === 'count') {
    handover.lost(kind.resource, updated.length + diff.deleted.length);
    return { blind, commit };
  }
  const created = kind.filtered
    ? []
    : diff.created.map((id) =>
        changeOf(task, kind, 'created', { object: objects.get(id), readAt, base }, id),
      );
  await handover.give(created);
  for (const id of updated) {
    // Of messages only marks were listed.
    const found = kind.filtered
      ? await findObject(task.api, account, kind.resource, id)
      : { object: objects.get(id), readAt };
    if (found?.object === undefined) handover.lost(kind.resource, 1);
    else await handover.give([changeOf(task, kind, 'updated', { ...found, base }, id, inventory.marks[id])]);
  }
  for (const id of diff.deleted) {
    // A list that is a page short must not look like a mass deletion.
    if (await isGone(task.api, account, kind.resource, id, calendarQuery(kind, base.marks[id])))
      await handover.give([changeOf(task, kind, 'deleted', { object: undefined, readAt, base }, id)]);
  }
  return { blind, commit };
}

/** An object as it was read, and the inventory that it was compared with. */
interface FoundObject {
  readonly object: ListedObject | undefined;
  readonly readAt: number | undefined;
  readonly base: Inventory;
}

function changeOf(
  { run, account }: AccountTask,
  { resource, kind, createdTrigger }: InventoryKind,
  change: RecoveredChange['change'],
  { object, readAt, base }: FoundObject,
  objectId: string,
  mark = '',
): RecoveredChange {
  return {
    resource,
    kind,
    change,
    objectId,
    trigger: change === 'created' ? createdTrigger : `${kind}.${change}`,
    time: undefined,
    // The same state may come back later: only within this run is it the same change.
    mark:
      change === 'deleted' ? 'deleted' : change === 'created' ? createdMark(kind, run) : `#${mark}~${run}`,
    object: object ?? { id: objectId, grant_id: account.id, object: kind },
    // What is new has a name of its own, but for contacts.
    read: readOf(readAt, change === 'created' && kind !== 'contact' ? undefined : toldSince(base)),
  };
}

function createdMark(kind: string, run: string): RecoveredChange['mark'] {
  return kind === 'contact' ? `#new~${run}` : 'created';
}

// An event is found through its calendar, which its mark names.
function calendarQuery({ kind }: InventoryKind, mark: string | undefined): Readonly<Record<string, string>> {
  return kind === 'event' && mark !== undefined && mark.startsWith(IN)
    ? { calendar_id: mark.slice(IN.length) }
    : {};
}

const IN = 'in:';

interface Taken {
  readonly inventory: Inventory;
  readonly objects: ReadonlyMap<string, ListedObject>;
  /** As of when, see `RecoveryApi.read`. */
  readonly readAt: number | undefined;
}

async function take(task: ReadTask, kind: InventoryKind, since: number | undefined): Promise<Taken> {
  const takenAt = task.now();
  if (kind.kind === 'message') {
    const from = since ?? Math.floor(takenAt / 1_000) - MESSAGES_SINCE_S;
    const query = { received_after: from, select: 'id,folders,unread,starred' };
    const { objects: listed, readAt } = await listAll(task.api, task.account, 'messages', query);
    return {
      inventory: { takenAt, since: from, marks: marksOf(kind.kind, listed) },
      objects: new Map(),
      readAt,
    };
  }
  if (kind.kind === 'event') {
    const marks: Record<string, string> = {};
    const calendars = await listAll(task.api, task.account, 'calendars');
    for (const calendar of calendars.objects) {
      const query = { calendar_id: calendar.id, show_cancelled: 'true', select: 'id' };
      const events = await listAll(task.api, task.account, 'events', query);
      for (const { id } of events.objects) marks[id] = `${IN}${calendar.id}`;
    }
    return { inventory: { takenAt, marks }, objects: new Map(), readAt: calendars.readAt };
  }
  const { objects: listed, readAt } = await listAll(task.api, task.account, kind.resource);
  return {
    inventory: { takenAt, marks: marksOf(kind.kind, listed) },
    objects: new Map(listed.map((object) => [object.id, object])),
    readAt,
  };
}

function marksOf(kind: string, listed: readonly ListedObject[]): Record<string, string> {
  return Object.fromEntries(listed.map((object) => [object.id, contentMark(kind, object) ?? '?']));
}
