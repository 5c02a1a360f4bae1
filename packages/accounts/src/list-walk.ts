import type { PageRequest } from './profile.ts';

const MOST_PASSES = 3;
// And one more for each page read: the longer a list, the more of it goes away meanwhile.
const MOST_STEPS_BACK = 50;

/**
 * Walks a list that is paged by offset, has no total, and may change underneath. Every page begins with the last item
 * of the page before it: when something unseen stands there, items before it went away and the list moved up, so the
 * walk steps back until it stands on known ground. At the end the number of items seen is held against the list's
 * length; when they differ, the list is walked again, at most three times.
 *
 * A page that failed is asked for again by {@link next}: a walk goes on where it stopped, however long that was ago.
 */
export class ListWalk {
  readonly #limit: number;
  readonly #mostItems: number;
  #listed = new Set<string>();
  #earlier: Set<string> | undefined;
  #offset = 0;
  /** True when the page's first item must be known already. */
  #anchored = false;
  /** Highest end of a page in this pass. */
  #furthest = 0;
  #unreadable = 0;
  #pass = 1;
  #stepsBack = 0;
  #stride: number;
  #doubtful = false;
  #complete = false;
  #done = false;

  /**
   * @param pageSize items a page may hold, at least 2
   * @param mostItems where the walk gives up, incomplete
   */
  constructor(pageSize: number, mostItems = 1_000_000) {
    this.#limit = pageSize;
    this.#mostItems = mostItems;
    this.#stride = pageSize - 1;
  }

  /** The page to ask for. */
  next(): PageRequest {
    return { offset: this.#offset, limit: this.#limit };
  }

  /** True when nothing is left to ask for. */
  get done(): boolean {
    return this.#done;
  }

  /** True when the last pass reached the end of the list. */
  get complete(): boolean {
    return this.#complete;
  }

  /** True when the last pass saw exactly as many items as the list has. */
  get verified(): boolean {
    return this.#done && !this.#doubtful && this.#complete;
  }

  /** Which pass over the list it is, from 1. */
  get pass(): number {
    return this.#pass;
  }

  /** True when the id was on the list: in the last pass when that is verified, else in any. */
  has(id: string): boolean {
    return this.#listed.has(id) || (!this.verified && this.#earlier?.has(id) === true);
  }

  /** Number of ids of the last pass. */
  get size(): number {
    return this.#listed.size;
  }

  /**
   * Takes the page that {@link next} asked for.
   *
   * @param ids of its items in order; undefined for an item that could not be read
   * @param limit the page size that was used, where the reply says so
   */
  accept(ids: readonly (string | undefined)[], limit?: number): void {
    const anchored = this.#anchored;
    if (anchored && !this.#joins(ids) && this.#stepBack()) return;
    this.#stride = this.#limit - 1;
    const end = this.#offset + ids.length;
    const news = this.#remember(ids);
    // Without a word on the page size a short page may be a smaller cap: only a page with nothing more is the last.
    const last =
      limit === undefined ? ids.length <= (anchored ? 1 : 0) : ids.length < Math.min(limit, this.#limit);
    if (last) {
      this.#finishPass(end, true);
    } else if (!news && end > this.#furthest && ids.length < this.#limit) {
      // The offset is ignored (a mock, a proxy), but all there is fits on one page.
      this.#finishPass(this.#listed.size + this.#unreadable, true);
    } else if ((!news && end > this.#furthest) || this.#listed.size >= this.#mostItems) {
      // The list repeats itself or has no end.
      this.#doubtful = true;
      this.#finishPass(end, false);
    } else {
      this.#furthest = Math.max(this.#furthest, end);
      this.#offset = Math.max(end - 1, this.#offset + 1);
      this.#anchored = this.#offset < end;
    }
  }

  /** True when there was a new id among them. */
  #remember(ids: readonly (string | undefined)[]): boolean {
    const before = this.#listed.size;
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index];
      if (id !== undefined) this.#listed.add(id);
      else if (this.#offset + index >= this.#furthest) this.#unreadable++;
    }
    return this.#listed.size > before;
  }

  #joins(ids: readonly (string | undefined)[]): boolean {
    if (ids.length === 0) return false;
    const first = ids[0];
    return first === undefined || this.#listed.has(first);
  }

  #stepBack(): boolean {
    if (this.#stepsBack >= MOST_STEPS_BACK + this.#listed.size / this.#limit) {
      this.#doubtful = true;
      return false;
    }
    this.#stepsBack++;
    this.#offset = Math.max(0, this.#offset - this.#stride);
    this.#anchored = this.#offset > 0;
    this.#stride *= 2;
    return true;
  }

  #finishPass(length: number, complete: boolean): void {
    this.#complete = complete;
    if (this.#listed.size + this.#unreadable !== length) this.#doubtful = true;
    if (!this.#doubtful || this.#pass === MOST_PASSES) {
      this.#done = true;
      return;
    }
    this.#pass++;
    this.#earlier = this.#earlier === undefined ? this.#listed : new Set([...this.#earlier, ...this.#listed]);
    this.#listed = new Set();
    this.#offset = 0;
    this.#anchored = false;
    this.#furthest = 0;
    this.#unreadable = 0;
    this.#stepsBack = 0;
    this.#stride = this.#limit - 1;
    this.#doubtful = false;
  }
}
