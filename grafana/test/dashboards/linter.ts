import * as units from '@grafana/grafana-foundation-sdk/units';
import { METRICS, type MetricDefinition, prometheusName } from '@nylas-otel/semantic-conventions';
import { parsePromql, withVariables } from '../promql/parse.ts';
import { type Board, panelsOf, prometheusQueries } from './board-json.ts';

/** What a rule of Grafana's dashboard-linter says of a place. */
export interface Finding {
  readonly rule: string;
  readonly where: string;
  readonly what: string;
}

type Rule = (board: Board) => Omit<Finding, 'rule'>[];

const KNOWN_UNITS = new Set<unknown>(Object.values<unknown>(units));
const COUNTER_FUNCTIONS = ['rate', 'irate', 'increase', 'resets'];
const isCounter = (name: string): boolean => /_(total|bucket|sum|count)$/.test(name);
const gauges = new Set(
  Object.values<MetricDefinition>(METRICS)
    .filter(({ kind }) => kind === 'gauge' || kind === 'updowncounter')
    .map((metric) => prometheusName(metric)),
);

/** The rules of grafana/dashboard-linter (June 2026), as far as they say anything of what we have, and two of ours. */
const RULES: Readonly<Record<string, Rule>> = {
  'template-datasource-rule': (board) => {
    const sources = board.templating.list.filter(({ type }) => type === 'datasource');
    if (sources.length === 0) return [{ where: board.uid, what: 'no data source variable' }];
    return sources.flatMap(({ name, label, query }) => {
      const wanted = sources.length === 1 ? 'datasource' : `${query}_datasource`;
      const labels = sources.length === 1 ? 'Data source' : `${capital(`${query}`)} data source`;
      return name === wanted && label === labels
        ? []
        : [{ where: board.uid, what: `${name} (${label}), not ${wanted} (${labels})` }];
    });
  },
  'template-job-rule': (board) => variable(board, 'job', 'Job'),
  'template-instance-rule': (board) => variable(board, 'instance', 'Instance'),
  'template-label-promql-rule': (board) =>
    board.templating.list
      .filter(
        ({ type, query }) => type === 'query' && !(typeof query === 'string' && labelValuesAreQueried(query)),
      )
      .map(({ name }) => ({
        where: `${board.uid} ${name}`,
        what: 'not label_values of a readable selector',
      })),
  'template-on-time-change-reload-rule': (board) =>
    board.templating.list
      .filter(({ type, refresh }) => type === 'query' && refresh !== 2)
      .map(({ name }) => ({
        where: `${board.uid} ${name}`,
        what: 'not read again when the time range changes',
      })),
  'panel-datasource-rule': (board) =>
    panelsOf(board)
      .filter(({ datasource }) => !/^\$\{(prometheus|loki|tempo)_datasource\}$/.test(datasource?.uid ?? ''))
      .map(({ id }) => ({ where: `${board.uid} ${id}`, what: 'its data source is no variable' })),
  'panel-title-description-rule': (board) =>
    panelsOf(board)
      .filter(({ title, description }) => !title || !description?.endsWith('.'))
      .map(({ id }) => ({ where: `${board.uid} ${id}`, what: 'no title, or no description' })),
  'panel-units-rule': (board) =>
    panelsOf(board)
      .filter(({ type }) => ['stat', 'timeseries', 'gauge'].includes(type))
      .filter(({ fieldConfig }) => !KNOWN_UNITS.has(fieldConfig?.defaults.unit ?? ''))
      .map(({ id }) => ({ where: `${board.uid} ${id}`, what: 'no unit' })),
  'panel-no-targets-rule': (board) =>
    panelsOf(board)
      .filter(({ targets }) => !targets?.length)
      .map(({ id }) => ({ where: `${board.uid} ${id}`, what: 'no query' })),
  'target-promql-rule': (board) =>
    onSelectors(board, () => []).concat(
      prometheusQueries([board]).flatMap(({ where, expr }) =>
        parsePromql(withVariables(expr)).errors.map((what) => ({ where, what })),
      ),
    ),
  'target-rate-interval-rule': (board) =>
    onSelectors(board, ({ inside, range }) =>
      inside.some((name) => ['rate', 'irate'].includes(name)) && range !== '$__rate_interval'
        ? [`a rate over ${range}`]
        : [],
    ),
  'target-increase-interval-rule': (board) =>
    onSelectors(board, ({ inside, range }) =>
      inside.includes('increase') && range !== '$__rate_interval' ? [`an increase over ${range}`] : [],
    ),
  'target-job-rule': (board) =>
    onSelectors(board, ({ metric, matchers }) =>
      matchers.some(({ text }) => text === 'job=~"$job"') ? [] : [`${metric} without job`],
    ),
  'target-instance-rule': (board) =>
    onSelectors(board, ({ metric, matchers }) =>
      matchers.some(({ text }) => text === 'instance=~"$instance"') ? [] : [`${metric} without instance`],
    ),
  'target-counter-agg-rule': (board) =>
    onSelectors(board, ({ metric, inside }) =>
      isCounter(metric) && !gauges.has(metric) && !inside.some((name) => COUNTER_FUNCTIONS.includes(name))
        ? [`the bare counter ${metric}`]
        : [],
    ),
  'no-rate-on-gauges': (board) =>
    onSelectors(board, ({ metric, inside }) =>
      gauges.has(metric) && inside.some((name) => COUNTER_FUNCTIONS.includes(name))
        ? [`the rate of the gauge ${metric}`]
        : [],
    ),
  'shared-gauges-by-max': (board) =>
    onSelectors(board, ({ metric, inside }) => {
      const definition = Object.values<MetricDefinition>(METRICS).find(
        (known) => prometheusName(known) === metric,
      );
      return definition?.sharing === 'shared' && inside[0] !== 'max' ? [`${metric} not by max`] : [];
    }),
  'uneditable-dashboard': (board) => (board.editable ? [{ where: board.uid, what: 'editable' }] : []),
};

/** Everything the rules find. */
export function lint(boards: readonly Board[]): Finding[] {
  return Object.entries(RULES).flatMap(([rule, find]) =>
    boards.flatMap((board) => find(board).map((finding) => ({ rule, ...finding }))),
  );
}

function variable(board: Board, name: string, label: string): Omit<Finding, 'rule'>[] {
  const found = board.templating.list.find((known) => known.name === name);
  const right =
    found?.type === 'query' &&
    found.label === label &&
    found.multi === true &&
    found.includeAll === true &&
    found.allValue === '.+' &&
    found.datasource?.uid === '${prometheus_datasource}';
  return right
    ? []
    : [{ where: board.uid, what: `the variable ${name} is not there, or not as it should be` }];
}

function labelValuesAreQueried(query: string): boolean {
  const selector = /^label_values\((.+), \w+\)$/.exec(query)?.[1];
  return selector !== undefined && parsePromql(withVariables(selector)).errors.length === 0;
}

function onSelectors(
  board: Board,
  find: (selector: ReturnType<typeof parsePromql>['selectors'][number]) => string[],
): Omit<Finding, 'rule'>[] {
  return prometheusQueries([board]).flatMap(({ where, expr }) => {
    // The grammar knows no variables: durations stand in for them, and are shown as they were written.
    const readable = expr.replaceAll('$__rate_interval', '987654321s').replaceAll('$__range', '987654322s');
    return parsePromql(readable).selectors.flatMap((selector) => {
      const range = selector.range
        ?.replace('987654321s', '$__rate_interval')
        .replace('987654322s', '$__range');
      return [...new Set(find({ ...selector, range }))].map((what) => ({ where, what }));
    });
  });
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
