import type { Board, Variable } from './board.ts';
import type { Picked } from './picked.ts';
import { ask, type Span } from './queries.ts';

/** The variables of a board that are picked here: data sources are given. */
export function variablesOf(board: Board): Variable[] {
  return board.templating.list.filter(({ type }) => type === 'query');
}

/** The values that a variable may have, by the time range and what is picked of those it depends on. */
export async function valuesOf({ query }: Variable, span: Span, picked: Picked): Promise<string[]> {
  const [, selector, name = ''] = /^label_values\((.+),\s*(\w+)\)$/s.exec(query) ?? [];
  if (selector === undefined) return [];
  const expr = `group by (${name}) (last_over_time(${selector}[$__range]))`;
  const series = await ask({ refId: 'A', expr, instant: true }, span, 1, picked);
  return series.flatMap(({ labels }) => labels[name] ?? []).sort();
}
