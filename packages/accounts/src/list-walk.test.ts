import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ListWalk } from './list-walk.ts';

/** A list that answers pages, with or without saying the page size it used. */
class FakeList {
  items: string[];
  requests = 0;
  readonly cap: number;
  readonly tells: boolean;

  constructor(count: number, { cap = 10, tells = true }: { cap?: number; tells?: boolean } = {}) {
    this.items = Array.from({ length: count }, (_, index) => `a${index}`);
    this.cap = cap;
    this.tells = tells;
  }

  page(walk: ListWalk): void {
    this.requests++;
    const { offset, limit } = walk.next();
    const used = Math.min(limit, this.cap);
    walk.accept(this.items.slice(offset, offset + used), this.tells ? used : undefined);
  }

  walk(walk: ListWalk, between: (request: number) => void = () => {}): void {
    while (!walk.done) {
      this.page(walk);
      between(this.requests);
      if (this.requests > 10_000) throw new Error('the walk does not end');
    }
  }
}

describe('a walk over a list that stands still', () => {
  for (const count of [0, 1, 2, 9, 10, 11, 18, 19, 20, 100, 101]) {
    for (const tells of [true, false]) {
      it(`sees all of ${count} items once, page size ${tells ? 'told' : 'not told'}`, () => {
        const list = new FakeList(count, { tells });
        const walk = new ListWalk(10);
        list.walk(walk);
        expect(walk.size).toBe(count);
        expect(list.items.every((id) => walk.has(id))).toBe(true);
        expect(walk.verified).toBe(true);
        expect(list.requests).toBeLessThanOrEqual(Math.floor(count / 9) + 2);
      });
    }
  }

  it('sees everything when the server caps pages below what was asked, told or not', () => {
    for (const tells of [true, false]) {
      const list = new FakeList(35, { cap: 4, tells });
      const walk = new ListWalk(10);
      list.walk(walk);
      expect(walk.size).toBe(35);
      expect(walk.verified).toBe(true);
    }
  });

  it('counts items it cannot read as items', () => {
    const walk = new ListWalk(3);
    walk.accept(['a', undefined, 'c'], 3);
    walk.accept(['c', undefined], 3);
    expect(walk.done).toBe(true);
    expect(walk.verified).toBe(true);
    expect(walk.size).toBe(2);
  });
});

describe('a walk over a list that moves', () => {
  it('steps back when items before it went away, and loses none of the others', () => {
    const list = new FakeList(100);
    const walk = new ListWalk(10);
    const offsets: number[] = [];
    list.walk(walk, (request) => {
      if (request === 5) list.items.splice(0, 7);
      if (walk.pass === 1) offsets.push(walk.next().offset);
    });
    expect(offsets).toEqual([9, 18, 27, 36, 45, 36, 45, 54, 63, 72, 81, 90]);
    expect(list.items.every((id) => walk.has(id))).toBe(true);
  });

  it('loses nothing that stays although items before it go away all the time', () => {
    const list = new FakeList(400);
    const walk = new ListWalk(10);
    while (walk.pass === 1) {
      list.page(walk);
      if (list.requests % 4 === 0) list.items.splice(0, 3);
    }
    expect(list.items.filter((id) => !walk.has(id))).toEqual([]);
  });

  it('walks again when items went away behind it, so that the last pass has exactly what is left', () => {
    const list = new FakeList(60);
    const walk = new ListWalk(10);
    list.walk(walk, (request) => {
      if (request === 5) list.items.splice(3, 2);
    });
    expect(walk.verified).toBe(true);
    expect(walk.size).toBe(58);
    expect(walk.has('a3')).toBe(false);
  });

  it('finds items that joined at the end meanwhile', () => {
    const list = new FakeList(30);
    const walk = new ListWalk(10);
    list.walk(walk, (request) => {
      if (request === 2) list.items.push('late-1', 'late-2');
    });
    expect(walk.has('late-1') && walk.has('late-2')).toBe(true);
    expect(walk.verified).toBe(true);
  });

  it('walks again when an item came in before its place', () => {
    const list = new FakeList(30);
    const walk = new ListWalk(10);
    list.walk(walk, (request) => {
      if (request === 2) list.items.unshift('early');
    });
    expect(walk.has('early')).toBe(true);
    expect(walk.verified).toBe(true);
  });

  it('copes with a list that is suddenly empty', () => {
    const list = new FakeList(50);
    const walk = new ListWalk(10);
    list.walk(walk, (request) => {
      if (request === 3) list.items = [];
    });
    expect(walk.verified).toBe(true);
    expect(walk.size).toBe(0);
  });

  it('ends when the list ignores the offset, and says that it is not complete', () => {
    const walk = new ListWalk(5);
    let requests = 0;
    while (!walk.done) {
      walk.accept(['a', 'b', 'c', 'd', 'e'], 5);
      if (++requests > 100) throw new Error('the walk does not end');
    }
    expect(walk.complete).toBe(false);
    expect(walk.verified).toBe(false);
  });

  it('takes one short page for the list when the offset is ignored', () => {
    const walk = new ListWalk(5);
    for (let request = 0; request < 2 && !walk.done; request++) walk.accept(['a', undefined, 'c']);
    expect(walk.verified).toBe(true);
    expect(walk.size).toBe(2);
  });

  it('ends, unverified, when the list never agrees with itself', () => {
    const list = new FakeList(40);
    const walk = new ListWalk(10);
    list.walk(walk, () => {
      list.items.shift();
      list.items.push(`n${list.requests}`);
    });
    expect(walk.done).toBe(true);
  });

  it('asks for the same page again until it got it', () => {
    const list = new FakeList(30);
    const walk = new ListWalk(10);
    list.page(walk);
    const wanted = walk.next();
    expect(walk.next()).toEqual(wanted);
    expect(wanted.offset).toBe(9);
  });

  it('never loses an item that is there all the time, whatever goes and comes (appended) meanwhile', () => {
    const change = fc.record({
      at: fc.integer({ min: 1, max: 30 }),
      remove: fc.array(fc.nat(200), { maxLength: 30 }),
      append: fc.nat(10),
    });
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 200 }),
        fc.integer({ min: 2, max: 20 }),
        fc.boolean(),
        fc.array(change, { maxLength: 6 }),
        (count, pageSize, tells, changes) => {
          const list = new FakeList(count, { cap: pageSize, tells });
          const lasting = new Set(list.items);
          const walk = new ListWalk(pageSize);
          let born = 0;
          list.walk(walk, (request) => {
            if (walk.done) return;
            for (const { at, remove, append } of changes) {
              if (at !== request) continue;
              const gone = new Set(remove.map((index) => list.items[index]));
              list.items = list.items.filter((id) => !gone.has(id));
              for (const id of gone) if (id !== undefined) lasting.delete(id);
              for (let i = 0; i < append; i++) list.items.push(`b${born++}`);
            }
          });
          for (const id of lasting) expect(walk.has(id)).toBe(true);
          if (walk.verified) expect(list.items.length).toBe(walk.size);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('gives up a list without end', () => {
    const walk = new ListWalk(5, 1_000);
    let born = 0;
    while (!walk.done && born < 100_000) {
      const { offset } = walk.next();
      walk.accept([`a${offset}`, ...Array.from({ length: 4 }, (_, index) => `a${offset + index + 1}`)], 5);
      born += 4;
    }
    expect(walk.done).toBe(true);
    expect(walk.complete).toBe(false);
  });

  it('ends whatever the pages are', () => {
    const page = fc.array(fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(
        fc.array(page, { minLength: 1, maxLength: 20 }),
        fc.option(fc.integer({ min: 1, max: 9 })),
        (pages, limit) => {
          const walk = new ListWalk(5);
          let requests = 0;
          while (!walk.done && requests < 5_000) {
            const { offset } = walk.next();
            expect(Number.isSafeInteger(offset) && offset >= 0).toBe(true);
            walk.accept(pages[requests++ % pages.length] as string[], limit ?? undefined);
          }
          expect(walk.done).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
