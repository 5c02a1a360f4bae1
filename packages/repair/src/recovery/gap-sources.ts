import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { NylasStore, Records } from '@nylas-otel/store';
import { noteGap } from './gap-ledger.ts';
import { type HourCount, type SilenceOptions, silenceNow } from './silence.ts';

const HOUR = 3_600_000;
const MOST_HOURS = 4 * 168;
const LOOK_BACK_MS = 14 * 86_400_000;

/** Notes the downtimes of all our receivers that lasted long enough to outlive Nylas's own attempts. */
export async function noteDowntime(
  store: Pick<NylasStore, 'uptime' | 'records'>,
  version: ApiVersion,
  now: number,
  leastMs: number,
): Promise<void> {
  for (const { from, to } of await store.uptime.downtime(now - LOOK_BACK_MS, now)) {
    if (to - from < leastMs) continue;
    // One that reaches until now goes on.
    const over = to < now;
    await noteGap(store, `downtime:${version}:${from}`, {
      from,
      to: over ? to : undefined,
      cause: 'downtime',
      version,
    });
  }
}

interface Rhythm {
  readonly hours: readonly HourCount[];
  readonly last: number | undefined;
  /** Up to which hour it was counted. */
  readonly until?: number;
}

/**
 * Notes a silence that is too long for chance, and its end when notifications come again. What came by the hour is kept for
 * four weeks.
 */
export async function noteSilence(
  store: Pick<NylasStore, 'inbox' | 'records'>,
  version: ApiVersion,
  now: number,
  options: Required<SilenceOptions>,
): Promise<void> {
  const records: Records<Rhythm> = store.records<Rhythm>('recovery-rhythm');
  const known = (await records.get(version))?.value ?? { hours: [], last: undefined };
  const rhythm = await bringUpToDate(store, known, now);
  const { last } = rhythm;
  // It is over when notifications come again; whether it was noted while it went on does not matter.
  const over = known.last !== undefined && last !== undefined && last > known.last;
  const silent = over
    ? silenceNow(rhythm.hours, known.last, last, options)
    : silenceNow(rhythm.hours, last, now, options);
  if (silent === undefined) return await records.set(version, rhythm);
  const { from } = silent;
  const to = over ? last : undefined;
  // Hours of silence are no example for the next week.
  const hours = rhythm.hours.filter(({ hour }) => to === undefined || hour + HOUR <= from || hour >= to);
  await records.set(version, { ...rhythm, hours });
  await noteGap(store, `silence:${version}:${from}`, { from, to, cause: 'silence', version });
}

async function bringUpToDate(store: Pick<NylasStore, 'inbox'>, known: Rhythm, now: number): Promise<Rhythm> {
  const thisHour = Math.floor(now / HOUR) * HOUR;
  const hours = [...known.hours];
  let last = known.last;
  for (let hour = known.until ?? thisHour - 7 * 24 * HOUR; hour < thisHour; hour += HOUR) {
    const { events, last: latest } = await store.inbox.arrivals(hour, hour + HOUR);
    last = latest ?? last;
    // That nothing came before the first notification of all says nothing.
    if (hours.length > 0 || events > 0) hours.push({ hour, events });
  }
  const { last: latest } = await store.inbox.arrivals(thisHour, now + 1);
  return { hours: hours.slice(-MOST_HOURS), last: latest ?? last, until: thisHour };
}
