import { readFile } from 'node:fs/promises';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { Settings } from '../options/settings.ts';

/**
 * Access tokens of v2 accounts, from a JSON file of account ids and tokens that the application keeps up to date; read at
 * each use. Undefined where no file is given.
 */
export function accessTokens(
  settings: Settings,
): ((accountId: string) => Promise<string | undefined>) | undefined {
  const path = settings['nylas.access_tokens_file'];
  if (path === undefined) return undefined;
  return async (accountId) => {
    let tokens: unknown;
    try {
      tokens = JSON.parse(await readFile(path, 'utf8'));
    } catch (error) {
      throw new NylasOtelError(
        'usage',
        `nylas.access_tokens_file cannot be read (${errorInWords(error)}).`,
        'Give the path of a JSON object of account ids and access tokens.',
      );
    }
    const token = Object(tokens)[accountId];
    return typeof token === 'string' && token !== '' ? token : undefined;
  };
}
