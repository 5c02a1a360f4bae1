/** One sample of a family. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric family of the Prometheus text format 0.0.4. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: Sample[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"(?:,|$)/g;
const SUFFIX = /_(bucket|sum|count)$/;

/** Parses the text format strictly: an unknown line, a family twice, or a sample without its family throws. */
export function parseExposition(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  const helps = new Map<string, string>();
  for (const line of text.split('\n')) {
    if (line === '' || line.startsWith('# UNIT ')) continue;
    const [, keyword, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (keyword === 'HELP') {
      if (helps.has(name)) throw new Error(`HELP twice for ${name}`);
      helps.set(name, rest.replaceAll('\\n', '\n').replaceAll('\\\\', '\\'));
    } else if (keyword === 'TYPE') {
      if (families.has(name)) throw new Error(`TYPE twice for ${name}`);
      families.set(name, { name, type: rest, help: helps.get(name) ?? '', samples: [] });
    } else if (!line.startsWith('#')) {
      addSample(families, line);
    }
  }
  return families;
}

function addSample(families: Map<string, Family>, line: string): void {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = '', labelText = '', value = ''] = match;
  const family = families.get(name) ?? families.get(name.replace(SUFFIX, ''));
  if (family === undefined) throw new Error(`sample without TYPE: ${line}`);
  const labels: Record<string, string> = {};
  for (const [, label = '', text = ''] of labelText.matchAll(LABEL))
    labels[label] = JSON.parse(`"${text}"`) as string;
  family.samples.push({ name, labels, value: Number(value.replace('Inf', 'Infinity')) });
}
