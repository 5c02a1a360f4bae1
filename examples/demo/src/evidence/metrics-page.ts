/** One line of a page in Prometheus text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Labels that a sample must have, with these values. */
export type Selector = Readonly<Record<string, string>>;

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** A page of metrics, read. */
export class MetricsPage {
  readonly #byName: ReadonlyMap<string, readonly Sample[]>;

  /** @param text what `/metrics` answered */
  constructor(text: string) {
    const byName = new Map<string, Sample[]>();
    for (const line of text.split('\n')) {
      const [, name, labels, value] = LINE.exec(line) ?? [];
      if (name === undefined) continue;
      const sample = { name, labels: labelsOf(labels ?? ''), value: Number(value) };
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [sample]);
      else known.push(sample);
    }
    this.#byName = byName;
  }

  /** The samples of a metric that fit. */
  samples(name: string, selector: Selector = {}): readonly Sample[] {
    const wanted = Object.entries(selector);
    return (this.#byName.get(name) ?? []).filter(({ labels }) =>
      wanted.every(([label, value]) => labels[label] === value),
    );
  }

  /** The sum over the samples that fit; 0 when there are none. */
  sum(name: string, selector: Selector = {}): number {
    return this.samples(name, selector).reduce((sum, { value }) => sum + value, 0);
  }

  /** The sums by the values of some labels, largest first, without those that are 0. */
  sumBy(
    name: string,
    ...by: readonly string[]
  ): { readonly key: readonly string[]; readonly value: number }[] {
    const sums = new Map<string, { key: readonly string[]; value: number }>();
    for (const { labels, value } of this.samples(name)) {
      const key = by.map((label) => labels[label] ?? '');
      const sum = sums.get(key.join('\n')) ?? { key, value: 0 };
      sum.value += value;
      sums.set(key.join('\n'), sum);
    }
    return [...sums.values()].filter(({ value }) => value !== 0).sort((a, b) => b.value - a.value);
  }

  /**
   * A quantile of a histogram over all series that fit, as `histogram_quantile` of Prometheus estimates it; undefined
   * while it is empty.
   *
   * @param name without `_bucket`
   * @param quantile from 0 to 1
   */
  quantile(name: string, quantile: number, selector: Selector = {}): number | undefined {
    const buckets = new Map<number, number>();
    for (const { labels, value } of this.samples(`${name}_bucket`, selector)) {
      const bound = labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le);
      buckets.set(bound, (buckets.get(bound) ?? 0) + value);
    }
    return quantileOf(
      [...buckets].sort(([a], [b]) => a - b),
      quantile,
    );
  }
}

/** By linear interpolation inside the bucket; in the last, open one its lower bound. */
function quantileOf(
  buckets: readonly (readonly [bound: number, atMost: number])[],
  quantile: number,
): number | undefined {
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total === 0) return undefined;
  const rank = quantile * total;
  let lower = 0;
  let below = 0;
  for (const [bound, atMost] of buckets) {
    if (atMost >= rank && atMost > below) {
      if (bound === Number.POSITIVE_INFINITY) return lower;
      return lower + (bound - lower) * ((rank - below) / (atMost - below));
    }
    lower = bound;
    below = atMost;
  }
  return lower;
}

function labelsOf(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const [, name, value] of text.matchAll(LABEL))
    if (name !== undefined && value !== undefined)
      labels[name] = value.replaceAll(/\\(.)/g, (_match, char: string) => (char === 'n' ? '\n' : char));
  return labels;
}
