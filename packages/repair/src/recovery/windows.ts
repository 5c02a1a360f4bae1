/** A time to read again. Unix milliseconds. */
export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

/** How far beyond the edges of a gap is read. */
export interface Margins {
  /**
   * Before it: what happened then may have been told when we could no longer hear it. Nylas names 2 minutes for new
   * grants and 5 for Yahoo.
   */
  readonly beforeMs: number;
  /** After it: clocks differ. */
  readonly afterMs: number;
}

/** The margins that Nylas's documented delays ask for. */
const MARGINS: Margins = { beforeMs: 5 * 60_000, afterMs: 60_000 };

/**
 * The windows to read for some gaps: widened by margins, cut to what can still be read, put together where they meet,
 * oldest first.
 *
 * @param reachMs how far back Nylas can be asked; 14 days for the deltas of v2
 */
export function windowsOf(
  gaps: readonly TimeWindow[],
  now: number,
  reachMs: number,
  { beforeMs, afterMs }: Margins = MARGINS,
): TimeWindow[] {
  const oldest = now - reachMs;
  const wide = gaps
    .map(({ from, to }) => ({ from: Math.max(from - beforeMs, oldest), to: Math.min(to + afterMs, now) }))
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from);
  const windows: TimeWindow[] = [];
  for (const window of wide) {
    const last = windows.at(-1);
    if (last !== undefined && window.from <= last.to)
      windows[windows.length - 1] = { from: last.from, to: Math.max(last.to, window.to) };
    else windows.push(window);
  }
  return windows;
}

/** The seconds of a window that lie in margins only: what happened then may have been heard. */
export function marginSeconds(windows: readonly TimeWindow[], gaps: readonly TimeWindow[]): number[] {
  const seconds: number[] = [];
  for (const { from, to } of windows) {
    for (let second = Math.floor(from / 1_000); second <= Math.ceil(to / 1_000); second++) {
      const time = second * 1_000;
      if (!gaps.some((gap) => time > gap.from && time < gap.to)) seconds.push(second);
    }
  }
  return seconds;
}
