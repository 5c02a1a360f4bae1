/** A strict reader of what registries print: text format 0.0.4 and OpenMetrics 1.0, as far as they can say it. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly time: number;
  };
}

export interface ParsedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const LABELS = '\\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*",?)*)\\}';
const SAMPLE = new RegExp(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:${LABELS})? (\\S+)(?: # ${LABELS} (\\S+) (\\S+))?$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"/g;

/** Reads an exposition. Throws at the first thing that Prometheus would not take. */
export function parseExposition(text: string, openMetrics = false): Map<string, ParsedFamily> {
  const families = new Map<string, ParsedFamily>();
  const seen = new Set<string>();
  let family: ParsedFamily | undefined;
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('the last line does not end');
  if (openMetrics && lines.pop() !== '# EOF') throw new Error('no # EOF');
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] as string;
    if (line === '') {
      if (openMetrics) throw new Error('an empty line');
      continue;
    }
    const help = /^# HELP (\S+) (.*)$/.exec(line);
    if (help !== null) {
      const type = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(lines[++i] as string);
      const name = help[1] as string;
      if (type === null || type[1] !== name) throw new Error(`no TYPE after HELP: ${line}`);
      if (families.has(name)) throw new Error(`a second family ${name}`);
      family = { name, help: help[2] as string, type: type[2] as string, samples: [] };
      families.set(name, family);
      continue;
    }
    const match = SAMPLE.exec(line);
    if (match === null || family === undefined) throw new Error(`no sample: ${line}`);
    const sample = readSample(match);
    if (!namesOf(family, openMetrics).includes(sample.name))
      throw new Error(`${sample.name} in ${family.name}`);
    const series = `${sample.name} ${JSON.stringify(Object.entries(sample.labels).sort())}`;
    if (seen.has(series)) throw new Error(`said twice: ${series}`);
    seen.add(series);
    family.samples.push(sample);
  }
  for (const each of families.values()) if (each.type === 'histogram') checkHistogram(each);
  return families;
}

/** The samples of a family, as `name{labels}` and value, in the order of the labels' names. */
export function samplesOf(families: Map<string, ParsedFamily>, name: string): Record<string, number> {
  const samples = families.get(name)?.samples ?? [];
  return Object.fromEntries(samples.map((sample) => [seriesOf(sample), sample.value]));
}

/** A series, written in one way. */
export function seriesOf({ name, labels }: Pick<Sample, 'name' | 'labels'>): string {
  const parts = Object.entries(labels)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`);
  return `${name}{${parts.join(',')}}`;
}

function readSample(match: RegExpExecArray): Sample {
  const [, name, labels, value, exemplarLabels, exemplarValue, time] = match;
  const sample = { name: name as string, labels: readLabels(labels), value: readNumber(value) };
  if (exemplarValue === undefined) return sample;
  return {
    ...sample,
    exemplar: {
      labels: readLabels(exemplarLabels),
      value: readNumber(exemplarValue),
      time: readNumber(time),
    },
  };
}

function readLabels(text = ''): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL)) {
    if (Object.hasOwn(labels, name as string)) throw new Error(`label ${name} twice: ${text}`);
    labels[name as string] = (value as string).replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));
  }
  return labels;
}

function readNumber(text = ''): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY;
  if (text === '-Inf') return Number.NEGATIVE_INFINITY;
  if (text.toLowerCase() === 'nan') return Number.NaN;
  if (!/^-?\d+(\.\d+)?(e[+-]\d+)?$/.test(text)) throw new Error(`no number: ${text}`);
  return Number(text);
}

function namesOf({ name, type }: ParsedFamily, openMetrics: boolean): string[] {
  if (type === 'histogram') return [`${name}_bucket`, `${name}_sum`, `${name}_count`];
  return [openMetrics && type === 'counter' ? `${name}_total` : name];
}

function checkHistogram({ name, samples }: ParsedFamily): void {
  const sets = new Map<string, { buckets: [number, number][]; count?: number }>();
  for (const { name: sample, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(Object.entries(rest).sort());
    const set = sets.get(key) ?? { buckets: [] };
    sets.set(key, set);
    if (sample.endsWith('_bucket')) set.buckets.push([readNumber(le), value]);
    if (sample.endsWith('_count')) set.count = value;
  }
  for (const { buckets, count } of sets.values()) {
    for (let i = 1; i < buckets.length; i++) {
      const [[bound, value], [nextBound, nextValue]] = [buckets[i - 1], buckets[i]] as [
        [number, number],
        [number, number],
      ];
      if (nextBound <= bound || nextValue < value) throw new Error(`buckets of ${name} do not rise`);
    }
    const last = buckets.at(-1);
    if (last?.[0] !== Number.POSITIVE_INFINITY || last[1] !== count)
      throw new Error(`+Inf of ${name} is not its count`);
  }
}
