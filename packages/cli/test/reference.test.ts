import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderReference } from '../src/commands/reference.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('ends with the reference that the tables of the command give', () => {
    // node --conditions=nylas-otel-source packages/cli/scripts/write-reference.ts writes it.
    expect(readme.endsWith(renderReference())).toBe(true);
  });
});
