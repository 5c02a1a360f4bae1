import type { RulesConfig } from '../config.ts';
import { labelsOf } from '../output/prometheus-rules.ts';
import { ruleGroups } from '../rules/groups.ts';
import { DAY_END, DAY_START, SCRAPE_INTERVAL } from './clock.ts';
import type { Prometheus } from './prometheus.ts';

/** A stretch of the day in which an alert fired. */
export interface FiredAlert {
  readonly labels: Readonly<Record<string, string>>;
  /** Unix seconds, first and last evaluation. */
  readonly from: number;
  readonly to: number;
}

interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [time: number, value: string])[];
}

/** What the alerts would have done on the day: each expression over all of it, held as long as `for` says. */
export async function alertsOfTheDay(config: RulesConfig, prometheus: Prometheus): Promise<FiredAlert[]> {
  const fired: FiredAlert[] = [];
  for (const { alerts, component } of ruleGroups(config)) {
    for (const alert of alerts) {
      const { result } = await prometheus.ask<{ result: readonly Series[] }>('query_range', {
        query: alert.expr,
        start: String(DAY_START),
        end: String(DAY_END),
        step: String(SCRAPE_INTERVAL),
      });
      for (const { metric, times } of withoutNames(result)) {
        const labels = { alertname: alert.alert, ...metric, ...labelsOf(alert, component) };
        for (const { from, to } of stretches(times)) {
          if (to - from < alert.for) continue;
          fired.push({
            labels,
            from: from + alert.for,
            to: Math.min(DAY_END, to + (alert.keepFiringFor ?? 0)),
          });
        }
      }
    }
  }
  return fired;
}

/** The series that Prometheus writes while alerts fire, as OpenMetrics text. */
export function alertSeries(fired: readonly FiredAlert[]): string {
  const lines: string[] = [];
  // One series an alert, its stretches in order.
  const ordered = [...fired].sort((a, b) => a.from - b.from);
  for (const { labels, from, to } of ordered) {
    const text = Object.entries({ ...labels, alertstate: 'firing' }).map(
      ([name, value]) => `${name}=${JSON.stringify(value)}`,
    );
    for (let time = from; time <= to; time += SCRAPE_INTERVAL)
      lines.push(`ALERTS{${text.join(',')}} 1 ${time}`);
  }
  return `${lines.join('\n')}\n# EOF\n`;
}

// An alert has no metric name: what differs in nothing else is the same alert.
function withoutNames(result: readonly Series[]): { metric: Record<string, string>; times: number[] }[] {
  const merged = new Map<string, { metric: Record<string, string>; times: Set<number> }>();
  for (const { metric, values } of result) {
    const { __name__: _, ...own } = metric;
    const key = JSON.stringify(Object.entries(own).sort());
    const alert = merged.get(key) ?? { metric: own, times: new Set() };
    for (const [time] of values) alert.times.add(time);
    merged.set(key, alert);
  }
  return [...merged.values()].map(({ metric, times }) => ({
    metric,
    times: [...times].sort((a, b) => a - b),
  }));
}

function stretches(times: readonly number[]): { from: number; to: number }[] {
  const found: { from: number; to: number }[] = [];
  for (const time of times) {
    const last = found.at(-1);
    if (last && time - last.to <= SCRAPE_INTERVAL) last.to = time;
    else found.push({ from: time, to: time });
  }
  return found;
}
