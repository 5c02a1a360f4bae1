import { describe, expect, it } from 'vitest';
import type { Span } from '../world/span-receiver.ts';
import { nylasCalls, type TreeNode, treeOf } from './trace.ts';

const server = span('server', '', { kind: 'server', scope: 'http' });
const middleware = span('middleware', 'server', { scope: 'express' });
const handler = span('handler', 'server', { scope: 'express' });
const operation = span('nylas messages.list', 'handler', { scope: '@nylas-otel/instrumentation' });
const second = span('second', operation.spanId, { kind: 'client', start: 20 });
const first = span('first', operation.spanId, { kind: 'client', start: 10 });
const poll = span('nylas accounts.poll', '', { scope: '@nylas-otel/accounts' });
const polled = span('polled', poll.spanId, { kind: 'client' });
const spans = [second, first, operation, handler, middleware, server, polled, poll];

describe('treeOf', () => {
  it('shows the request, the operation and its attempts in order, without the spans of frameworks', () => {
    expect(names(treeOf(server, spans))).toEqual([
      'server',
      [
        [
          'nylas messages.list',
          [
            ['first', []],
            ['second', []],
          ],
        ],
      ],
    ]);
  });

  it('says how many spans it leaves out', () => {
    expect(treeOf(server, spans).leftOut).toBe(2);
  });

  it('keeps to the trace of its root', () => {
    const stray = { ...span('stray', 'server', { kind: 'client' }), traceId: 'another' };
    expect(names(treeOf(server, [server, stray]))).toEqual(['server', []]);
  });
});

describe('nylasCalls', () => {
  it('finds each call with its attempts and the request to the service that caused it', () => {
    expect(nylasCalls(spans)).toEqual([
      { server, operation, attempts: [first, second] },
      { server: undefined, operation: poll, attempts: [polled] },
    ]);
  });
});

function span(name: string, parentSpanId: string, more: Partial<Span>): Span {
  return {
    scope: '@nylas-otel/instrumentation',
    name,
    traceId: 'trace',
    spanId: name,
    parentSpanId,
    kind: 'internal',
    failed: false,
    start: 0,
    duration: 1,
    attributes: {},
    ...more,
  };
}

function names({ span: { name }, children }: TreeNode): unknown[] {
  return [name, children.map(names)];
}
