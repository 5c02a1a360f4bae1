/** One sample line of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** One metric family of a scrape. */
export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string | undefined;
  readonly samples: Sample[];
}

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;
const NUMBER = /^(NaN|[+-]Inf|[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)$/;

/**
 * Parses Prometheus text format 0.0.4 and refuses whatever the format or a scraper would: a second HELP or TYPE, a family
 * in two places, a label twice, a series twice, a wrong escape, a histogram that is not cumulative.
 */
export function parseScrape(text: string): Map<string, ParsedFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line must end in a line feed');
  const families = new Map<string, ParsedFamily>();
  const helps = new Map<string, string>();
  let current: ParsedFamily | undefined;
  for (const line of text.slice(0, -1).split('\n')) {
    if (line === '') throw new Error('empty line');
    const meta = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (meta !== null) {
      const [, kind, name, rest] = meta as unknown as [string, string, string, string];
      if (!NAME.test(name)) throw new Error(`bad name: ${line}`);
      if (kind === 'HELP') {
        if (helps.has(name) || families.has(name)) throw new Error(`second HELP: ${line}`);
        if (rest.replaceAll(/\\[\\n]/g, '').includes('\\')) throw new Error(`bad escape in HELP: ${line}`);
        helps.set(name, rest);
        continue;
      }
      if (families.has(name)) throw new Error(`second TYPE: ${line}`);
      if (!['counter', 'gauge', 'histogram', 'summary', 'untyped'].includes(rest))
        throw new Error(`bad type: ${line}`);
      current = { name, type: rest, help: helps.get(name), samples: [] };
      families.set(name, current);
      continue;
    }
    if (line.startsWith('#')) throw new Error(`a comment that no reader needs: ${line}`);
    const sample = parseSample(line);
    if (current === undefined || !belongs(sample.name, current))
      throw new Error(`sample outside its family: ${line}`);
    current.samples.push(sample);
  }
  for (const family of families.values()) check(family);
  return families;
}

function parseSample(line: string): Sample {
  const head = /^[a-zA-Z_:][a-zA-Z0-9_:]*/.exec(line)?.[0];
  if (head === undefined) throw new Error(`bad sample: ${line}`);
  const labels: Record<string, string> = {};
  let at = head.length;
  if (line[at] === '{') {
    at++;
    while (line[at] !== '}') {
      const equals = line.indexOf('="', at);
      const label = line.slice(at, equals);
      if (equals < 0 || !LABEL.test(label)) throw new Error(`bad label: ${line}`);
      if (Object.hasOwn(labels, label)) throw new Error(`label twice: ${line}`);
      let value = '';
      at = equals + 2;
      while (line[at] !== '"') {
        if (at >= line.length) throw new Error(`open label value: ${line}`);
        if (line[at] === '\\') {
          const escaped = { '\\': '\\', '"': '"', n: '\n' }[line[at + 1] as string];
          if (escaped === undefined) throw new Error(`bad escape: ${line}`);
          value += escaped;
          at += 2;
        } else {
          value += line[at++];
        }
      }
      labels[label] = value;
      at++;
      if (line[at] === ',') at++;
      else if (line[at] !== '}') throw new Error(`bad labels: ${line}`);
    }
    at++;
  }
  const rest = line.slice(at);
  const number = rest.slice(1);
  if (rest[0] !== ' ' || !NUMBER.test(number)) throw new Error(`bad value: ${line}`);
  return { name: head, labels, value: Number(number.replace('Inf', 'Infinity')) };
}

function belongs(name: string, { name: family, type }: ParsedFamily): boolean {
  return type === 'histogram'
    ? ['_bucket', '_sum', '_count'].some((suffix) => name === family + suffix)
    : name === family;
}

function check(family: ParsedFamily): void {
  if (family.samples.length === 0) throw new Error(`family without samples: ${family.name}`);
  const series = new Set<string>();
  for (const { name, labels } of family.samples) {
    const id = name + JSON.stringify(Object.entries(labels).sort());
    if (series.has(id)) throw new Error(`series twice: ${id}`);
    series.add(id);
  }
  if (family.type === 'counter' && !family.name.endsWith('_total'))
    throw new Error(`counter without _total: ${family.name}`);
  if (family.type === 'histogram') checkHistogram(family);
}

function checkHistogram(family: ParsedFamily): void {
  const groups = new Map<string, { buckets: Array<[number, number]>; count: number | undefined }>();
  for (const { name, labels, value } of family.samples) {
    const { le, ...rest } = labels;
    const id = JSON.stringify(Object.entries(rest).sort());
    const group = groups.get(id) ?? { buckets: [], count: undefined };
    groups.set(id, group);
    if (name.endsWith('_bucket'))
      group.buckets.push([Number((le as string).replace('Inf', 'Infinity')), value]);
    if (name.endsWith('_count')) group.count = value;
  }
  for (const [id, { buckets, count }] of groups) {
    for (let i = 1; i < buckets.length; i++) {
      const [before, now] = [buckets[i - 1], buckets[i]] as [[number, number], [number, number]];
      if (!(now[0] > before[0]) || now[1] < before[1])
        throw new Error(`buckets out of order: ${family.name} ${id}`);
    }
    const last = buckets.at(-1);
    if (last?.[0] !== Number.POSITIVE_INFINITY || last[1] !== count)
      throw new Error(`+Inf bucket is not the count: ${family.name} ${id}`);
  }
}

/** The samples of a family, by name; empty when it is not there. */
export function samplesOf(text: string, family: string): readonly Sample[] {
  return parseScrape(text).get(family)?.samples ?? [];
}
