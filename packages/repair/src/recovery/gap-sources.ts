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
  await records.set(version, rhythm);
  if (known.last !== undefined && rhythm.last !== undefined && rhythm.last > known.last) {
    const silent = silenceNow(rhythm.hours, known.last, firstSince(rhythm, known.last), options);
    // It is over; whether it was noted while it went on does not matter.
    if (silent !== undefined)
      await noteGap(store, `silence:${version}:${silent.from}`, {
        from: silent.from,
        to: rhythm.last,
        cause: 'silence',
        version,
      });
    return;
  }
  const silent = silenceNow(rhythm.hours, rhythm.last, now, options);
  if (silent !== undefined)
    await noteGap(store, `silence:${version}:${silent.from}`, {
      from: silent.from,
      to: undefined,
      cause: 'silence',
      version,
    });
}

// When exactly it ended is not known: between two looks.
function firstSince({ last }: Rhythm, before: number): number {
  return last === undefined ? before : last;
}

async function bringUpToDate(store: Pick<NylasStore, 'inbox'>, known: Rhythm, now: number): Promise<Rhythm> {
  const thisHour = Math.floor(now / HOUR) * HOUR;
  const hours = [...known.hours];
  let next = (hours.at(-1)?.hour ?? thisHour - 7 * 24 * HOUR - HOUR) + HOUR;
  let last = known.last;
  for (; next < thisHour; next += HOUR) {
    const { events, last: latest } = await store.inbox.arrivals(next, next + HOUR);
    hours.push({ hour: next, events });
    last = latest ?? last;
  }
  const { last: latest } = await store.inbox.arrivals(thisHour, now + 1);
  return { hours: hours.slice(-MOST_HOURS), last: latest ?? last };
}
