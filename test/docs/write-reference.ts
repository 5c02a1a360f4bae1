/**
 * `npm run docs:reference`: the API reference of all packages as pages, from their docstrings, into `docs/reference`
 * (not checked in). `--check` writes nothing and fails when a docstring is missing or a link leads nowhere.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Application, type ProjectReflection } from 'typedoc';

const ROOT = resolve(import.meta.dirname, '../..');

/** What a user imports, by the source file behind it. */
const specifiers = new Map<string, string>(readdirSync(join(ROOT, 'packages')).flatMap(entriesOf));

const app = await Application.bootstrap({
  name: 'nylas-otel',
  tsconfig: join(import.meta.dirname, 'tsconfig.reference.json'),
  basePath: join(ROOT, 'packages'),
  entryPoints: [...specifiers.keys()],
  readme: 'none',
  excludePrivate: true,
  excludeInternal: true,
  excludeExternals: true,
  disableSources: true,
  validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: true },
});
const project = await app.convert();
if (project !== undefined) {
  nameByImport(project);
  app.validate(project);
  if (!process.argv.includes('--check')) await app.generateDocs(project, join(ROOT, 'docs/reference'));
}
process.exitCode = app.logger.errorCount + app.logger.warningCount === 0 ? 0 : 1;

function entriesOf(folder: string): [file: string, specifier: string][] {
  const path = join(ROOT, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | Record<string, unknown>>;
  };
  return Object.entries(manifest.exports).flatMap(([subpath, target]) => {
    const source = typeof target === 'string' ? undefined : target['nylas-otel-source'];
    return typeof source === 'string' ? [[join(path, source), manifest.name + subpath.slice(1)]] : [];
  });
}

/** Modules are called as they are imported, not as their files are. */
function nameByImport(project: ProjectReflection): void {
  for (const module of project.children ?? []) {
    const file = project.files?.getReflectionPath(module);
    const specifier = file === undefined ? undefined : specifiers.get(file);
    if (specifier !== undefined) module.name = specifier;
  }
}
