/** A Markdown table; cells are Markdown themselves. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return lines.join('\n');
}

/** A name or value, set as code. */
export function code(text: string | number): string {
  return `\`${text}\``;
}

/** Names or values set as code, with commas; a dash for none. */
export function codes(texts: readonly (string | number)[]): string {
  return texts.length === 0 ? '–' : texts.map(code).join(', ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
