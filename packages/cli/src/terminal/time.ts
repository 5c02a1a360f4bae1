/** A time as people at 3 am need it: in local time with its zone, and in UTC as the logs of others say it. */
export function localAndUtc(time: number | Date, zone?: string): string {
  const date = new Date(time);
  return `${localTime(date, zone)} (${utcTime(date)})`;
}

/** `2026-11-26 03:12:09 CET`; zone by default the machine's. */
export function localTime(time: number | Date, zone?: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).formatToParts(new Date(time));
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
}

/** `2026-11-26T02:12:09Z`. */
export function utcTime(time: number | Date): string {
  return new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** The two cells of a time in a table: local and UTC, without year and zone where the terminal is narrow. */
export function timeCells(time: number | Date): readonly [local: TimeCell, utc: TimeCell] {
  const [local, utc] = [localTime(time), utcTime(time)];
  return [
    { text: local, short: local.slice(5, 19) },
    { text: utc, short: utc.slice(5) },
  ];
}

/** A time, and its form for a narrow terminal. */
export interface TimeCell {
  readonly text: string;
  readonly short: string;
}

const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** `2 h 5 min`: two units at most, rounded down. */
export function duration(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds));
  const parts: string[] = [];
  for (const [size, name] of UNITS) {
    const count = Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    if (parts.length === 2 || (parts.length === 1 && count === 0)) break;
  }
  return parts.join(' ') || '0 s';
}

/** How long ago, from `now`. */
export function ago(time: number | Date, now: number): string {
  return duration((now - new Date(time).getTime()) / 1_000);
}

/** How long ago as a cell of a table: with its larger unit alone where the terminal is narrow. */
export function agoCell(time: number | Date, now: number): TimeCell {
  const text = ago(time, now);
  return { text, short: text.split(' ').slice(0, 2).join(' ') };
}

const WORDS: Readonly<Record<string, number>> = { s: 1, m: 60, min: 60, h: 3_600, d: 86_400, w: 604_800 };

/**
 * Reads `2026-11-26T02:00:00Z`, `2026-11-26 02:00` (local), Unix seconds, or a time ago: `90m`, `6h`, `3d`.
 *
 * @returns Unix milliseconds; undefined for anything else
 */
export function readTime(text: string, now: number): number | undefined {
  const relative = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/.exec(text.trim());
  if (relative !== null) {
    const unit = WORDS[relative[2] as string];
    return unit === undefined ? undefined : now - Number(relative[1]) * unit * 1_000;
  }
  if (/^\d{9,10}$/.test(text.trim())) return Number(text) * 1_000;
  if (!/^\d{4}-\d{2}-\d{2}/.test(text.trim())) return undefined;
  const time = Date.parse(text.trim());
  return Number.isNaN(time) ? undefined : time;
}
