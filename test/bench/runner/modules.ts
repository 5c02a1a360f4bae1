import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const TEXTS = /'[^'\n]*'|`[^`]*`/g;
const ROOT = new URL('../../../', import.meta.url);

/** A module of rows, found by where it lies. */
export class FoundModule {
  /** `request-replay`, `prom-client/scrape`. */
  readonly id: string;
  readonly url: URL;
  readonly #source: string;

  constructor(id: string, url: URL, source: string) {
    this.id = id;
    this.url = url;
    this.#source = source;
  }

  /** False when none of its rows can have `only` in their names: read from its texts, so that it need not be loaded. */
  mayHave(only: string | undefined): boolean {
    if (only === undefined || this.isNamed(only) || this.id.startsWith(packageOf(only))) return true;
    return (this.#source.match(TEXTS) ?? []).some((text) => text.includes(only));
  }

  /** True when `only` names the module itself. */
  isNamed(only: string): boolean {
    return this.id.includes(only);
  }
}

/** All modules of rows: the bench's own, and those that packages keep in `bench`. */
export async function collectModules(): Promise<FoundModule[]> {
  const folders: [prefix: string, folder: URL][] = [['', new URL('test/bench/rows/', ROOT)]];
  for (const name of readdirSync(new URL('packages/', ROOT)).sort()) {
    const folder = new URL(`packages/${name}/bench/`, ROOT);
    if (existsSync(folder)) folders.push([`${name}/`, folder]);
  }
  const modules: FoundModule[] = [];
  for (const [prefix, folder] of folders) {
    for (const file of readdirSync(folder).sort()) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue;
      const url = new URL(file, folder);
      const source = await readFile(fileURLToPath(url), 'utf8');
      if (!/export (async )?function rows\b/.test(source)) continue;
      modules.push(new FoundModule(prefix + file.slice(0, -'.ts'.length), url, source));
    }
  }
  return modules;
}

// Rows of a package begin with its name: `prom-client: scrape of ...`.
function packageOf(only: string): string {
  return `${only.split(':')[0]}/`;
}
