import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Asset } from '../assets.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';

/**
 * Writes files into a folder, which is made where it is not there.
 *
 * @returns their paths
 * @throws NylasOtelError when that cannot be done
 */
export function writeFiles(folder: string, files: readonly Asset[]): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return files.map(({ name, text }) => {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    });
  } catch (error) {
    throw new NylasOtelError(
      'usage',
      `${folder} cannot be written (${errorInWords(error)}).`,
      'Give a folder that this user can write.',
      { cause: error },
    );
  }
}
