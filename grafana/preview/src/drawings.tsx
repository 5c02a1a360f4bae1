import type { DataFrame, GrafanaTheme2 } from '@grafana/data';
import { useTheme2 } from '@grafana/ui';
import { useEffect, useRef } from 'react';
import type { Span } from './queries.ts';

// Grafana's core panels are not on npm: heatmap and state timeline are drawn here.

interface DrawingProps {
  readonly frames: readonly DataFrame[];
  readonly span: Span;
  readonly width: number;
  readonly height: number;
}

const AXIS = 22;

/** Rows of coloured stretches. */
export function StateTimeline({ frames, span, width, height }: DrawingProps) {
  const theme = useTheme2();
  const label = Math.min(160, width * 0.25);
  const row = Math.min(40, (height - AXIS) / Math.max(1, frames.length));
  const scale = (time: number): number =>
    ((time / 1000 - span.from) / (span.to - span.from)) * (width - label);
  return (
    <div style={{ position: 'relative', width, height, fontSize: 12, overflow: 'hidden' }}>
      {frames.map((frame, i) => (
        <div key={frame.refId} style={{ position: 'absolute', top: i * row, left: 0, width, height: row }}>
          <div
            style={{
              position: 'absolute',
              width: label - 8,
              lineHeight: `${row}px`,
              textAlign: 'right',
              whiteSpace: 'nowrap',
              overflow: 'hidden',
              color: theme.colors.text.secondary,
            }}
          >
            {frame.refId}
          </div>
          {stretches(frame, span).map(({ from, to, text, color }) => {
            const left = label + scale(from);
            const wide = Math.max(1, scale(to) - scale(from));
            return (
              <div
                key={from}
                title={text}
                style={{
                  position: 'absolute',
                  left,
                  width: wide,
                  top: row * 0.1,
                  height: row * 0.8,
                  lineHeight: `${row * 0.8}px`,
                  background: color,
                  opacity: 0.8,
                  color: theme.colors.getContrastText(color),
                  paddingLeft: 4,
                  whiteSpace: 'nowrap',
                  overflow: 'hidden',
                  boxSizing: 'border-box',
                }}
              >
                {wide > 60 ? text : ''}
              </div>
            );
          })}
        </div>
      ))}
      <TimeAxis span={span} left={label} width={width - label} top={row * frames.length} theme={theme} />
    </div>
  );
}

function stretches(
  frame: DataFrame,
  span: Span,
): { from: number; to: number; text: string; color: string }[] {
  const [times, values] = frame.fields;
  const found: { from: number; to: number; value: unknown; text: string; color: string }[] = [];
  values?.values.forEach((value: number | null, i: number) => {
    const time = times?.values[i] as number;
    const last = found.at(-1);
    if (last && last.to === Number.POSITIVE_INFINITY && last.value !== value) last.to = time;
    if (value === null || (last && last.to === Number.POSITIVE_INFINITY)) return;
    const { text = '', color = '#888' } = values.display?.(value) ?? {};
    found.push({ from: time, to: Number.POSITIVE_INFINITY, value, text, color });
  });
  return found.map((stretch) => ({ ...stretch, to: Math.min(stretch.to, span.to * 1000) }));
}

const SPECTRAL = [
  '#5e4fa2',
  '#3288bd',
  '#66c2a5',
  '#abdda4',
  '#e6f598',
  '#ffffbf',
  '#fee08b',
  '#fdae61',
  '#f46d43',
  '#d53e4f',
  '#9e0142',
];

/** Counts by bucket and time; the darker the more, as the root of the count. */
export function Heatmap({
  frames,
  span,
  width,
  height,
  format,
}: DrawingProps & { readonly format: (bound: string) => string }) {
  const theme = useTheme2();
  const canvas = useRef<HTMLCanvasElement>(null);
  const left = 60;
  const plot = { width: width - left, height: height - AXIS };
  const bands = counts(frames);
  const shown = bands.filter(({ values }) => values.some((value) => value > 0.01));
  const rows = bands.slice(bands.indexOf(shown[0] as Band), bands.indexOf(shown.at(-1) as Band) + 1);
  const key = rows.map(({ bound, values }) => `${bound}:${values.length}:${values.at(-1)}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the rows.
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const most = Math.max(...rows.flatMap(({ values }) => values));
    context.clearRect(0, 0, plot.width, plot.height);
    const cell = {
      width: plot.width / Math.max(1, rows[0]?.values.length ?? 1),
      height: plot.height / Math.max(1, rows.length),
    };
    rows.forEach(({ values }, y) => {
      values.forEach((value, x) => {
        if (value <= 0.05) return;
        context.fillStyle = SPECTRAL[
          Math.min(SPECTRAL.length - 1, Math.floor(Math.sqrt(value / most) * SPECTRAL.length))
        ] as string;
        context.fillRect(
          x * cell.width,
          plot.height - (y + 1) * cell.height,
          Math.ceil(cell.width),
          Math.max(1, cell.height - 1),
        );
      });
    });
  }, [key, plot.width, plot.height]);
  return (
    <div style={{ position: 'relative', width, height, fontSize: 12 }}>
      {rows.map(({ bound }, i) => {
        const every = Math.ceil((rows.length * 14) / plot.height);
        if (i % every !== 0) return null;
        return (
          <div
            key={bound}
            style={{
              position: 'absolute',
              width: left - 6,
              textAlign: 'right',
              top: plot.height - ((i + 1) * plot.height) / rows.length - 8,
              color: theme.colors.text.secondary,
            }}
          >
            {format(bound)}
          </div>
        );
      })}
      <canvas
        ref={canvas}
        width={plot.width}
        height={plot.height}
        style={{ position: 'absolute', left, top: 0 }}
      />
      <TimeAxis span={span} left={left} width={plot.width} top={plot.height} theme={theme} />
    </div>
  );
}

interface Band {
  readonly bound: string;
  readonly values: readonly number[];
}

/** What is in each bucket: Prometheus counts everything up to its bound. */
function counts(frames: readonly DataFrame[]): Band[] {
  const bound = (frame: DataFrame): number =>
    frame.refId === '+Inf' ? Number.POSITIVE_INFINITY : Number(frame.refId);
  const ordered = [...frames].sort((a, b) => bound(a) - bound(b));
  return ordered.map((frame, i) => {
    const upTo = (frame.fields[1]?.values ?? []) as (number | null)[];
    const below = (ordered[i - 1]?.fields[1]?.values ?? []) as (number | null)[];
    return {
      bound: frame.refId ?? '',
      values: upTo.map((value, x) => Math.max(0, (value ?? 0) - (below[x] ?? 0))),
    };
  });
}

interface TimeAxisProps {
  readonly span: Span;
  readonly left: number;
  readonly width: number;
  readonly top: number;
  readonly theme: GrafanaTheme2;
}

function TimeAxis({ span, left, width, top, theme }: TimeAxisProps) {
  const range = span.to - span.from;
  const steps = [1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 432_000];
  const step = steps.find((candidate) => range / candidate <= width / 90) ?? 864_000;
  const ticks: number[] = [];
  for (let time = Math.ceil(span.from / step) * step; time <= span.to; time += step) ticks.push(time);
  return (
    <>
      {ticks.map((time) => {
        const x = ((time - span.from) / range) * width;
        if (x > width - 20) return null;
        return (
          <div
            key={time}
            style={{
              position: 'absolute',
              left: left + x - 20,
              top: top + 3,
              width: 40,
              textAlign: 'center',
              color: theme.colors.text.secondary,
            }}
          >
            {step >= 86_400
              ? new Date(time * 1000).toISOString().slice(5, 10)
              : new Date(time * 1000).toISOString().slice(11, 16)}
          </div>
        );
      })}
    </>
  );
}
