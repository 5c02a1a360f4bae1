import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCodeBlocks, type CodeBlock } from './code-blocks.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
// Below this folder, so that imports resolve to what its package.json names.
const STAGE = join(import.meta.dirname, '.code-blocks');

/** Names that an example may take as given, because the text around it says where they come from. */
const GIVEN = [
  'app',
  'client',
  'nylas',
  'grant',
  'identifier',
  'messageId',
  'apiKey',
  'register',
  'mailer',
  'db',
  'signal',
];

const UNKNOWN_NAME = /error TS(2304|2552|18004):/;

const TYPESCRIPT = new Set(['ts', 'typescript', 'js', 'mjs', 'javascript']);
const blocks = allCodeBlocks(root);
const compiled = blocks.filter(({ language }) => TYPESCRIPT.has(language));

describe('code in the documentation', () => {
  let errors: ReadonlyMap<string, string[]>;

  beforeAll(async () => {
    rmSync(STAGE, { recursive: true, force: true });
    mkdirSync(STAGE);
    errors = await compile();
  }, 120_000);

  afterAll(() => rmSync(STAGE, { recursive: true, force: true }));

  it('is there', () => {
    expect(compiled.length).toBeGreaterThan(20);
  });

  it('says its language', () => {
    const silent = blocks.filter(({ language }) => language === '');
    // Output and trees have none; code that only looks like them would go unchecked.
    expect(silent.filter(({ code }) => /^(import|const|await|npm|npx) /m.test(code)).map(labelOf)).toEqual(
      [],
    );
  });

  it.each(compiled.map((block) => [labelOf(block), fileOf(block)]))('%s compiles', (_, file) => {
    expect(errors.get(file) ?? []).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === 'json').map((block) => [labelOf(block), block.code]))(
    '%s is JSON',
    (_, code) => {
      expect(() => JSON.parse(code)).not.toThrow();
    },
  );
});

function labelOf({ file, line }: CodeBlock): string {
  return `${file}:${line}`;
}

function fileOf({ file, line }: CodeBlock): string {
  return `${file.replaceAll(/[^\w-]/g, '_')}_${line}.mts`;
}

/** Compiles every block as a module of its own; answers the errors by file. */
async function compile(): Promise<ReadonlyMap<string, string[]>> {
  for (const block of compiled) writeFileSync(join(STAGE, fileOf(block)), `${block.code}\nexport {};\n`);
  writeFileSync(join(STAGE, 'given.d.ts'), GIVEN.map((name) => `declare const ${name}: any;\n`).join(''));
  writeFileSync(
    join(STAGE, 'tsconfig.json'),
    JSON.stringify({
      extends: '../../../tsconfig.base.json',
      compilerOptions: {
        isolatedDeclarations: false,
        declaration: false,
        // An example is no application: it may leave a name unused and a parameter without a type.
        noUnusedLocals: false,
        noUnusedParameters: false,
        noImplicitAny: false,
        // What an example reads from the environment or finds in a list is there.
        strictNullChecks: false,
        exactOptionalPropertyTypes: false,
        // As bundlers and tsx read it: the SDK's types put its class one `default` too deep for Node's own rules.
        module: 'esnext',
        moduleResolution: 'bundler',
        lib: ['es2023', 'dom'],
      },
      include: ['*.mts', 'given.d.ts'],
    }),
  );
  const { stdout } = await run(
    join(root, 'node_modules/.bin/tsc'),
    ['--project', STAGE, '--pretty', 'false'],
    {
      cwd: STAGE,
    },
  ).catch((error: { stdout: string }) => error);
  const errors = new Map<string, string[]>();
  const fragments = new Set(compiled.filter(({ code }) => !/^import /m.test(code)).map(fileOf));
  for (const [, file = '', message = ''] of stdout.matchAll(/^([\w-]+\.mts)\((.+)$/gm)) {
    // Without imports it goes on where an example before it, or the text, left off.
    if (fragments.has(file) && UNKNOWN_NAME.test(message)) continue;
    // In JavaScript nobody tells a listener on a port from one on a pipe.
    if (message.includes("'string | AddressInfo'")) continue;
    errors.set(file, [...(errors.get(file) ?? []), message]);
  }
  return errors;
}
