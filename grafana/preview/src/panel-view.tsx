import { type DataFrame, dateTime, type GrafanaTheme2, type TimeRange } from '@grafana/data';
import { LegendDisplayMode, SortOrder, TooltipDisplayMode, type VizLegendOptions } from '@grafana/schema';
import {
  BigValue,
  type BigValueColorMode,
  BigValueGraphMode,
  PanelChrome,
  TimeSeries,
  TooltipPlugin,
  useTheme2,
} from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useState } from 'react';
import { Annotations, type Mark } from './annotations.tsx';
import type { Panel } from './board.ts';
import { Heatmap, StateTimeline } from './drawings.tsx';
import { seriesFrames, tableFrame } from './frames.ts';
import type { Picked } from './picked.ts';
import { askPanel, type Series, type Span } from './queries.ts';

declare global {
  interface Window {
    /** How each panel of the board went, for whoever takes pictures. */
    __panels: Record<
      number,
      { title: string; state: 'drawn' | 'empty' | 'failed' | 'elsewhere'; error?: string }
    >;
  }
}
window.__panels = {};

interface PanelViewProps {
  readonly panel: Panel;
  readonly span: Span;
  readonly picked: Picked;
  readonly marks: readonly Mark[];
  readonly width: number;
  readonly height: number;
}

/** A panel in Grafana's frame, with its data. */
export function PanelView({ panel, span, picked, marks, width, height }: PanelViewProps) {
  const [answers, setAnswers] = useState<Series[][]>();
  const [error, setError] = useState<string>();
  const elsewhere = panel.datasource?.type !== 'prometheus';
  useEffect(() => {
    if (elsewhere) return;
    askPanel(panel, span, width, picked).then(setAnswers, (reason: Error) => setError(reason.message));
  }, [panel, span, width, picked, elsewhere]);
  useEffect(() => {
    if (!elsewhere && !answers && !error) return;
    const state = elsewhere
      ? 'elsewhere'
      : error
        ? 'failed'
        : answers?.every((series) => series.length === 0)
          ? 'empty'
          : 'drawn';
    window.__panels[panel.id] = { title: panel.title, state, ...(error ? { error } : {}) };
  }, [panel, answers, error, elsewhere]);
  return (
    <PanelChrome
      title={panel.title}
      description={panel.description}
      width={width}
      height={height}
      padding={panel.type === 'table' ? 'none' : 'md'}
      statusMessage={error}
    >
      {(innerWidth, innerHeight) => {
        if (elsewhere)
          return (
            <Note
              text={`Shows ${panel.datasource?.type === 'loki' ? 'log lines of Loki' : 'traces of Tempo'}, in Grafana.`}
            />
          );
        if (error) return <Note text={error} />;
        if (!answers) return <Note text="" />;
        if (answers.every((series) => series.length === 0)) return <Note text={noValue(panel)} />;
        return (
          <Visualization
            panel={panel}
            answers={answers}
            span={span}
            marks={marks}
            width={innerWidth}
            height={innerHeight}
          />
        );
      }}
    </PanelChrome>
  );
}

function noValue(panel: Panel): string {
  return String(panel.fieldConfig?.defaults.noValue ?? 'No data');
}

function Note({ text }: { readonly text: string }) {
  const theme = useTheme2();
  return (
    <div
      style={{
        height: '100%',
        display: 'grid',
        placeItems: 'center',
        color: theme.colors.text.secondary,
        textAlign: 'center',
      }}
    >
      {text}
    </div>
  );
}

interface VisualizationProps extends Omit<PanelViewProps, 'picked'> {
  readonly answers: readonly Series[][];
}

function Visualization({ panel, answers, span, marks, width, height }: VisualizationProps) {
  const theme = useTheme2();
  if (panel.type === 'table') {
    const frame = tableFrame(panel, answers as Series[][], theme);
    const sortBy = panel.options?.sortBy as { displayName: string; desc: boolean }[] | undefined;
    return (
      <TableNG
        data={sorted(frame, sortBy?.[0])}
        width={width}
        height={height}
        sortBy={sortBy ?? []}
        structureRev={1}
      />
    );
  }
  const frames = seriesFrames(panel, answers as Series[][], theme);
  switch (panel.type) {
    case 'stat':
      return (
        <Stat
          panel={panel}
          frame={frames[0] as DataFrame}
          width={width}
          height={height}
          theme={theme}
          span={span}
        />
      );
    case 'state-timeline':
      return <StateTimeline frames={frames} span={span} width={width} height={height} />;
    case 'heatmap':
      return <Heatmap frames={frames} span={span} width={width} height={height} format={bucketText} />;
    default:
      return (
        <TimeSeries
          frames={frames}
          width={width}
          height={height}
          timeRange={timeRange(span)}
          timeZone="utc"
          legend={legend(panel)}
          options={{}}
        >
          {(config, alignedFrame) => (
            <>
              <TooltipPlugin
                config={config}
                data={alignedFrame}
                mode={TooltipDisplayMode.Multi}
                sortOrder={SortOrder.Descending}
                timeZone="utc"
              />
              <Annotations config={config} marks={marks} />
            </>
          )}
        </TimeSeries>
      );
  }
}

function sorted(frame: DataFrame, by: { displayName: string; desc: boolean } | undefined): DataFrame {
  const column = frame.fields.find(({ name }) => name === by?.displayName);
  if (!column) return frame;
  const order = [...column.values.keys()].sort(
    (a, b) => Number(column.values[b] ?? 0) - Number(column.values[a] ?? 0),
  );
  return {
    ...frame,
    fields: frame.fields.map((field) => ({ ...field, values: order.map((i) => field.values[i]) })),
  };
}

interface StatProps {
  readonly panel: Panel;
  readonly frame: DataFrame;
  readonly width: number;
  readonly height: number;
  readonly theme: GrafanaTheme2;
  readonly span: Span;
}

function Stat({ panel, frame, width, height, theme }: StatProps) {
  const [time, field] = frame.fields;
  const values = (field?.values ?? []) as (number | null)[];
  const last = values.findLast((value) => value !== null) ?? null;
  const value = field?.display?.(last) ?? { text: '', numeric: Number.NaN };
  const options = panel.options as { colorMode: BigValueColorMode; graphMode: BigValueGraphMode };
  const sparkline =
    field && time ? { y: { ...field, state: { range: rangeOf(values) } }, x: time } : undefined;
  return (
    <BigValue
      value={value}
      width={width}
      height={height}
      theme={theme}
      colorMode={options.colorMode}
      graphMode={options.graphMode}
      {...(options.graphMode === BigValueGraphMode.Area && sparkline ? { sparkline } : {})}
    />
  );
}

/** What Grafana leaves at a field for its little graph. */
function rangeOf(values: readonly (number | null)[]): { min: number; max: number; delta: number } {
  const known = values.filter((value) => value !== null);
  const min = Math.min(...known);
  const max = Math.max(...known);
  return { min, max, delta: max - min };
}

function legend(panel: Panel): VizLegendOptions {
  return {
    displayMode: LegendDisplayMode.List,
    placement: 'bottom',
    showLegend: true,
    calcs: [],
    ...(panel.options?.legend as Partial<VizLegendOptions>),
  };
}

function timeRange(span: Span): TimeRange {
  const from = dateTime(span.from * 1000);
  const to = dateTime(span.to * 1000);
  return { from, to, raw: { from, to } };
}

function bucketText(bound: string): string {
  if (bound === '+Inf') return '∞';
  const seconds = Number(bound);
  if (seconds < 1) return `${seconds * 1000} ms`;
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${seconds / 60} min`;
  return seconds < 172_800 ? `${seconds / 3600} h` : `${seconds / 86_400} d`;
}
