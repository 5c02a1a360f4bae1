import type { DurableInbox } from '@nylas-otel/store';
import { type ChangeOwner, type RecoveredChange, recoveredEvent, toldKey } from './recovered-change.ts';

/** Numbers by resource (`nylas.resource`). */
export type ByResource = Readonly<Record<string, number>>;

/** What became of the changes of an account. */
export interface RecoveryCounts {
  /** Objects handed to the inbox for the handlers. */
  readonly recovered: ByResource;
  /** Objects whose notification had come after all. */
  readonly known: ByResource;
  /** Objects that are known to have changed, without anything left to hand over. */
  readonly unrecoverable: ByResource;
}

/** No changes. */
export const NO_COUNTS: RecoveryCounts = { recovered: {}, known: {}, unrecoverable: {} };

/** Adds counts up. */
export function addCounts(a: RecoveryCounts, b: RecoveryCounts): RecoveryCounts {
  return {
    recovered: addByResource(a.recovered, b.recovered),
    known: addByResource(a.known, b.known),
    unrecoverable: addByResource(a.unrecoverable, b.unrecoverable),
  };
}

function addByResource(a: ByResource, b: ByResource): ByResource {
  const sum: Record<string, number> = { ...a };
  for (const [resource, count] of Object.entries(b)) sum[resource] = (sum[resource] ?? 0) + count;
  return sum;
}

const AT_ONCE = 100;

/** Hands changes to the inbox that notifications go into, and counts what became of them. */
export class Handover {
  readonly #inbox: Pick<DurableInbox, 'accept' | 'known'>;
  readonly #owner: ChangeOwner;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  readonly #dryRun: boolean;
  #recovered: Record<string, number> = {};
  #known: Record<string, number> = {};
  #unrecoverable: Record<string, number> = {};

  constructor(
    inbox: Pick<DurableInbox, 'accept' | 'known'>,
    owner: ChangeOwner,
    options: { readonly now: () => number; readonly signal: AbortSignal; readonly dryRun: boolean },
  ) {
    this.#inbox = inbox;
    this.#owner = owner;
    this.#now = options.now;
    this.#signal = options.signal;
    this.#dryRun = options.dryRun;
  }

  /** Counts since the last call. */
  takeCounts(): RecoveryCounts {
    const counts = { recovered: this.#recovered, known: this.#known, unrecoverable: this.#unrecoverable };
    this.#recovered = {};
    this.#known = {};
    this.#unrecoverable = {};
    return counts;
  }

  /** Counts objects that changed and cannot be handed over. */
  lost(resource: string, objects: number): void {
    if (objects > 0) this.#unrecoverable[resource] = (this.#unrecoverable[resource] ?? 0) + objects;
  }

  /** Resolves when the changes are stored. */
  async give(changes: readonly RecoveredChange[]): Promise<void> {
    for (let first = 0; first < changes.length; first += AT_ONCE) {
      const some = changes.slice(first, first + AT_ONCE);
      await (this.#dryRun ? this.#look(some) : this.#store(some));
    }
  }

  async #store(changes: readonly RecoveredChange[]): Promise<void> {
    const events = changes.map((change) => recoveredEvent(this.#owner, change, this.#now()));
    const verdicts = await this.#inbox.accept(events, { signal: this.#signal });
    const duplicates = changes.filter((_, index) => verdicts[index] === 'duplicate');
    const told = await this.#inbox.known(duplicates.flatMap((change) => toldKey(this.#owner, change) ?? []));
    for (const [index, change] of changes.entries()) {
      const key = toldKey(this.#owner, change);
      // A duplicate that nobody told of was handed over before a crash.
      const count = verdicts[index] === 'duplicate' && key !== undefined && told.has(key);
      this.#count(change, count ? this.#known : this.#recovered);
    }
  }

  async #look(changes: readonly RecoveredChange[]): Promise<void> {
    const keys = changes.map((change) => ({
      own: recoveredEvent(this.#owner, change, 0).key,
      told: toldKey(this.#owner, change),
    }));
    const known = await this.#inbox.known(
      keys.flatMap(({ own, told }) => (told === undefined ? [own] : [own, told])),
    );
    for (const [index, change] of changes.entries()) {
      const { own, told } = keys[index] as { own: string; told: string | undefined };
      const there = known.has(own) || (told !== undefined && known.has(told));
      this.#count(change, there ? this.#known : this.#recovered);
    }
  }

  #count({ resource }: RecoveredChange, counts: Record<string, number>): void {
    counts[resource] = (counts[resource] ?? 0) + 1;
  }
}
