/** One query of a panel. */
export interface QuerySpec {
  readonly expr: string;
  /** Legend: `{{nylas_outcome}}`, or a word. In a table the column's name. */
  readonly legend: string;
  /** Its value at the end of the time range only, as a table. */
  readonly instant?: boolean;
}

/** Colours from a value on; the first has none. */
export type Thresholds = readonly (readonly [from: number | null, color: string])[];

/** A number shown as a word, with a colour. */
export interface ValueText {
  readonly value: number;
  readonly text: string;
  readonly color: string;
}

export interface DataLink {
  readonly title: string;
  readonly url: string;
}

interface Common {
  /** Stable: links and alerts name it. */
  readonly id: number;
  readonly title: string;
  /** What it shows, and what to make of it. */
  readonly description: string;
  /** Of 24 columns. */
  readonly width: number;
  readonly height: number;
}

interface Queried extends Common {
  readonly queries: readonly QuerySpec[];
  /** Grafana's name of a unit: `s`, `percentunit`, `reqps`, `short`. */
  readonly unit: string;
  readonly decimals?: number;
  readonly thresholds?: Thresholds;
  readonly links?: readonly DataLink[];
}

export interface StatSpec extends Queried {
  readonly type: 'stat';
  readonly texts?: readonly ValueText[];
  /** Shown when there is nothing to show. */
  readonly noValue?: string;
}

export interface TimeSeriesSpec extends Queried {
  readonly type: 'timeseries';
  readonly stacked?: boolean;
  /** Colours by legend. */
  readonly colors?: Readonly<Record<string, string>>;
  readonly min?: number;
  readonly max?: number;
  /** Lines at the thresholds. */
  readonly limits?: boolean;
  /** Exemplars lead to traces, where there are any. */
  readonly exemplars?: boolean;
}

export interface StateTimelineSpec extends Queried {
  readonly type: 'state-timeline';
  readonly texts: readonly ValueText[];
}

export interface HeatmapSpec extends Queried {
  readonly type: 'heatmap';
}

/** How one column of a table is shown. */
export interface ColumnSpec {
  /** The label, or the legend of the query. */
  readonly field: string;
  readonly title: string;
  readonly unit?: string;
  readonly decimals?: number;
  readonly width?: number;
  readonly thresholds?: Thresholds;
  readonly texts?: readonly ValueText[];
  readonly links?: readonly DataLink[];
}

export interface TableSpec extends Omit<Queried, 'unit' | 'thresholds' | 'links'> {
  readonly type: 'table';
  readonly columns: readonly ColumnSpec[];
  /** Title of the column to sort by, largest first. */
  readonly sortBy?: string;
}

/** Log lines from Loki. */
export interface LogsSpec extends Common {
  readonly type: 'logs';
  readonly logql: string;
}

/** Traces from Tempo. */
export interface TracesSpec extends Common {
  readonly type: 'traces';
  readonly traceql: string;
}

export type PanelSpec =
  | StatSpec
  | TimeSeriesSpec
  | StateTimelineSpec
  | HeatmapSpec
  | TableSpec
  | LogsSpec
  | TracesSpec;

export interface RowSpec {
  readonly title: string;
  readonly panels: readonly PanelSpec[];
}
