import { NylasOtelError } from '../errors.ts';
import { readTime } from '../terminal/time.ts';
import { type CommandContext, flagText } from './command.ts';

/**
 * The whole number of a flag; undefined where it was not given.
 *
 * @throws NylasOtelError for anything else
 */
export function wholeFlag(
  context: CommandContext,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = flagText(context, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new NylasOtelError(
    'usage',
    `--${name} is no number it can be.`,
    `Give a whole number from ${least} to ${most}.`,
  );
}

/**
 * The time of a flag in Unix milliseconds; undefined where it was not given.
 *
 * @throws NylasOtelError for anything that is no time, or in the future
 */
export function timeFlag(context: CommandContext, name: string): number | undefined {
  const text = flagText(context, name);
  if (text === undefined) return undefined;
  const time = readTime(text, context.now());
  if (time !== undefined && time <= context.now()) return time;
  throw new NylasOtelError(
    'usage',
    time === undefined ? `--${name} is no time.` : `--${name} is in the future.`,
    'Give 2026-11-26T02:00:00Z, "2026-11-26 02:00" (local time), Unix seconds, or a time ago: 90m, 6h, 3d.',
  );
}
