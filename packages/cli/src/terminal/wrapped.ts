import { stripVTControlCharacters } from 'node:util';
import stringWidth from 'string-width';

const LEAST_ROOM = 30;

/** Breaks lines between words, so that a terminal does not break them within one; colours may be in them. */
export function wrapped(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => (stringWidth(line) <= width ? line : wrappedLine(line, width)))
    .join('\n');
}

/** What goes on stands under what it belongs to: under the value after a name, else under the first word. */
function wrappedLine(text: string, width: number): string {
  const head = /^\s*(?:\S+\s{2,})?/.exec(stripVTControlCharacters(text))?.[0] ?? '';
  return wrappedAt(text, width, width - head.length < LEAST_ROOM ? 0 : stringWidth(head));
}

/** Breaks a line between words; what goes on begins at a column. */
export function wrappedAt(text: string, width: number, column: number): string {
  const indent = ' '.repeat(column);
  const lines: string[] = [];
  const [first = '', ...words] = text.split(' ');
  let line = first;
  for (const word of words) {
    const longer = `${line} ${word}`;
    if (stringWidth(longer) > width && line.trim() !== '' && word !== '') {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line].join('\n');
}
