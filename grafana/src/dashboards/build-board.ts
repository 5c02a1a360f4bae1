import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  TimePickerBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { BoardSeries, BoardSpec } from './board-spec.ts';
import { buildPanel, SOURCES } from './build-panel.ts';
import type { RowSpec } from './panel-spec.ts';

const GRID = 24;
/** Ids of rows: apart from those of panels, which are written in the boards. */
const FIRST_ROW_ID = 1000;

/** A board in the classic JSON that Grafana 10 to 13 provision. */
export function buildBoard(spec: BoardSpec, series: BoardSeries): Dashboard {
  const board = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags(['nylas', 'nylas-otel'])
    .readonly()
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: spec.from, to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['30s', '1m', '5m', '15m', '1h']))
    .refresh('1m')
    .link(
      new DashboardLinkBuilder('Nylas boards')
        .type(DashboardLinkType.Dashboards)
        .tags(['nylas'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  addVariables(board, spec, series);
  addAnnotations(board, series);
  let y = 0;
  spec.rows.forEach((row, i) => {
    board.withRow(new RowBuilder(row.title).id(FIRST_ROW_ID + i).gridPos({ x: 0, y, w: GRID, h: 1 }));
    y = addPanels(board, row, y + 1);
  });
  return withoutMenuPlacement(board.build());
}

/** Puts the panels of a row side by side, and on; answers the first free line below. */
function addPanels(board: DashboardBuilder, row: RowSpec, top: number): number {
  let x = 0;
  let y = top;
  let bottom = top;
  for (const panel of row.panels) {
    if (x + panel.width > GRID) {
      x = 0;
      y = bottom;
    }
    board.withPanel(buildPanel(panel, { x, y }));
    x += panel.width;
    bottom = Math.max(bottom, y + panel.height);
  }
  return bottom;
}

function addVariables(board: DashboardBuilder, { variables }: BoardSpec, series: BoardSeries): void {
  const source = (type: string, label: string): DatasourceVariableBuilder =>
    new DatasourceVariableBuilder(`${type}_datasource`).label(`${label} data source`).type(type);
  const alive = series.process.name('nylas.telemetry.errors');
  const accounts = series.process.name('nylas.accounts');
  board.withVariable(source('prometheus', 'Prometheus'));
  if (variables.includes('loki')) board.withVariable(source('loki', 'Loki'));
  if (variables.includes('tempo')) board.withVariable(source('tempo', 'Tempo'));
  board.withVariable(values('job', 'Job', `label_values(${alive}, job)`));
  board.withVariable(values('instance', 'Instance', `label_values(${alive}{job=~"$job"}, instance)`));
  if (variables.includes('application')) {
    board.withVariable(values('application', 'Application', `label_values(${accounts}, nylas_application)`));
  }
  if (variables.includes('provider')) {
    board.withVariable(values('provider', 'Provider', `label_values(${accounts}, nylas_provider)`));
  }
}

function values(name: string, label: string, query: string): QueryVariableBuilder {
  return new QueryVariableBuilder(name)
    .label(label)
    .datasource(SOURCES.prometheus)
    .query(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
}

function addAnnotations(board: DashboardBuilder, series: BoardSeries): void {
  const version = 'count by (job, service_version) (target_info{job=~"$job", service_version!=""}';
  board
    .annotation(alerts('Critical alerts', 'red', 'severity="critical"'))
    // A bad day has dozens: they are there for whoever asks.
    .annotation(alerts('Other alerts', 'yellow', 'severity!="critical"').enable(false))
    .annotation(
      mark('Deploys', 'blue', `${version}) unless ${version} offset 10m)`, '{{job}} {{service_version}}'),
    )
    .annotation(
      mark(
        'Nylas incidents',
        'orange',
        `max by (nylas_platform_impact) (${series.process.name('nylas.platform.incidents')}{nylas_platform_impact=~"minor|major|critical"}) > 0`,
        'Nylas: {{nylas_platform_impact}} incident',
      ),
    );
}

function alerts(name: string, color: string, severity: string): AnnotationQueryBuilder {
  const expr = `ALERTS{alertname=~"Nylas.+", alertstate="firing", ${severity}}`;
  return mark(name, color, expr, '{{alertname}}').tagKeys('severity,job');
}

function mark(name: string, color: string, expr: string, title: string): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name(name)
    .datasource(SOURCES.prometheus)
    .enable(true)
    .iconColor(color)
    .expr(expr)
    .step('60s')
    .titleFormat(title);
}

// The SDK's default hides links and annotations in a menu, on Grafana 12.3 and later.
function withoutMenuPlacement(board: Dashboard): Dashboard {
  const plain = ({ placement: _, ...rest }: { placement?: unknown }): object => rest;
  return {
    ...board,
    links: board.links?.map(plain),
    annotations: { ...board.annotations, list: board.annotations?.list?.map(plain) },
  } as Dashboard;
}
