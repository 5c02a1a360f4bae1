import type { Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { promLabels } from './labels.ts';

describe('labels', () => {
  it.each<[string, Attributes, Record<string, string>]>([
    [
      'numbers and booleans as text',
      { n: 200, f: 0.5, t: true, no: false },
      { n: '200', f: '0.5', t: 'true', no: 'false' },
    ],
    [
      'arrays as JSON',
      { list: ['a', 'b'], mixed: [1, null as never] },
      { list: '["a","b"]', mixed: '[1,null]' },
    ],
    ['nothing for what has no value', { u: undefined, n: null as never, e: '', fn: (() => 1) as never }, {}],
    ['nothing for a symbol or an empty name', { s: Symbol('x') as never, '': 'x' }, {}],
    [
      'names that Prometheus takes',
      { 'http.response.status_code': 1, '1st': 'a', 'ä-b': 'c' },
      { http_response_status_code: '1', key_1st: 'a', _b: 'c' },
    ],
    ['both values where two names meet', { 'a.b': 'x', a_b: 'y' }, { a_b: 'x;y' }],
    ['the same whatever their order', { a_b: 'y', 'a.b': 'x' }, { a_b: 'x;y' }],
    ['another name for le', { le: '5' }, { exported_le: '5' }],
  ])('have %s', (_what, attributes, labels) => {
    expect(promLabels(attributes)).toEqual(labels);
  });

  it('keep the order of the attributes', () => {
    expect(Object.keys(promLabels({ z: 1, a: 2, m: 3 }))).toEqual(['z', 'a', 'm']);
  });

  it('survive values that cannot be written as JSON', () => {
    const circular: unknown[] = [];
    circular.push(circular);
    expect(promLabels({ circular: circular as never, big: 5n as never, ok: 1 })).toEqual({
      big: '5',
      ok: '1',
    });
  });

  it('survive an attribute called __proto__', () => {
    const attributes = JSON.parse('{"__proto__":"x","constructor":"y"}') as Attributes;
    expect(promLabels(attributes)).toEqual({ _proto_: 'x', constructor: 'y' });
  });
});
