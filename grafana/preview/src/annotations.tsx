import type { UPlotConfigBuilder } from '@grafana/ui';
import { useTheme2 } from '@grafana/ui';
import { useLayoutEffect } from 'react';
import type uPlot from 'uplot';
import type { Annotation, Board } from './board.ts';
import type { Picked } from './picked.ts';
import { ask, type Span } from './queries.ts';

/** Something that went on for a time: an alert, a deploy, an incident. Milliseconds. */
export interface Mark {
  readonly title: string;
  readonly color: string;
  readonly from: number;
  readonly to: number;
}

const POINTS = 300;

/** What the annotations of a board have in a time range. */
export async function askAnnotations(board: Board, span: Span, picked: Picked): Promise<Mark[]> {
  const marks = board.annotations.list
    .filter(({ expr, enable }) => expr !== undefined && enable)
    .map((annotation) => marksOf(annotation, span, picked));
  return (await Promise.all(marks)).flat();
}

// Each stretch of samples without a gap is one, as Grafana's Prometheus data source has it.
async function marksOf(
  { expr = '', titleFormat = '', iconColor }: Annotation,
  span: Span,
  picked: Picked,
): Promise<Mark[]> {
  const answer = await ask({ refId: 'A', expr, legendFormat: titleFormat }, span, POINTS, picked);
  return answer.flatMap(({ legend, times, values }) => {
    const found: { title: string; color: string; from: number; to: number }[] = [];
    times.forEach((time, i) => {
      if (!values[i]) return;
      const last = found.at(-1);
      if (last && i > 0 && values[i - 1]) last.to = time;
      else found.push({ title: legend, color: iconColor, from: time, to: time });
    });
    return found;
  });
}

/** Draws them into a graph: a line where each begins, and a handle below that says what it is. */
export function Annotations({
  config,
  marks,
}: {
  readonly config: UPlotConfigBuilder;
  readonly marks: readonly Mark[];
}) {
  const theme = useTheme2();
  useLayoutEffect(() => {
    config.addHook('draw', (plot) => {
      for (const old of plot.over.querySelectorAll('[data-mark]')) old.remove();
      const { min = 0, max = 0 } = plot.scales.x ?? {};
      for (const mark of marks) {
        if (mark.to < (min ?? 0) || mark.from > (max ?? 0)) continue;
        plot.over.append(handle(plot, mark, theme.visualization.getColorByName(mark.color)));
      }
    });
  }, [config, marks, theme]);
  return null;
}

function handle(plot: uPlot, { title, from, to }: Mark, color: string): HTMLElement {
  const left = Math.max(0, plot.valToPos(from, 'x'));
  const line = document.createElement('div');
  line.dataset.mark = title;
  line.title = `${title}, ${new Date(from).toISOString().slice(0, 16)} to ${new Date(to).toISOString().slice(11, 16)}`;
  Object.assign(line.style, {
    position: 'absolute',
    left: `${left}px`,
    top: '0',
    bottom: '0',
    width: '5px',
    opacity: '0.6',
    borderLeft: `1px dashed ${color}`,
    // The handle.
    background: `linear-gradient(${color}, ${color}) bottom left / 5px 5px no-repeat`,
  });
  return line;
}
