import type { SyntaxNode, Tree } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** What stands in a query. */
export interface Parsed {
  /** Texts that the grammar does not take; empty for a query that parses. */
  readonly errors: readonly string[];
  readonly selectors: readonly Selector[];
}

export interface Selector {
  /** Empty for a selector by `__name__` alone. */
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly text: string }[];
  /** Functions around it, innermost first; aggregations count as functions. */
  readonly inside: readonly string[];
  /** The range, for a selector of one: `5m`. */
  readonly range: string | undefined;
}

/** Grafana's variables put in, as a person who looks at everything for six hours would have them. */
export function withVariables(expr: string): string {
  return expr
    .replaceAll('$__rate_interval', '5m')
    .replaceAll('$__interval', '1m')
    .replaceAll('$__range', '6h')
    .replace(/\$\{?(job|instance|application|provider)\}?/g, '.+');
}

/** Reads a query of Prometheus, without Grafana's variables. */
export function parsePromql(expr: string): Parsed {
  const tree: Tree = parser.parse(expr);
  const errors: string[] = [];
  const selectors: Selector[] = [];
  tree.iterate({
    enter(ref) {
      if (ref.type.isError) errors.push(expr.slice(Math.max(0, ref.from - 20), ref.to + 20));
      if (ref.name === 'VectorSelector') selectors.push(readSelector(ref.node, expr));
    },
  });
  return { errors, selectors };
}

function readSelector(node: SyntaxNode, expr: string): Selector {
  const text = (part: SyntaxNode | null): string => (part ? expr.slice(part.from, part.to) : '');
  const matchers = node
    .getChild('LabelMatchers')
    ?.getChildren('UnquotedLabelMatcher')
    .map((matcher) => ({ label: text(matcher.getChild('LabelName')), text: text(matcher) }));
  const inside: string[] = [];
  let range: string | undefined;
  for (let parent = node.parent; parent; parent = parent.parent) {
    if (parent.name === 'MatrixSelector' && range === undefined) {
      range = /\[([^\]]+)\]$/.exec(text(parent))?.[1];
    }
    if (parent.name === 'FunctionCall') inside.push(text(parent.getChild('FunctionIdentifier')));
    if (parent.name === 'AggregateExpr') inside.push(text(parent.getChild('AggregateOp')));
  }
  return { metric: text(node.getChild('Identifier')), matchers: matchers ?? [], inside, range };
}
