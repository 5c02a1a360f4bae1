import type { Row } from '../row.ts';

const HEADINGS = ['', 'row', 'value', '95 % interval', 'limit', 'beside'] as const;

/** Rows as people read them. */
export function table(rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const cells = rows.map((row) => [
    row.holds ? 'ok' : 'FAILS',
    row.name,
    withUnit(row.value, row.unit),
    row.interval === undefined ? '' : `${row.interval[0]} to ${row.interval[1]}`,
    withUnit(row.limit, row.unit),
    row.peer,
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...cells.map((line) => (line[column] as string).length)),
  );
  const line = (texts: readonly string[]) =>
    texts
      .map((text, column) => text.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd();
  const held = rows.filter(({ holds }) => holds).length;
  const lines = [line(HEADINGS), ...cells.map(line), '', `${held} of ${rows.length} rows hold.`];
  return `${lines.join('\n')}\n`;
}

function withUnit(value: number, unit: string): string {
  if (unit === 'x') return `${value}x`;
  if (unit === '+x') return `+${value}x`;
  return `${value} ${unit}`;
}
