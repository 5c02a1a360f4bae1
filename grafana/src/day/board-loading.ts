import { DAY_END, SCRAPE_INTERVAL } from './clock.ts';
import type { Prometheus } from './prometheus.ts';

/** What is read of a board in JSON. */
export interface LoadedBoard {
  readonly uid: string;
  readonly time: { readonly from: string };
  readonly panels: readonly {
    readonly id: number;
    readonly title: string;
    readonly maxDataPoints?: number;
    readonly targets?: readonly {
      readonly refId: string;
      readonly expr?: string;
      readonly instant?: boolean;
      readonly datasource: { readonly type: string };
    }[];
  }[];
}

/** The answer to one query of a panel. */
export interface PanelAnswer {
  readonly where: string;
  readonly title: string;
  readonly series: number;
  /** Of all series together. */
  readonly values: number;
}

/** Points of a graph as wide as a third of a screen, where its panel does not say how many. */
const POINTS = 500;

/** Asks everything that a board asks Prometheus when it is opened at the end of the day, all at once as Grafana does. */
export function loadBoard(board: LoadedBoard, prometheus: Prometheus): Promise<PanelAnswer[]> {
  const range = seconds(board.time.from);
  return Promise.all(
    board.panels.flatMap(({ id, title, maxDataPoints = POINTS, targets = [] }) => {
      const step = Math.max(SCRAPE_INTERVAL, Math.ceil(range / maxDataPoints / 60) * 60);
      return targets
        .filter(({ datasource }) => datasource.type === 'prometheus')
        .map(async ({ refId, expr = '', instant }) => {
          const query = withTimes(expr, range, step);
          const { result } = instant
            ? await prometheus.ask<Answer>('query', { query, time: String(DAY_END) })
            : await prometheus.ask<Answer>('query_range', {
                query,
                start: String(DAY_END - range),
                end: String(DAY_END),
                step: String(step),
              });
          const values = result.reduce((sum, series) => sum + (series.values?.length ?? 1), 0);
          return { where: `${board.uid} ${id} ${refId}`, title, series: result.length, values };
        });
    }),
  );
}

interface Answer {
  readonly result: readonly { readonly values?: readonly unknown[] }[];
}

/** Puts in what Grafana would: everything chosen, and its own intervals. */
function withTimes(expr: string, range: number, step: number): string {
  // As Grafana does it: four scrapes, and no less than a step and a scrape.
  const rateInterval = Math.max(4 * SCRAPE_INTERVAL, step + SCRAPE_INTERVAL);
  return expr
    .replaceAll('$__rate_interval', `${rateInterval}s`)
    .replaceAll('$__range', `${range}s`)
    .replace(/\$(job|instance|application|provider)\b/g, '.+');
}

/** `now-6h` in seconds. */
function seconds(from: string): number {
  const [, count, unit] = /^now-(\d+)([hd])$/.exec(from) ?? [];
  if (count === undefined) throw new Error(`A board begins at ${from}; only hours and days are known.`);
  return Number(count) * (unit === 'd' ? 86_400 : 3600);
}
