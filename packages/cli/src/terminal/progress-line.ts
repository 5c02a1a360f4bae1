import stringWidth from 'string-width';
import { duration } from './time.ts';

/** How far a long work is; goes over the socket of an exporter as it is. */
export interface ProgressReport {
  /** What is being done or counted: `accounts`, `opening the store`. What was said before stays where it is left out. */
  readonly title?: string;
  /** Undefined where there is nothing to count. */
  readonly done?: number;
  /** Undefined where nobody knows it. */
  readonly total?: number;
  /** True where the total is what was known before: there may be more by now, or fewer. */
  readonly about?: boolean;
  /** What goes behind the count. */
  readonly words?: string;
}

const WIDEST_BAR = 24;
const NARROWEST_BAR = 6;
/** A rate over less than this says nothing. */
const RATE_AFTER_MS = 1_000;

/** A report as one line of at most `width` columns: what matters least is left out first, then the bar shrinks. */
export function progressLine(report: ProgressReport, elapsedMs: number, width: number): string {
  const { title = '', words = '' } = report;
  const left = leftInWords(report, elapsedMs);
  const rate = rateInWords(report, elapsedMs);
  const elapsed = duration(elapsedMs / 1_000);
  const endings = [[rate, elapsed, left], [rate, elapsed], [elapsed], []].map((parts) =>
    parts.filter((part) => part !== undefined).join(', '),
  );
  for (const bar of [WIDEST_BAR, 12, NARROWEST_BAR, 0]) {
    for (const ending of endings) {
      const counted = [title, barOf(report, bar), countOf(report), words].filter(Boolean).join(' ');
      const line = [counted, ending].filter(Boolean).join(', ');
      if (stringWidth(line) <= width) return line;
    }
  }
  return [title, countOf(report)].filter(Boolean).join(' ').slice(0, width);
}

/** The total, while it can be one: more than were known before makes it unknown again. */
function totalOf({ done = 0, total, about }: ProgressReport): number | undefined {
  return total === undefined || total === 0 || (about === true && done > total) ? undefined : total;
}

function barOf(report: ProgressReport, size: number): string {
  const total = totalOf(report);
  if (total === undefined || report.done === undefined || size === 0) return '';
  const full = Math.floor((Math.min(report.done, total) / total) * size);
  return '█'.repeat(full) + '░'.repeat(size - full);
}

function countOf(report: ProgressReport): string {
  if (report.done === undefined) return '';
  const total = totalOf(report);
  if (total === undefined) return String(report.done);
  return `${report.done}/${report.about ? '~' : ''}${total}`;
}

function rateInWords({ done = 0 }: ProgressReport, elapsedMs: number): string | undefined {
  if (done === 0 || elapsedMs < RATE_AFTER_MS) return undefined;
  const each = (done / elapsedMs) * 1_000;
  return `${each < 10 ? each.toFixed(1) : Math.round(each)}/s`;
}

function leftInWords(report: ProgressReport, elapsedMs: number): string | undefined {
  const { done = 0 } = report;
  const total = totalOf(report);
  if (total === undefined || done === 0 || done >= total || elapsedMs < 2 * RATE_AFTER_MS) return undefined;
  return `about ${duration(((total - done) * elapsedMs) / done / 1_000)} left`;
}
