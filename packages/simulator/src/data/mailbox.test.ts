import { beforeEach, describe, expect, it } from 'vitest';
import { emptyKind, type Kind, Mailboxes, type Owner } from './mailbox.ts';
import { decodeId, encodeId } from './object-id.ts';

const owner: Owner = { id: 'a', key: 1, email: 'a@example.com', name: 'A', provider: 'google' };
const other: Owner = { ...owner, id: 'b', key: 2 };
const kind: Kind = {
  name: 'test',
  code: 5,
  count: () => 10,
  id: (of, index) => encodeId(of.key, 5, index),
  indexOf: (of, id) => decodeId(of.key, 5, id),
  build: (of, index) => ({ id: encodeId(of.key, 5, index), n: index }),
};

let mailboxes: Mailboxes;
beforeEach(() => {
  mailboxes = new Mailboxes(1);
});
const numbers = (items: readonly { n?: unknown }[]): unknown[] => items.map((one) => one.n);

describe('mailboxes', () => {
  it('generate what nobody touched', () => {
    expect(mailboxes.find(kind, owner, kind.id(owner, 3))).toMatchObject({ n: 3 });
    expect(mailboxes.find(kind, owner, kind.id(owner, 10))).toBeUndefined();
    expect(mailboxes.find(kind, other, kind.id(owner, 3))).toBeUndefined();
    expect(mailboxes.count(kind, owner)).toBe(10);
  });

  it('lay changes over it, in one mailbox only', () => {
    mailboxes.update(kind, owner, kind.id(owner, 2), { n: 'two', id: 'not this' });
    expect(mailboxes.remove(kind, owner, kind.id(owner, 3))).toBe(true);
    expect(mailboxes.remove(kind, owner, kind.id(owner, 3))).toBe(false);
    expect(mailboxes.update(kind, owner, kind.id(owner, 3), {})).toBeUndefined();
    mailboxes.insert(kind, owner, { n: 'new' });
    expect(numbers(mailboxes.slice(kind, owner, 0, 5))).toEqual(['new', 0, 1, 'two', 4]);
    expect(mailboxes.find(kind, owner, kind.id(owner, 2))?.id).toBe(kind.id(owner, 2));
    expect(numbers(mailboxes.slice(kind, other, 0, 4))).toEqual([0, 1, 2, 3]);
    mailboxes.clear();
    expect(mailboxes.count(kind, owner)).toBe(10);
  });

  it('page exactly although others write in between', () => {
    const first = mailboxes.page(kind, owner, 4);
    mailboxes.insert(kind, owner, { n: 'new' });
    mailboxes.remove(kind, owner, kind.id(owner, 1));
    mailboxes.remove(kind, owner, kind.id(owner, 5));
    const second = mailboxes.page(kind, owner, 4, first?.next);
    const third = mailboxes.page(kind, owner, 4, second?.next);
    expect(numbers(first?.items ?? [])).toEqual([0, 1, 2, 3]);
    expect(numbers(second?.items ?? [])).toEqual([4, 6, 7, 8]);
    expect(numbers(third?.items ?? [])).toEqual([9]);
    expect(third?.next).toBeUndefined();
  });

  it('page through created objects, newest first', () => {
    for (const n of ['a', 'b', 'c', 'd', 'e']) mailboxes.insert(kind, owner, { n });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const page = mailboxes.page(kind, owner, 2, cursor);
      seen.push(...numbers(page?.items ?? []));
      cursor = page?.next;
    } while (cursor !== undefined);
    expect(seen).toEqual(['e', 'd', 'c', 'b', 'a', 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('end with the last page, also when it is full', () => {
    const page = mailboxes.page(kind, owner, 10);
    expect(page?.items).toHaveLength(10);
    expect(page?.next).toBeUndefined();
  });

  it('refuse cursors of other lists', () => {
    const { next } = mailboxes.page(kind, owner, 4) ?? {};
    expect(mailboxes.page(kind, other, 4, next)).toBeUndefined();
    for (const wrong of ['', 'x', 'MS4y', `${next}x`.slice(2)]) {
      expect(mailboxes.page(kind, owner, 4, wrong)).toBeUndefined();
    }
  });

  it('forget the oldest created objects above 10,000', () => {
    const empty = emptyKind('empty', 6);
    const first = mailboxes.insert(empty, owner, { n: 0 });
    for (let n = 1; n <= 10_000; n++) mailboxes.insert(empty, owner, { n });
    expect(mailboxes.count(empty, owner)).toBe(10_000);
    expect(mailboxes.find(empty, owner, String(first.id))).toBeUndefined();
  });
});
