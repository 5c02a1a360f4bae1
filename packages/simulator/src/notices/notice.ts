import type { JsonObject } from '../data/mailbox.ts';
import { RandomStream, uuidFrom } from '../data/random.ts';
import { Ring } from './ring.ts';

/** What a notice is about: an account itself, its objects, or something that needs no access to the mailbox. */
export type NoticeSubject = 'account' | 'object' | 'other';

/** Something Nylas has to tell: one v3 notification or one v2 delta, whether or not anybody is subscribed. */
export interface Notice {
  /** v3: the notification's id, the same at each attempt. v2 does not send it. */
  readonly id: string;
  readonly version: 'v2' | 'v3';
  /** Such as `grant.expired`, `message.created`, `account.stopped`. */
  readonly trigger: string;
  /** Grant id (v3) or account id (v2). */
  readonly accountId: string;
  readonly provider: string;
  readonly subject: NoticeSubject;
  /** When it happened, simulated Unix milliseconds. */
  readonly time: number;
  /** v3: `data.object`. v2: `object_data`. */
  readonly object: Readonly<JsonObject>;
  /** Serial number of the change it tells of, where it tells of one: see `traffic.changes()`. */
  readonly change: number | undefined;
}

/** A notice before it has its id and time. */
export type NoticeDraft = Omit<Notice, 'id' | 'time' | 'change'> & { readonly change?: number | undefined };

/** What Nylas had to tell. */
export interface NoticeLog {
  /** The last 100,000 notices, oldest first. */
  list(): readonly Notice[];
}

/** Older notices are forgotten above this. */
const MAX_NOTICES = 100_000;

/** Everything Nylas had to tell, and who listens. */
export class NoticeBoard implements NoticeLog {
  readonly #now: () => number;
  readonly #seed: number;
  readonly #log = new Ring<Notice>(MAX_NOTICES);
  #ids: RandomStream;
  #listener: ((notice: Notice) => void) | undefined;
  /** How many were told. */
  published = 0;
  /** While set, nothing is told: what a simulator starts with is no news. */
  muted = false;

  constructor(seed: number, now: () => number) {
    this.#seed = seed;
    this.#now = now;
    this.#ids = new RandomStream(seed + 2);
  }

  /** Calls back at each notice. */
  onNotice(listener: (notice: Notice) => void): void {
    this.#listener = listener;
  }

  /** Tells something. */
  publish(draft: NoticeDraft): void {
    if (this.muted) return;
    const notice: Notice = { ...draft, id: this.#nextId(), time: this.#now(), change: draft.change };
    this.published++;
    this.#log.add(notice);
    this.#listener?.(notice);
  }

  /** The notices, oldest first. */
  list(): readonly Notice[] {
    return this.#log.list();
  }

  /** Forgets them. */
  clear(): void {
    this.#log.clear();
    this.published = 0;
    this.#ids = new RandomStream(this.#seed + 2);
  }

  #nextId(): string {
    const ids = this.#ids;
    return uuidFrom(ids.nextInteger(), ids.nextInteger(), ids.nextInteger(), ids.nextInteger());
  }
}
