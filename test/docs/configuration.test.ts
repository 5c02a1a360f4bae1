import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { configurationPage } from './configuration.ts';

const root = resolve(import.meta.dirname, '../..');

it('has the options of all packages as their READMEs tell them (npm run docs:configuration)', () => {
  expect(readFileSync(join(root, 'docs/configuration.md'), 'utf8')).toBe(configurationPage(root));
});
