import type { DurableInbox } from '@nylas-otel/store';
import { recoveredInRun } from '@nylas-otel/webhooks';
import { type ChangeOwner, type RecoveredChange, recoveredEvent, toldKey } from './recovered-change.ts';

/** Numbers by resource (`nylas.resource`). */
export type ByResource = Readonly<Record<string, number>>;

/** What became of the changes of an account. */
export interface RecoveryCounts {
  /** Objects handed to the inbox for the handlers. */
  readonly recovered: ByResource;
  /** Objects whose notification had come after all, or that another run handed over. */
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
    const all = changes.map((change) => ({
      change,
      event: recoveredEvent(this.#owner, change, this.#now()),
      told: toldKey(this.#owner, change),
    }));
    const ours = (key: string): string => recoveredInRun(this.#owner.run, key);
    const known = await this.#inbox.known(
      all.flatMap(({ event: { key }, told }) => [key, ours(key), ...(told === undefined ? [] : [told])]),
    );
    const fresh: typeof all = [];
    for (const one of all) {
      const { change, event, told } = one;
      // What this run handed over before a crash counts as its own.
      if (known.has(ours(event.key))) this.#count(change, this.#recovered);
      else if (known.has(event.key) || (told !== undefined && known.has(told)))
        this.#count(change, this.#known);
      else fresh.push(one);
    }
    const verdicts = await this.#inbox.accept(
      fresh.map(({ event }) => event),
      { signal: this.#signal },
    );
    for (const [index, { change }] of fresh.entries())
      this.#count(change, verdicts[index] === 'accepted' ? this.#recovered : this.#known);
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
