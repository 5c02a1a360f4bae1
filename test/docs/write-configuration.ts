/** `npm run docs:configuration`: writes the page of all options anew. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { configurationPage } from './configuration.ts';

const root = resolve(import.meta.dirname, '../..');
writeFileSync(join(root, 'docs/configuration.md'), configurationPage(root));
