import type { Span } from '../world/span-receiver.ts';

const OURS = '@nylas-otel/';

/** A call to Nylas that a request to the service made. */
export interface NylasCall {
  /** The request to the service; undefined for what the service does by itself. */
  readonly server: Span | undefined;
  readonly operation: Span;
  /** HTTP requests in the order they were sent. */
  readonly attempts: readonly Span[];
}

/** A span with what happened inside it. */
export interface TreeNode {
  readonly span: Span;
  readonly children: readonly TreeNode[];
  /** Spans of frameworks that are left out between this one and its children, or beside them. */
  readonly leftOut: number;
}

/** True for a span of nylas-otel. */
export function isOurs({ scope }: Span): boolean {
  return scope.startsWith(OURS);
}

/** True for the span of an HTTP request to Nylas. */
export function isAttempt(span: Span): boolean {
  return span.kind === 'client' && isOurs(span);
}

/** Every call to Nylas that has an operation span. */
export function nylasCalls(spans: readonly Span[]): NylasCall[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const attempts = byParent(spans.filter(isAttempt));
  return spans
    .filter((span) => isOurs(span) && span.kind === 'internal' && attempts.has(span.spanId))
    .map((operation) => ({
      server: serverAbove(operation, byId),
      operation,
      attempts: (attempts.get(operation.spanId) ?? []).sort((a, b) => a.start - b.start),
    }));
}

function byParent(spans: readonly Span[]): Map<string, Span[]> {
  const groups = new Map<string, Span[]>();
  for (const span of spans) {
    const group = groups.get(span.parentSpanId);
    if (group === undefined) groups.set(span.parentSpanId, [span]);
    else group.push(span);
  }
  return groups;
}

function serverAbove(span: Span, byId: ReadonlyMap<string, Span>): Span | undefined {
  for (let at: Span | undefined = span; at !== undefined; at = byId.get(at.parentSpanId))
    if (at.kind === 'server') return at;
  return undefined;
}

/** The trace of a span as a tree, without the spans that frameworks make of their own middleware. */
export function treeOf(root: Span, spans: readonly Span[]): TreeNode {
  const trace = spans.filter(({ traceId }) => traceId === root.traceId).sort((a, b) => a.start - b.start);
  const children = byParent(trace);
  const node = (span: Span): TreeNode => {
    const inside = shownBelow(span, children);
    return { span, children: inside.shown.map(node), leftOut: inside.leftOut };
  };
  return node(root);
}

function shownBelow(
  span: Span,
  children: ReadonlyMap<string, readonly Span[]>,
): { shown: Span[]; leftOut: number } {
  const shown: Span[] = [];
  let leftOut = 0;
  for (const child of children.get(span.spanId) ?? []) {
    if (child.kind !== 'internal' || isOurs(child)) {
      shown.push(child);
    } else {
      const inside = shownBelow(child, children);
      shown.push(...inside.shown);
      leftOut += 1 + inside.leftOut;
    }
  }
  return { shown, leftOut };
}
