import { columns, inner, pad, paint, print } from './terminal.mjs';

/** A column of a table. */
export interface Column {
  readonly title: string;
  readonly side?: 'left' | 'right';
}

const GAP = 2;

/** The lines of a table, its columns as wide as they need to be. */
export function tableLines(head: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const sizes = head.map(({ title }, index) =>
    Math.max(columns(title), ...rows.map((row) => columns(row[index] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    head
      .map(({ side }, index) => pad(cells[index] ?? '', sizes[index] ?? 0, side ?? 'left'))
      .join(' '.repeat(GAP))
      .trimEnd();
  return [line(head.map(({ title }) => paint('dim', title))), ...rows.map(line)];
}

/** Prints blocks of lines beside each other where there is room, else below. */
export function printBeside(...blocks: readonly (readonly string[])[]): void {
  const rows: (readonly string[])[][] = [];
  let used = 0;
  for (const block of blocks) {
    const size = sizeOf(block);
    const row = rows.at(-1);
    if (row !== undefined && used + 4 + size <= inner) {
      row.push(block);
      used += 4 + size;
    } else {
      rows.push([block]);
      used = size;
    }
  }
  for (const [index, row] of rows.entries()) {
    if (index > 0) print();
    for (let line = 0; line < Math.max(...row.map(({ length }) => length)); line++)
      print(
        row
          .map((block) => pad(block[line] ?? '', sizeOf(block)))
          .join('    ')
          .trimEnd(),
      );
  }
}

function sizeOf(block: readonly string[]): number {
  return Math.max(...block.map(columns));
}
