import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog';
import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TableCellDisplayMode,
  TableSortByFieldStateBuilder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  type DataSourceRef,
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type GridPos,
  MappingType,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as logs from '@grafana/grafana-foundation-sdk/logs';
import * as loki from '@grafana/grafana-foundation-sdk/loki';
import {
  DataqueryBuilder as PrometheusQueryBuilder,
  PromQueryFormat,
} from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as tempo from '@grafana/grafana-foundation-sdk/tempo';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import type {
  ColumnSpec,
  DataLink,
  HeatmapSpec,
  LogsSpec,
  PanelSpec,
  QuerySpec,
  StateTimelineSpec,
  StatSpec,
  TableSpec,
  Thresholds,
  TimeSeriesSpec,
  TracesSpec,
  ValueText,
} from './panel-spec.ts';

/** The data source variables. Every board calls Prometheus' alike, so that links from board to board keep it. */
export const SOURCES = {
  prometheus: { type: 'prometheus', uid: '${prometheus_datasource}' },
  loki: { type: 'loki', uid: '${loki_datasource}' },
  tempo: { type: 'tempo', uid: '${tempo_datasource}' },
} as const satisfies Record<string, DataSourceRef>;

/**
 * How many values of a line are asked for, where Grafana's own number, one a pixel, costs more than it shows. A quantile
 * reads every bucket of every series once for each value.
 */
const POINTS = { quantiles: 250, heatmap: 100, spark: 150 };

/** The panel of a spec, as the Foundation SDK builds it. */
export function buildPanel(spec: PanelSpec, place: Pick<GridPos, 'x' | 'y'>): Builder<Panel> {
  const gridPos = { ...place, w: spec.width, h: spec.height };
  switch (spec.type) {
    case 'stat':
      return ground(statPanel(spec), spec, gridPos);
    case 'timeseries':
      return ground(timeSeriesPanel(spec), spec, gridPos);
    case 'state-timeline':
      return ground(stateTimelinePanel(spec), spec, gridPos);
    case 'heatmap':
      return ground(heatmapPanel(spec), spec, gridPos);
    case 'table':
      return ground(tablePanel(spec), spec, gridPos);
    case 'logs':
      return ground(logsPanel(spec), spec, gridPos);
    case 'traces':
      return ground(tracesPanel(spec), spec, gridPos);
  }
}

interface Ground {
  id(id: number): this;
  title(title: string): this;
  description(description: string): this;
  gridPos(gridPos: GridPos): this;
}

function ground<Panel extends Ground>(panel: Panel, spec: PanelSpec, gridPos: GridPos): Panel {
  return panel.id(spec.id).title(spec.title).description(spec.description).gridPos(gridPos);
}

interface Queried {
  datasource(source: DataSourceRef): this;
  withTarget(target: Builder<Dataquery>): this;
  unit(unit: string): this;
  decimals(decimals: number): this;
  thresholds(thresholds: ThresholdsConfigBuilder): this;
  dataLinks(links: readonly object[]): this;
}

function queried<Panel extends Queried>(
  panel: Panel,
  spec: {
    readonly queries: readonly QuerySpec[];
    readonly unit?: string;
    readonly decimals?: number;
    readonly thresholds?: Thresholds;
    readonly links?: readonly DataLink[];
  },
  shape: (query: PrometheusQueryBuilder) => PrometheusQueryBuilder = (query) => query,
): Panel {
  panel.datasource(SOURCES.prometheus);
  spec.queries.forEach((query, i) => {
    panel.withTarget(shape(prometheusQuery(query, String.fromCharCode(65 + i))));
  });
  if (spec.unit !== undefined) panel.unit(spec.unit);
  if (spec.decimals !== undefined) panel.decimals(spec.decimals);
  if (spec.thresholds) panel.thresholds(thresholdsOf(spec.thresholds));
  if (spec.links) panel.dataLinks(spec.links);
  return panel;
}

function prometheusQuery(
  { expr, legend, instant = false }: QuerySpec,
  refId: string,
): PrometheusQueryBuilder {
  const query = new PrometheusQueryBuilder()
    .datasource(SOURCES.prometheus)
    .refId(refId)
    .expr(expr)
    .legendFormat(legend);
  return instant ? query.instant().format(PromQueryFormat.Table) : query.range();
}

function statPanel(spec: StatSpec): stat.PanelBuilder {
  const panel = queried(new stat.PanelBuilder(), spec)
    .colorMode(spec.thresholds?.length === 1 ? BigValueColorMode.None : BigValueColorMode.Value)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .graphMode(spec.texts ? BigValueGraphMode.None : BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']));
  if (spec.queries.every(({ instant }) => !instant)) panel.maxDataPoints(POINTS.spark);
  if (spec.texts) panel.mappings(mappingsOf(spec.texts));
  if (spec.noValue !== undefined) panel.noValue(spec.noValue);
  return panel;
}

function timeSeriesPanel(spec: TimeSeriesSpec): timeseries.PanelBuilder {
  const panel = queried(new timeseries.PanelBuilder(), spec, (query) =>
    spec.exemplars ? query.exemplar(true) : query,
  )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .lineWidth(1)
    .fillOpacity(spec.stacked ? 30 : 8)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (spec.queries.some(({ expr }) => expr.includes('histogram_quantile(')))
    panel.maxDataPoints(POINTS.quantiles);
  if (spec.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (spec.min !== undefined) panel.min(spec.min);
  if (spec.max !== undefined) panel.max(spec.max);
  if (spec.limits) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  for (const [legend, color] of Object.entries(spec.colors ?? {})) {
    panel.overrideByName(legend, [property('color', { mode: 'fixed', fixedColor: color })]);
  }
  return panel;
}

function stateTimelinePanel(spec: StateTimelineSpec): statetimeline.PanelBuilder {
  return queried(new statetimeline.PanelBuilder(), spec)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .mappings(mappingsOf(spec.texts))
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .rowHeight(0.8)
    .fillOpacity(80)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    );
}

function heatmapPanel(spec: HeatmapSpec): heatmap.PanelBuilder {
  return (
    queried(new heatmap.PanelBuilder(), { ...spec, unit: 'short' }, (query) =>
      query.format(PromQueryFormat.Heatmap),
    )
      .maxDataPoints(POINTS.heatmap)
      .calculate(false)
      // All of them: what is left out becomes 0, which Grafana takes for no colours.
      .color(
        new heatmap.HeatmapColorOptionsBuilder()
          .mode(heatmap.HeatmapColorMode.Scheme)
          .scheme('Spectral')
          .fill('dark-orange')
          .scale(heatmap.HeatmapColorScale.Exponential)
          .exponent(0.5)
          .steps(64)
          .reverse(false),
      )
      .filterValues(new heatmap.FilterValueRangeBuilder().le(1e-9))
      .yAxis(new heatmap.YAxisConfigBuilder().unit(spec.unit))
      .cellGap(1)
      .cellValues(new heatmap.CellValuesBuilder().unit('short').decimals(0))
  );
}

function tablePanel(spec: TableSpec): table.PanelBuilder {
  const panel = queried(new table.PanelBuilder(), spec)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({ id: 'organize', options: organized(spec) })
    .showHeader(true);
  if (spec.sortBy) panel.sortBy([new TableSortByFieldStateBuilder().displayName(spec.sortBy).desc(true)]);
  for (const column of spec.columns) {
    const properties = columnProperties(column);
    if (properties.length > 0) panel.overrideByName(column.title, properties);
  }
  return panel;
}

// With one query Prometheus' column is called `Value`, with several `Value #A`.
function organized({ queries, columns }: TableSpec): object {
  const source = (field: string): string => {
    const index = queries.findIndex(({ legend }) => legend === field);
    if (index < 0) return field;
    return queries.length === 1 ? 'Value' : `Value #${String.fromCharCode(65 + index)}`;
  };
  const names = columns.map(({ field, title }) => [source(field), title] as const);
  return {
    excludeByName: { Time: true },
    includeByName: {},
    indexByName: Object.fromEntries(names.map(([name], i) => [name, i])),
    renameByName: Object.fromEntries(names),
  };
}

function columnProperties(column: ColumnSpec): DynamicConfigValue[] {
  const { unit, decimals, width, thresholds, texts, links } = column;
  return [
    ...(unit === undefined ? [] : [property('unit', unit)]),
    ...(decimals === undefined ? [] : [property('decimals', decimals)]),
    ...(width === undefined ? [] : [property('custom.width', width)]),
    ...(texts ? [property('mappings', mappingsOf(texts))] : []),
    ...(links ? [property('links', links)] : []),
    ...(thresholds
      ? [
          property('thresholds', { mode: 'absolute', steps: stepsOf(thresholds) }),
          property('custom.cellOptions', { type: TableCellDisplayMode.ColorText }),
        ]
      : []),
    ...(texts ? [property('custom.cellOptions', { type: TableCellDisplayMode.ColorText })] : []),
  ];
}

function logsPanel(spec: LogsSpec): logs.PanelBuilder {
  return new logs.PanelBuilder()
    .datasource(SOURCES.loki)
    .withTarget(
      new loki.DataqueryBuilder().datasource(SOURCES.loki).refId('A').expr(spec.logql).queryType('range'),
    )
    .showTime(true)
    .enableLogDetails(true)
    .wrapLogMessage(true);
}

function tracesPanel(spec: TracesSpec): table.PanelBuilder {
  return new table.PanelBuilder()
    .datasource(SOURCES.tempo)
    .withTarget(
      new tempo.DataqueryBuilder()
        .datasource(SOURCES.tempo)
        .refId('A')
        .queryType('traceql')
        .query(spec.traceql)
        .limit(20)
        .tableType(tempo.SearchTableType.Traces),
    )
    .showHeader(true);
}

function property(id: string, value: unknown): DynamicConfigValue {
  return { id, value };
}

function stepsOf(thresholds: Thresholds): { value: number | null; color: string }[] {
  return thresholds.map(([value, color]) => ({ value, color }));
}

function thresholdsOf(thresholds: Thresholds): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(thresholds));
}

function mappingsOf(texts: readonly ValueText[]): ValueMapping[] {
  return [
    {
      type: MappingType.ValueToText,
      options: Object.fromEntries(
        texts.map(({ value, text, color }, index) => [value, { text, color, index }]),
      ),
    },
  ];
}
