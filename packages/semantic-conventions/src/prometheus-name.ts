import type { MetricDefinition } from './metric-definition.ts';

/** Which of the two forms of a Prometheus name is wanted. */
export interface PrometheusNameOptions {
  /**
   * Default `true`: with the unit, as the specification wants it and as the Collector, Prometheus' OTLP receiver, Mimir
   * and our own `/metrics` do. `false`: without, as the stock OpenTelemetry JS exporter (0.223, 0.301) prints it.
   */
  readonly unitSuffix?: boolean;
}

type Translatable = Pick<MetricDefinition, 'kind' | 'unit'> & { readonly name: string };

// UCUM units and their words, and the singular after "per", as prometheus/otlptranslator has them (unit_namer.go).
const UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ['d', 'days'],
  ['h', 'hours'],
  ['min', 'minutes'],
  ['s', 'seconds'],
  ['ms', 'milliseconds'],
  ['us', 'microseconds'],
  ['ns', 'nanoseconds'],
  ['By', 'bytes'],
  ['KiBy', 'kibibytes'],
  ['MiBy', 'mebibytes'],
  ['GiBy', 'gibibytes'],
  ['TiBy', 'tibibytes'],
  ['KBy', 'kilobytes'],
  ['MBy', 'megabytes'],
  ['GBy', 'gigabytes'],
  ['TBy', 'terabytes'],
  ['m', 'meters'],
  ['V', 'volts'],
  ['A', 'amperes'],
  ['J', 'joules'],
  ['W', 'watts'],
  ['g', 'grams'],
  ['Cel', 'celsius'],
  ['Hz', 'hertz'],
  ['1', ''],
  ['%', 'percent'],
]);
const PER_UNIT_WORDS: ReadonlyMap<string, string> = new Map([
  ['s', 'second'],
  ['m', 'minute'],
  ['h', 'hour'],
  ['d', 'day'],
  ['w', 'week'],
  ['mo', 'month'],
  ['y', 'year'],
]);

/**
 * The name of a metric in Prometheus, without the `_bucket`, `_sum`, `_count` of a histogram's series.
 *
 * Follows the OpenTelemetry specification "Prometheus and OpenMetrics Compatibility" as `prometheus/otlptranslator`
 * implements it: other characters become `_`, runs of `_` become one, the unit is appended as a word unless the name
 * has it already, `{annotations}` are dropped, `1` becomes `ratio` on gauges, counters end in `_total`.
 */
export function prometheusName(metric: Translatable, options?: PrometheusNameOptions): string {
  if (options?.unitSuffix === false) return stockName(metric);
  let tokens = metric.name.split(/[^A-Za-z0-9:]+/).filter((token) => token !== '');
  for (const suffix of unitSuffixes(metric.unit)) {
    if (!tokens.includes(suffix)) tokens.push(suffix);
  }
  if (metric.kind === 'counter') tokens = moveToEnd(tokens, 'total');
  if (metric.kind === 'gauge' && metric.unit === '1') tokens = moveToEnd(tokens, 'ratio');
  return notDigitFirst(tokens.join('_'), '_');
}

/** The label an attribute becomes in Prometheus: `nylas.rate_limit.source` is `nylas_rate_limit_source`. */
export function prometheusLabel(attribute: string): string {
  return notDigitFirst(attribute.replace(/[^A-Za-z0-9]+/g, '_'), 'key_');
}

// PrometheusSerializer of @opentelemetry/exporter-prometheus: no unit, and a `total` inside the name stays there.
function stockName(metric: Translatable): string {
  const name = metric.name.replace(/[^A-Za-z0-9_]/g, '_').replace(/_{2,}/g, '_');
  return metric.kind === 'counter' && !name.endsWith('_total') ? `${name}_total` : name;
}

/** `By/s` gives `bytes` and `per_second`; `{request}` and `1` give nothing. */
function unitSuffixes(unit: string): string[] {
  const slash = unit.indexOf('/');
  const main = slash < 0 ? unit : unit.slice(0, slash);
  const per = slash < 0 ? '' : unit.slice(slash + 1);
  const suffixes: string[] = [];
  const mainWord = unitWord(main, UNIT_WORDS);
  if (mainWord !== '') suffixes.push(mainWord);
  const perWord = unitWord(per, PER_UNIT_WORDS);
  if (perWord !== '') suffixes.push(`per_${perWord}`);
  return suffixes;
}

function unitWord(unit: string, words: ReadonlyMap<string, string>): string {
  const symbol = unit.trim();
  if (/[{}]/.test(symbol)) return '';
  return (words.get(symbol) ?? symbol).replace(/[^A-Za-z0-9:]+/g, '_').replace(/^_|_$/g, '');
}

function moveToEnd(tokens: readonly string[], last: string): string[] {
  return [...tokens.filter((token) => token !== last), last];
}

function notDigitFirst(name: string, prefix: string): string {
  return /^[0-9]/.test(name) ? `${prefix}${name}` : name;
}
