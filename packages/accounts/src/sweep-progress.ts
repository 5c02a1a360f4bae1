/** How far a sweep over all accounts is. Nylas tells no total. */
export interface SweepProgress {
  /** Accounts that this pass over the list has read. */
  readonly accounts: number;
  /** Pages that were read, over all passes. */
  readonly pages: number;
  /** From 1: the list is read again, at most twice, when it changed while it was read. */
  readonly pass: number;
  readonly startedAt: Date;
}
