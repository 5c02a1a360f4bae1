// @ts-check
/** What the terminal can do. Plain JavaScript: `run.mjs` uses it on Node 20 before anything is installed. */
import { stripVTControlCharacters } from 'node:util';

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};
const MARGIN = '  ';

const { env, stdout } = process;
const forced = env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== '0';
const colour = !env.NO_COLOR && (forced || (stdout.isTTY === true && env.TERM !== 'dumb'));

/** True where lines can be written over. */
export const live = stdout.isTTY === true && env.TERM !== 'dumb';

/** Columns to use: what the terminal has, from 60 to 110; 80 where nobody knows. */
export const width = Math.max(60, Math.min(110, stdout.columns ?? (Number(env.COLUMNS) || 80)));

/** Columns inside the margin. */
export const inner = width - MARGIN.length;

/**
 * @param {keyof typeof CODES} style
 * @param {string} text
 */
export function paint(style, text) {
  if (!colour || text === '') return text;
  const [on, off] = CODES[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/**
 * Columns a text takes.
 *
 * @param {string} text
 */
export function columns(text) {
  return stripVTControlCharacters(text).length;
}

/**
 * @param {string} text
 * @param {number} size
 * @param {'left' | 'right'} side where the text stands
 */
export function pad(text, size, side = 'left') {
  const room = ' '.repeat(Math.max(0, size - columns(text)));
  return side === 'left' ? text + room : room + text;
}

/** @param {string} text */
export function print(text = '') {
  stdout.write(text === '' ? '\n' : `${MARGIN}${text}\n`);
}

/** @param {string} text */
export function heading(text, note = '') {
  stdout.write(`\n${paint('bold', text)}${note === '' ? '' : `  ${paint('dim', note)}`}\n`);
}

/**
 * A duration for people: `12 ms`, `1.93 s`, `41 s`.
 *
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
  if (milliseconds < 1) return '<1 ms';
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  return `${seconds.toFixed(seconds < 9.995 ? 2 : seconds < 99.95 ? 1 : 0)} s`;
}

/**
 * Breaks a text into lines between words.
 *
 * @param {string} text
 * @param {number} size columns of a line
 */
export function wrap(text, size) {
  /** @type {string[]} */
  const lines = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && columns(line) + 1 + columns(word) > size) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(line);
  return lines;
}
