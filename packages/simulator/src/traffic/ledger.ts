import type { Write } from '../data/mailbox.ts';
import { textOf } from '../data/untrusted.ts';
import type { NoticeDraft } from '../notices/notice.ts';
import { objectNotice } from '../notices/object-notices.ts';
import type { DeltaJournal } from '../stores/delta-journal.ts';
import { type ChangeLog, loggedObject } from './change-log.ts';

const DELTA_EVENTS = {
  created: 'create',
  updated: 'modify',
  cancelled: 'modify',
  deleted: 'delete',
} as const;

/** What a write leads to: an entry in the truth, a delta of v2, a notice. */
export class Ledger {
  readonly #changes: ChangeLog;
  readonly #deltas: DeltaJournal;
  readonly #now: () => number;
  readonly #publish: (notice: NoticeDraft) => void;
  #by: 'client' | 'script' = 'client';

  constructor(
    changes: ChangeLog,
    deltas: DeltaJournal,
    now: () => number,
    publish: (notice: NoticeDraft) => void,
  ) {
    this.#changes = changes;
    this.#deltas = deltas;
    this.#now = now;
    this.#publish = publish;
  }

  /** Runs `act`, whose writes are a script's and no client's. */
  asScript<T>(act: () => T): T {
    this.#by = 'script';
    try {
      return act();
    } finally {
      this.#by = 'client';
    }
  }

  /** Takes a write to any mailbox. */
  record({ kind, owner, what, object, before }: Write): void {
    const logged = loggedObject(kind);
    if (logged === undefined) return;
    const cancels =
      logged.object === 'event' &&
      what === 'updated' &&
      object.status === 'cancelled' &&
      before?.status !== 'cancelled';
    const time = this.#now();
    const change = this.#changes.add({
      ...logged,
      time,
      accountId: owner.id,
      change: cancels ? 'cancelled' : what,
      id: String(object.id),
      by: this.#by,
    });
    if (logged.version === 'v2') {
      this.#deltas.add(owner.id, {
        object: textOf(object.object),
        id: change.id,
        event: DELTA_EVENTS[change.change],
        time: Math.floor(time / 1000),
        ...(change.change === 'deleted' ? {} : { attributes: object }),
      });
    }
    if (change.trigger !== undefined) this.#publish(objectNotice(change, change.trigger, owner, object));
  }
}
