import { describe, expect, it } from 'vitest';
import { firstDecile, groupedMedian, median, randomFrom, shuffled } from './statistics.ts';

describe('median', () => {
  it('takes the middle, or the mean of the two middle ones', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
  it('leaves its input as it was', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('groupedMedian', () => {
  it('finds a median that an outlier cannot move', () => {
    expect(
      groupedMedian([
        [1, 1, 1, 100],
        [1, 1, 1, 1],
      ]).value,
    ).toBe(1);
  });
  it('gives a wide interval to groups that disagree, a narrow one to groups that agree', () => {
    const wide = groupedMedian([Array(20).fill(1), Array(20).fill(2), Array(20).fill(3)]).interval;
    const narrow = groupedMedian([Array(20).fill(2), Array(20).fill(2), Array(20).fill(2)]).interval;
    expect(wide[1] - wide[0]).toBeGreaterThanOrEqual(1);
    expect(narrow).toEqual([2, 2]);
  });
  it('says the same of the same values', () => {
    const groups = [
      [1.2, 1.1, 1.3],
      [1, 1.4, 1.2],
    ];
    expect(groupedMedian(groups)).toEqual(groupedMedian(groups));
  });
});

it('finds a low cost under noise that only adds', () => {
  expect(firstDecile([9, 5, 5, 7, 5, 6, 8, 5, 30, 5])).toBe(5);
});

it('shuffles without losing or doubling', () => {
  expect(shuffled([1, 2, 3, 4, 5], randomFrom(3)).sort()).toEqual([1, 2, 3, 4, 5]);
});
