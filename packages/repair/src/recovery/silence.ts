/** How many events came in one hour. */
export interface HourCount {
  /** Unix milliseconds of its begin. */
  readonly hour: number;
  readonly events: number;
}

/** What silence is judged by. */
export interface SilenceOptions {
  /** Events that should have come in a silence before it counts as a gap. Default 12: by chance once in 160,000 times. */
  readonly expected?: number;
  /** Hours that must be known before anything is judged. Default 48. */
  readonly leastHours?: number;
}

/** What silence is judged by unless it is said otherwise. */
export const DEFAULT_SILENCE: Required<SilenceOptions> = { expected: 12, leastHours: 48 };

const HOUR = 3_600_000;
const DAY_HOURS = 24;
const WEEK_HOURS = 168;

/**
 * The silence that goes on, when it is too long for chance: since the last event, so many should have come, judged by the
 * same hours of earlier weeks, or of other days of their kind where a week is not known. Undefined when there is nothing
 * to see.
 *
 * Events that come at random leave a silence in which n were due with a chance of e^-n; 12 is 0.000006. Nights and week ends
 * are quiet because they were quiet before.
 */
export function silenceNow(
  history: readonly HourCount[],
  lastEvent: number | undefined,
  now: number,
  { expected, leastHours }: Required<SilenceOptions> = DEFAULT_SILENCE,
): { readonly from: number; readonly due: number } | undefined {
  if (lastEvent === undefined || lastEvent >= now) return undefined;
  const before = history.filter(({ hour }) => hour + HOUR <= lastEvent);
  if (before.length < leastHours) return undefined;
  const rate = rateByHour(before);
  let due = 0;
  for (let time = lastEvent; time < now; ) {
    const end = Math.min(now, (Math.floor(time / HOUR) + 1) * HOUR);
    due += (rate(time) * (end - time)) / HOUR;
    time = end;
  }
  return due >= expected ? { from: lastEvent, due } : undefined;
}

/** Events an hour to be expected at a time: the least of what the same hour of earlier weeks brought. */
function rateByHour(history: readonly HourCount[]): (time: number) => number {
  const byWeek = new Map<number, number>();
  const byDay = new Map<number, number>();
  for (const { hour, events } of history) {
    keepLeast(byWeek, hourOfWeek(hour), events);
    keepLeast(byDay, hourOfDay(hour), events);
  }
  // Of what was never seen nothing is expected: the first week end of a service is no outage.
  return (time) => byWeek.get(hourOfWeek(time)) ?? byDay.get(hourOfDay(time)) ?? 0;
}

function keepLeast(least: Map<number, number>, slot: number, events: number): void {
  least.set(slot, Math.min(least.get(slot) ?? Number.POSITIVE_INFINITY, events));
}

function hourOfWeek(time: number): number {
  return Math.floor(time / HOUR) % WEEK_HOURS;
}

/** Hours of Saturdays and Sundays (UTC) apart from those of other days. */
function hourOfDay(time: number): number {
  const hour = Math.floor(time / HOUR);
  // The first of January 1970 was a Thursday.
  const isWeekEnd = [2, 3].includes(Math.floor(hour / DAY_HOURS) % 7);
  return (hour % DAY_HOURS) + (isWeekEnd ? DAY_HOURS : 0);
}
