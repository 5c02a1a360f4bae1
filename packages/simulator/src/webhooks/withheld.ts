import type { Notice } from '../notices/notice.ts';

/** Nylas sends what a grant missed when it comes back within 72 hours. */
export const REPLAYED_WITHIN_MS = 72 * 3_600_000;

/** Notices of grants without access, kept until the grant is back. */
export class Withheld {
  readonly #byGrant = new Map<string, Notice[]>();

  /** Keeps a notice. */
  keep(notice: Notice): void {
    const kept = this.#byGrant.get(notice.accountId);
    if (kept === undefined) this.#byGrant.set(notice.accountId, [notice]);
    else kept.push(notice);
  }

  /** Takes what a grant missed. */
  take(grantId: string): readonly Notice[] {
    const kept = this.#byGrant.get(grantId) ?? [];
    this.#byGrant.delete(grantId);
    return kept;
  }

  /** How many are kept, for one grant or all. */
  count(grantId?: string): number {
    if (grantId !== undefined) return this.#byGrant.get(grantId)?.length ?? 0;
    let count = 0;
    for (const kept of this.#byGrant.values()) count += kept.length;
    return count;
  }

  /** Forgets everything. */
  clear(): void {
    this.#byGrant.clear();
  }
}
