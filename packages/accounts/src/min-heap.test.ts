import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MinHeap } from './min-heap.ts';

interface Item {
  readonly key: number;
  place: number;
}

const heapOf = (): MinHeap<Item> =>
  new MinHeap<Item>(
    (a, b) => a.key < b.key,
    (item, index) => {
      item.place = index;
    },
  );

it('gives items back in order, and knows where each is, whatever is put in and taken out between', () => {
  const step = fc.oneof(
    fc.record({ push: fc.integer({ min: 0, max: 50 }) }),
    fc.record({ remove: fc.nat(100) }),
    fc.constant('pop' as const),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const heap = heapOf();
      const model: Item[] = [];
      for (const action of steps) {
        if (action === 'pop') {
          const least = model.reduce(
            (a: Item | undefined, b) => (a !== undefined && a.key <= b.key ? a : b),
            undefined,
          );
          const popped = heap.pop();
          expect(popped?.key).toBe(least?.key);
          if (popped !== undefined) model.splice(model.indexOf(popped), 1);
        } else if ('push' in action) {
          const item = { key: action.push, place: -1 };
          model.push(item);
          heap.push(item);
        } else if (model.length > 0) {
          const [item] = model.splice(action.remove % model.length, 1) as [Item];
          heap.remove(item.place);
          expect(item.place).toBe(-1);
        }
        expect(heap.size).toBe(model.length);
        for (const item of model) expect(heap.at(item.place)).toBe(item);
      }
      const drained: number[] = [];
      for (let item = heap.pop(); item !== undefined; item = heap.pop()) drained.push(item.key);
      expect(drained).toEqual(model.map(({ key }) => key).sort((a, b) => a - b));
    }),
    { numRuns: 1_000 },
  );
});

it('answers nothing when it is empty, and ignores places that do not exist', () => {
  const heap = heapOf();
  expect(heap.peek()).toBeUndefined();
  expect(heap.pop()).toBeUndefined();
  heap.remove(3);
  expect(heap.size).toBe(0);
});
