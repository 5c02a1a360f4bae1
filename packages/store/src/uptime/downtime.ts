import type { DowntimeWindow } from './uptime-ledger.ts';

/** One stretch of heartbeats of one process. Unix milliseconds. */
export interface Stretch {
  readonly able: boolean;
  readonly first: number;
  readonly last: number;
  /** `stopped`: ended in order. `moved`: the process went on with another stretch. Undefined: its process may be alive. */
  readonly ending: 'stopped' | 'moved' | undefined;
}

/** Heartbeats further apart than this are no stretch: nobody was there in between. */
export const LONGEST_BEAT_MS = 30_000;

/**
 * The windows in `since` to `until` that no able stretch covers, oldest first. Pure. Before the first heartbeat ever
 * there was no receiver to be down. A stretch whose last beat is recent still goes on.
 */
export function downtimeWindows(
  stretches: readonly Stretch[],
  since: number,
  until: number,
): readonly DowntimeWindow[] {
  const first = Math.min(...stretches.map(({ first }) => first));
  const windows: DowntimeWindow[] = [];
  let at = Math.max(since, first);
  const covering = stretches
    .filter(({ able }) => able)
    .map((stretch) => ({ ...stretch, end: endOf(stretch, until) }))
    .sort((a, b) => a.first - b.first);
  for (const { first, end } of covering) {
    if (first > at) windows.push(...explained(stretches, at, Math.min(first, until), until));
    at = Math.max(at, end);
    if (at >= until) return windows;
  }
  if (at < until && Number.isFinite(at)) windows.push(...explained(stretches, at, until, until));
  return windows;
}

function endOf({ last, ending }: Stretch, until: number): number {
  return ending === undefined && until - last <= LONGEST_BEAT_MS ? Math.max(last, until) : last;
}

/** Parts of a gap in which a process was there but refused; the rest by how the stretch before it ended. */
function explained(
  stretches: readonly Stretch[],
  from: number,
  to: number,
  until: number,
): readonly DowntimeWindow[] {
  if (to <= from) return [];
  const refusing = stretches
    .filter(({ able }) => !able)
    .map((stretch) => ({ first: Math.max(stretch.first, from), end: Math.min(endOf(stretch, until), to) }))
    .filter(({ first, end }) => end > first)
    .sort((a, b) => a.first - b.first);
  const windows: DowntimeWindow[] = [];
  let at = from;
  for (const { first, end } of refusing) {
    if (first > at) windows.push(silent(stretches, at, first));
    if (end > at) windows.push({ from: Math.max(at, first), to: end, cause: 'refusing' });
    at = Math.max(at, end);
  }
  if (at < to) windows.push(silent(stretches, at, to));
  return joined(windows);
}

function silent(stretches: readonly Stretch[], from: number, to: number): DowntimeWindow {
  let before: Stretch | undefined;
  for (const stretch of stretches)
    if (stretch.last <= from && (before === undefined || stretch.last >= before.last)) before = stretch;
  return { from, to, cause: before?.ending === 'stopped' ? 'stopped' : 'crash' };
}

function joined(windows: readonly DowntimeWindow[]): DowntimeWindow[] {
  const result: DowntimeWindow[] = [];
  for (const window of windows) {
    const last = result.at(-1);
    if (last !== undefined && last.cause === window.cause && last.to === window.from)
      result[result.length - 1] = { ...last, to: window.to };
    else result.push(window);
  }
  return result;
}
