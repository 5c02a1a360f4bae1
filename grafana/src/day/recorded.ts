import { SLO_BAD_OUTCOMES } from '@nylas-otel/semantic-conventions';
import { DEFAULT_CONFIG } from '../config.ts';
import { SLO_SERIES, sloWindows } from '../rules/slo.ts';
import { DAY_END } from './clock.ts';
import { outcomeShares, requestsPerMinute } from './traffic.ts';

const DAYS = 30;
/** Twice the period: what is recorded at its beginning looks back a period, too. */
const MINUTES = 2 * DAYS * 1440;
/** Seconds between samples: less than Prometheus looks back. */
const STEP = 240;
const JOB = '{job="mail-service"}';

/**
 * What the recording rules of the objective would have written in thirty days, as OpenMetrics text. Computed from the
 * traffic itself; a test compares it with what Prometheus computes from the raw series of the day.
 */
export function recordedHistory(): string {
  const { requests, bad } = sums();
  const lines: string[] = [];
  const series = (name: string, labels: string, value: (minute: number) => number): void => {
    for (let time = DAY_END - DAYS * 86_400; time <= DAY_END; time += STEP) {
      lines.push(`${name}${labels} ${value(minuteOf(time))} ${time}`);
    }
  };
  const ratio = (window: number) => (minute: number) =>
    over(bad, minute, window) / over(requests, minute, window);
  series(SLO_SERIES.requests, JOB, (minute) => over(requests, minute, 300) / 300);
  series(SLO_SERIES.bad, JOB, (minute) => over(bad, minute, 300) / 300);
  series(SLO_SERIES.objective, '', () => DEFAULT_CONFIG.slo.objective);
  for (const window of sloWindows(DEFAULT_CONFIG)) series(SLO_SERIES.errorRatio(window), JOB, ratio(window));
  const { objective, period } = DEFAULT_CONFIG.slo;
  series(SLO_SERIES.budgetLeft, JOB, (minute) => 1 - ratio(period)(minute) / (1 - objective));
  return `${lines.join('\n')}\n# EOF\n`;
}

function minuteOf(time: number): number {
  return MINUTES - Math.round((DAY_END - time) / 60);
}

/** All and bad requests until each minute. */
function sums(): { requests: Float64Array; bad: Float64Array } {
  const requests = new Float64Array(MINUTES + 1);
  const bad = new Float64Array(MINUTES + 1);
  for (let minute = 1; minute <= MINUTES; minute++) {
    const time = DAY_END - (MINUTES - minute) * 60;
    const count = requestsPerMinute(time);
    const shares = outcomeShares(time);
    const badShare = SLO_BAD_OUTCOMES.reduce((sum, outcome) => sum + (shares[outcome] ?? 0), 0);
    requests[minute] = (requests[minute - 1] as number) + count;
    bad[minute] = (bad[minute - 1] as number) + count * badShare;
  }
  return { requests, bad };
}

function over(sum: Float64Array, minute: number, window: number): number {
  const from = Math.max(0, minute - Math.round(window / 60));
  return (sum[minute] as number) - (sum[from] as number);
}
