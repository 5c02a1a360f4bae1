import stringWidth from 'string-width';
import type { Tone } from './output.ts';
import { wrappedAt } from './wrapped.ts';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly side?: 'left' | 'right';
  /** Never cut: an id that is meant to be copied. */
  readonly whole?: true;
  /** Whole, or left out where the terminal is too narrow, the last such column first: half a time says nothing. */
  readonly spare?: true;
  /** For words in the last column: they go on in the next line instead of being cut. */
  readonly wraps?: true;
  /** How far it may be cut. Default 6. */
  readonly least?: number;
}

/** A cell: a text, or a text in a tone, or one that has a shorter form for a narrow terminal. */
export type Cell = string | { readonly text: string; readonly tone?: Tone; readonly short?: string };

/** A table that fits, and the titles of the columns for which there was no room. */
export interface FittedTable {
  readonly lines: readonly string[];
  readonly leftOut: readonly string[];
}

const GAP = '  ';
const LEAST = 6;
/** What goes on in the next line is told from a new row, and has room for an id to copy. */
const CONTINUED_AT = 4;

type Paint = (tone: Tone, text: string) => string;

/**
 * A table that is at most `width` columns wide where that can be done: cells take their shorter forms, then columns that
 * can be spared are left out, then the widest cells are cut, with an ellipsis.
 */
export function fittedTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint = (_tone, text) => text,
): FittedTable {
  const isTooWide = leastWidth(columns, rows) > width;
  if (isTooWide && rows.some((row) => row.some(hasShortForm)))
    return fittedTable(columns, rows.map(shortened), width, paint);
  const spare = isTooWide ? columns.findLastIndex((column) => column.spare) : -1;
  if (spare < 0) return { lines: tableLines(columns, rows, width, paint), leftOut: [] };
  const without = <T>(cells: readonly T[]): T[] => cells.filter((_, index) => index !== spare);
  const { lines, leftOut } = fittedTable(without(columns), rows.map(without), width, paint);
  return { lines, leftOut: [...leftOut, columns[spare]?.title ?? ''] };
}

function hasShortForm(cell: Cell): boolean {
  return typeof cell !== 'string' && cell.short !== undefined;
}

function shortened(row: readonly Cell[]): Cell[] {
  return row.map((cell) => {
    if (typeof cell === 'string' || cell.short === undefined) return cell;
    return cell.tone === undefined ? cell.short : { text: cell.short, tone: cell.tone };
  });
}

function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number,
  paint: Paint,
): string[] {
  const texts = rows.map((row) => row.map(textOf));
  const sizes = sizesOf(columns, texts);
  shrink(sizes, columns, width - GAP.length * (columns.length - 1));
  const fitted = (cells: readonly string[]): string[] =>
    columns.map(({ side, wraps }, index) =>
      wraps ? (cells[index] ?? '') : fit(cells[index] ?? '', sizes[index] ?? 0, side),
    );
  const head = fitted(columns.map(({ title }) => title)).map((text) => paint('faint', text));
  const body = texts.map((cells, line) =>
    fitted(cells).map((text, index) => {
      const cell = rows[line]?.[index];
      return typeof cell === 'object' && cell.tone !== undefined ? paint(cell.tone, text) : text;
    }),
  );
  const lines = [head, ...body].map((cells) => cells.join(GAP).trimEnd());
  return columns.at(-1)?.wraps
    ? lines.map((line) => (stringWidth(line) > width ? wrappedAt(line, width, CONTINUED_AT) : line))
    : lines;
}

function textOf(cell: Cell): string {
  return oneLine(typeof cell === 'string' ? cell : cell.text);
}

function sizesOf(columns: readonly Column[], texts: readonly (readonly string[])[]): number[] {
  return columns.map(({ title }, index) =>
    Math.max(stringWidth(title), ...texts.map((row) => stringWidth(row[index] ?? ''))),
  );
}

function leastWidth(columns: readonly Column[], rows: readonly (readonly Cell[])[]): number {
  const sizes = sizesOf(
    columns,
    rows.map((row) => row.map(textOf)),
  );
  const least = sizes.map((size, index) =>
    isWhole(columns[index]) ? size : Math.min(size, leastOf(columns[index])),
  );
  return least.reduce((sum, size) => sum + size, GAP.length * (columns.length - 1));
}

function isWhole(column: Column | undefined): boolean {
  return column?.whole === true || column?.spare === true;
}

function leastOf(column: Column | undefined): number {
  return column?.least ?? LEAST;
}

// A cell from Nylas may hold anything: control characters would move the cursor of whoever looks.
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

function shrink(sizes: number[], columns: readonly Column[], room: number): void {
  let over = sizes.reduce((sum, size) => sum + size, 0) - room;
  while (over > 0) {
    const widest = sizes.reduce(
      (best, size, index) =>
        isWhole(columns[index]) ||
        size <= leastOf(columns[index]) ||
        (best >= 0 && size <= (sizes[best] as number))
          ? best
          : index,
      -1,
    );
    if (widest < 0) return;
    sizes[widest] = (sizes[widest] as number) - 1;
    over--;
  }
}

function fit(text: string, size: number, side: 'left' | 'right' = 'left'): string {
  const shown = stringWidth(text) <= size ? text : `${cut(text, size - 1)}…`;
  const space = ' '.repeat(Math.max(0, size - stringWidth(shown)));
  return side === 'left' ? shown + space : space + shown;
}

function cut(text: string, size: number): string {
  let kept = '';
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(kept + segment) > size) break;
    kept += segment;
  }
  return kept;
}
