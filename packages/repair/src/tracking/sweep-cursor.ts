import type { PageRequest } from '@nylas-otel/accounts/tracking';

/**
 * Where a walk over a list stands: plain data for a record, so that any process goes on with it. Unlike the walk of a watch
 * without a store it holds no ids of accounts: which accounts were on the list, the store knows by the time each was last
 * confirmed.
 */
export interface SweepCursor {
  /** Where the next page begins. */
  readonly offset: number;
  /** The first item of the list. */
  readonly first?: string | undefined;
  /** The last item of the page before, which the next page begins with. */
  readonly anchor?: string | undefined;
  /** Items to go back by when the list moved up. */
  readonly stride: number;
  readonly stepsBack: number;
  readonly pages: number;
  /** Items on all pages, those on two counted once. */
  readonly items: number;
}

/** What became of a page. */
export type PageVerdict =
  | { readonly kind: 'next'; readonly cursor: SweepCursor }
  | { readonly kind: 'end'; readonly items: number }
  /** The list repeats itself or has no end. */
  | { readonly kind: 'broken' };

const MOST_STEPS_BACK = 50;
const MOST_ITEMS = 10_000_000;

/** The walk at its beginning. */
export function firstPage(pageSize: number): SweepCursor {
  return { offset: 0, stride: pageSize - 1, stepsBack: 0, pages: 0, items: 0 };
}

/** The page to ask for. */
export function pageAt({ offset }: SweepCursor, pageSize: number): PageRequest {
  return { offset, limit: pageSize };
}

/** True when the page does not begin where the last one ended: items before it went away, or came. */
export function isTorn({ anchor, offset }: SweepCursor, ids: readonly (string | undefined)[]): boolean {
  return offset > 0 && anchor !== undefined && ids[0] !== anchor;
}

/**
 * Takes a page.
 *
 * @param ids of its items in order; undefined for one that could not be read
 * @param torn {@link isTorn}, and its first item is none that this walk has seen: the list moved up
 * @param limit the page size that was used, where a short page ends the list
 */
export function acceptPage(
  cursor: SweepCursor,
  ids: readonly (string | undefined)[],
  torn: boolean,
  pageSize: number,
  limit: number | undefined,
): PageVerdict {
  const { offset, stepsBack, pages, items } = cursor;
  const first = cursor.first ?? ids.find((id) => id !== undefined);
  if (torn && stepsBack < MOST_STEPS_BACK + items / pageSize) {
    const back = Math.max(0, offset - cursor.stride);
    const again = { ...cursor, first, offset: back, anchor: undefined, stride: cursor.stride * 2 };
    return { kind: 'next', cursor: { ...again, stepsBack: stepsBack + 1 } };
  }
  const overlap = pages > 0 && cursor.anchor !== undefined ? 1 : 0;
  const seen = Math.max(items, offset + ids.length);
  const ended =
    limit === undefined ? ids.length <= overlap : ids.length < Math.min(limit, pageSize) || ids.length === 0;
  if (ended) return { kind: 'end', items: seen };
  // The offset is ignored (a mock, a proxy): fine where all there is fits on one page.
  if (offset > 0 && first !== undefined && ids[0] === first)
    return ids.length < pageSize ? { kind: 'end', items: ids.length } : { kind: 'broken' };
  if (seen > MOST_ITEMS) return { kind: 'broken' };
  const next = Math.max(offset + ids.length - 1, offset + 1);
  const anchor = next < offset + ids.length ? ids.at(-1) : undefined;
  return {
    kind: 'next',
    cursor: { offset: next, first, anchor, stride: pageSize - 1, stepsBack, pages: pages + 1, items: seen },
  };
}
