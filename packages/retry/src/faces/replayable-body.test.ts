import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { isReplayable } from './replayable-body.ts';

const form = (value: string | Blob): FormData => {
  const made = new FormData();
  if (typeof value === 'string') made.append('field', value);
  else made.append('file', value, 'a.txt');
  return made;
};

describe('a body that can be sent again', () => {
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', 'hi'],
    ['a Buffer', Buffer.from('hi')],
    ['an ArrayBuffer', new ArrayBuffer(2)],
    ['URLSearchParams', new URLSearchParams('a=b')],
    ['a Blob', new Blob(['hi'])],
    ['a form of texts', form('hi')],
    ['a form with a file in memory', form(new Blob(['hi']))],
  ])('%s', (_name, body) => {
    expect(isReplayable(body)).toBe(true);
  });
});

describe('a body that is gone once it was sent', () => {
  it.each<[string, unknown]>([
    ['a web stream', new ReadableStream()],
    ['a Node stream', Readable.from(['hi'])],
    [
      'a generator',
      (function* () {
        yield 'hi';
      })(),
    ],
    [
      'a form that is a stream (package form-data)',
      { append: () => 0, getHeaders: () => ({}), pipe: () => 0 },
    ],
    [
      "a form with the SDK's file over a stream",
      Object.assign(Object.create(null), {
        append: () => 0,
        entries: () => [],
        *[Symbol.iterator]() {
          yield ['file', { name: 'a', size: 3, arrayBuffer: () => 0, slice: () => failSlice() }];
        },
      }),
    ],
  ])('%s', (_name, body) => {
    expect(isReplayable(body)).toBe(false);
  });
});

function failSlice(): never {
  throw new TypeError('part.slice is not a function');
}
