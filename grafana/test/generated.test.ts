import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generatedFiles } from '../src/output/files.ts';

const ROOT = join(import.meta.dirname, '..');
const files = [...generatedFiles()];

describe('generated files', () => {
  it.for(files)('%s is what the sources say', ([path, text]) => {
    expect(
      readFileSync(join(ROOT, path), 'utf8') === text,
      `Run \`npm run grafana\` and commit grafana/${path}.`,
    ).toBe(true);
  });

  it('have no forgotten ones beside them', () => {
    const folders = ['dashboards', 'alerts', 'kubernetes', 'provisioning', 'alertmanager'];
    const there = folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1)),
    );
    expect(there.filter((path) => !generatedFiles().has(path))).toEqual([]);
  });
});
