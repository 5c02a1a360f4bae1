/** One line of what was done or seen, for people and for support bundles. Survives JSON. */
export interface JournalEntry {
  /** Given by the store, growing. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly time: number;
  /** What kind of line: `repair`, `request_error`, `recovery`, `downtime`, `operator`, ... */
  readonly kind: string;
  /** The account it is about. */
  readonly accountId: string | undefined;
  /** Nothing secret: what is here may be shown to people. */
  readonly data: { readonly [key: string]: unknown };
}

/** A line to write; `time` is now unless given. */
export type NewJournalEntry = Omit<JournalEntry, 'id' | 'time'> & { readonly time?: number };

/** Which lines; every condition must hold. */
export interface JournalFilter {
  readonly accountId?: string;
  readonly kind?: string;
  /** Unix milliseconds, inclusive. */
  readonly since?: number;
  /** Unix milliseconds, inclusive. */
  readonly until?: number;
  /** Ids below this one: the last of the page before. */
  readonly before?: number;
  /** Default 100, at most 10,000. */
  readonly limit?: number;
}

/** An append-only audit trail, kept for `retention.journal` (default 30 days). */
export interface Journal {
  append(entries: readonly NewJournalEntry[]): Promise<void>;
  /** Newest first. */
  read(filter?: JournalFilter): Promise<readonly JournalEntry[]>;
}
