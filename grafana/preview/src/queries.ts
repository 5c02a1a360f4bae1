import type { Panel, Target } from './board.ts';
import { type Picked, withVariables } from './picked.ts';

/** Seconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly legend: string;
  /** Milliseconds and values; one of each for an instant query. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
}

/** Samples of the simulated day are two minutes apart; a live Prometheus may say otherwise. */
const scrapeInterval = Number(new URLSearchParams(location.search).get('scrape') ?? 120);

/** What every query of a panel answers, in order. */
export function askPanel(panel: Panel, span: Span, width: number, picked: Picked): Promise<Series[][]> {
  const points = pointsOf(panel, width);
  return Promise.all((panel.targets ?? []).map((target) => ask(target, span, points, picked)));
}

function pointsOf({ maxDataPoints = Number.POSITIVE_INFINITY }: Panel, width: number): number {
  return Math.min(Math.max(width / 2, 100), maxDataPoints);
}

/** What one query answers, in about so many points. */
export async function ask(target: Target, span: Span, points: number, picked: Picked): Promise<Series[]> {
  const range = span.to - span.from;
  const step = Math.max(scrapeInterval, Math.ceil(range / points / 60) * 60);
  const query = withVariables(withTimes(target.expr ?? '', range, step), picked);
  const parameters: Record<string, string> = target.instant
    ? { query, time: String(span.to) }
    : { query, start: String(span.from), end: String(span.to), step: String(step) };
  const answer = await fetch(`/api/v1/${target.instant ? 'query' : 'query_range'}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const { status, data, error } = (await answer.json()) as Answer;
  if (status !== 'success') throw new Error(error);
  return data.result.map(({ metric, value, values }) => {
    const samples = aligned(values ?? (value ? [value] : []), span, target.instant ? undefined : step);
    return {
      labels: metric,
      legend: legendOf(target.legendFormat ?? '', metric),
      times: samples.map(([time]) => time * 1000),
      values: samples.map(([, text]) => (text === null ? null : finite(Number(text)))),
    };
  });
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value?: Sample;
      readonly values?: readonly Sample[];
    }[];
  };
}

type Sample = readonly [time: number, text: string | null];

// Every step has a sample, so that a series that ends leaves a gap and no line.
function aligned(samples: readonly Sample[], span: Span, step: number | undefined): readonly Sample[] {
  if (step === undefined) return samples;
  const known = new Map(samples);
  const all: Sample[] = [];
  for (let time = span.from; time <= span.to; time += step) all.push([time, known.get(time) ?? null]);
  return all;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function withTimes(expr: string, range: number, step: number): string {
  return expr
    .replaceAll('$__rate_interval', `${Math.max(4 * scrapeInterval, step + scrapeInterval)}s`)
    .replaceAll('$__range', `${range}s`);
}

function legendOf(format: string, labels: Readonly<Record<string, string>>): string {
  return format.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, name: string) => labels[name] ?? '');
}
