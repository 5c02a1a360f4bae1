import { createHash } from 'node:crypto';
import { invalidArgument } from './errors.ts';

const MOST = 10_000;

/** A whole number from 1 to `most`, or the default. */
export function readWhole(what: string, given: number | undefined, preset: number, most: number): number {
  if (given === undefined) return preset;
  if (!Number.isSafeInteger(given) || given < 1 || given > most)
    throw invalidArgument(what, `give a whole number from 1 to ${most}, not ${String(given)}.`);
  return given;
}

/** The `limit` of a list: 100 unless given, at most 10,000. */
export function readLimit(limit: number | undefined): number {
  return readWhole('limit', limit, 100, MOST);
}

/** A Unix time in milliseconds. */
export function readTime(what: string, time: unknown): number {
  if (typeof time !== 'number' || !Number.isFinite(time) || Math.abs(time) > Number.MAX_SAFE_INTEGER)
    throw invalidArgument(what, `give Unix milliseconds, not ${String(time)}.`);
  return Math.round(time);
}

const UNSTORABLE = /[\0\p{Cs}]/u;

/**
 * Text as a column takes it: PostgreSQL has no NUL in text, and lone surrogates are no UTF-8. Such text (nobody sends it
 * in good faith) is known by its digest, so that two different ones stay two.
 */
export function columnText(text: string): string {
  if (!UNSTORABLE.test(text)) return text;
  return `#${createHash('sha256').update(JSON.stringify(text)).digest('hex')}`;
}
