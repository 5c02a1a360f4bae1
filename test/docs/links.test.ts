import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { markdownFiles } from './code-blocks.ts';

const root = resolve(import.meta.dirname, '../..');

describe.each(markdownFiles(root))('%s', (file) => {
  it('leads nowhere that is not there', () => {
    expect(brokenLinks(file)).toEqual([]);
  });
});

function brokenLinks(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll(/```[\s\S]*?```/g, '');
  const targets = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, target]) => target as string);
  return targets.filter((target) => !/^[a-z]+:/.test(target) && !isThere(file, target));
}

function isThere(file: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const place = path === '' ? join(root, file) : join(root, dirname(file), path);
  if (anchor === undefined || !existsSync(place)) return existsSync(place);
  const page = statSync(place).isDirectory() ? join(place, 'README.md') : place;
  return existsSync(page) && anchorsOf(readFileSync(page, 'utf8')).has(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...text.matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) => heading as string);
  const explicit = [...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id]) => id as string);
  return new Set([
    ...explicit,
    ...headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .trim()
        .replaceAll(' ', '-'),
    ),
  ]);
}
