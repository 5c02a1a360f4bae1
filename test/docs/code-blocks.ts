import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** A fenced block of a Markdown file. */
export interface CodeBlock {
  /** Path of the file, from the root of the workspace. */
  readonly file: string;
  /** Line of the fence, from 1. */
  readonly line: number;
  readonly language: string;
  readonly code: string;
}

const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.cache', 'fixtures', 'api']);

/** Every Markdown file of the workspace that people read. */
export function markdownFiles(root: string, folder: string = root): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : markdownFiles(root, path);
    return entry.name.endsWith('.md') ? [relative(root, path)] : [];
  });
}

/** The fenced blocks of a Markdown text. */
export function codeBlocks(file: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = [];
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index++) {
    const fence = /^(\s*)(`{3,})([\w-]*)/.exec(lines[index] ?? '');
    if (fence === null) continue;
    const [, indent = '', ticks = '```', language = ''] = fence;
    const end = lines.findIndex((line, at) => at > index && line.trim() === ticks);
    if (end < 0) break;
    const code = lines
      .slice(index + 1, end)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    blocks.push({ file, line: index + 1, language, code: code.join('\n') });
    index = end;
  }
  return blocks;
}

/** The blocks of every file. */
export function allCodeBlocks(root: string): CodeBlock[] {
  return markdownFiles(root).flatMap((file) => codeBlocks(file, readFileSync(join(root, file), 'utf8')));
}
