import { readFileSync } from 'node:fs';
import { ended } from './command.ts';

const LIMIT = 400;
const CODE = /\.[cm]?[jt]sx?$/;

/** Files that may be longer, and why no cut would make them easier to read. */
const LONG: Readonly<Record<string, string>> = {
  'packages/nylas-api/src/classify-response.test.ts':
    'One table of cases: every body shape Nylas answers with.',
  'packages/semantic-conventions/src/attributes.ts': 'One table: every attribute of the contract.',
  'packages/semantic-conventions/src/metrics.ts': 'One table: every metric of the contract.',
};

/** Files of code that outgrew one idea, and entries of the list that are no longer needed. */
export async function checkFileLengths(): Promise<string[]> {
  const { stdout } = await ended('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const lengths = new Map<string, number>();
  for (const path of stdout.split('\n').filter((path) => CODE.test(path))) {
    const text = readIfThere(path);
    if (text !== undefined) lengths.set(path, text.split('\n').length - 1);
  }
  return fileLengthProblems(lengths, LONG);
}

/** What is wrong with files of these lengths, given those that may be longer and why. */
export function fileLengthProblems(
  lengths: ReadonlyMap<string, number>,
  allowed: Readonly<Record<string, string>>,
): string[] {
  const tooLong = [...lengths]
    .filter(([path, length]) => length > LIMIT && !Object.hasOwn(allowed, path))
    .map(
      ([path, length]) => `${path}: ${length} lines. Cut it, or say in test/checks/file-length.ts why not.`,
    );
  const needless = Object.keys(allowed)
    .filter((path) => (lengths.get(path) ?? 0) <= LIMIT)
    .map(
      (path) => `${path}: no longer over ${LIMIT} lines. Take it off the list in test/checks/file-length.ts.`,
    );
  return [...tooLong, ...needless];
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Deleted, and not yet committed so.
    return undefined;
  }
}
