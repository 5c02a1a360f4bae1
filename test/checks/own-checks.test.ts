import { describe, expect, it } from 'vitest';
import { undocumented } from './api-reports.ts';
import { command } from './command.ts';
import { fileLengthProblems } from './file-length.ts';
import { licenceProblems } from './licences.ts';
import { type Manifest, manifestProblems, versionProblems } from './manifests.ts';
import { sizeProblems } from './sizes.ts';
import { contentProblems } from './tarballs.ts';
import { workflowProblems } from './workflows.ts';

describe('a command as a check', () => {
  it('holds when the program ends well', async () => {
    expect(await command('node', '-e', 'console.log("fine")')).toEqual([]);
  });

  it('shows what the program printed when it does not', async () => {
    expect(await command('node', '-e', 'console.log("one"); process.exitCode = 3')).toEqual(['one']);
  });

  it('does not pass over a failure in silence', async () => {
    expect(await command('node', '-e', 'process.exit(1)')).toEqual([
      'node -e process.exit(1) failed and said nothing.',
    ]);
  });
});

describe('file lengths', () => {
  it('may reach 400 lines', () => {
    expect(fileLengthProblems(new Map([['src/a.ts', 400]]), {})).toEqual([]);
  });

  it('may exceed them with a reason', () => {
    expect(fileLengthProblems(new Map([['src/a.ts', 401]]), { 'src/a.ts': 'A table.' })).toEqual([]);
  });

  it('may not exceed them without', () => {
    expect(fileLengthProblems(new Map([['src/a.ts', 401]]), {})).toEqual([
      'src/a.ts: 401 lines. Cut it, or say in test/checks/file-length.ts why not.',
    ]);
  });

  it.each([
    ['was cut', new Map([['src/a.ts', 20]])],
    ['is gone', new Map()],
  ])('leave no reason behind for a file that %s', (_, lengths) => {
    expect(fileLengthProblems(lengths, { 'src/a.ts': 'A table.' })).toHaveLength(1);
  });
});

describe('sizes', () => {
  it('may reach their budget', () => {
    expect(sizeProblems(new Map([['telemetry', 8_000]]), { telemetry: 8 })).toEqual([]);
  });

  it('may not exceed it', () => {
    expect(sizeProblems(new Map([['telemetry', 8_051]]), { telemetry: 8 })).toEqual([
      'telemetry: 8.1 kB gzipped, over its 8 kB. Make it smaller, or say why not in test/checks/sizes.ts.',
    ]);
  });

  it('leave no budget behind for a package that is gone', () => {
    expect(sizeProblems(new Map(), { telemetry: 8 })).toHaveLength(1);
  });
});

describe('licences', () => {
  const packages = [{ name: 'left-pad', versions: ['1.0.0'] }];

  it('that are on the list are fine', () => {
    expect(licenceProblems({ MIT: packages, 'Apache-2.0': packages })).toEqual([]);
  });

  it('of which one is on the list leave the choice to us', () => {
    expect(licenceProblems({ '(MIT OR CC0-1.0)': packages })).toEqual([]);
  });

  it.each(['GPL-3.0-only', 'Unknown', 'MIT AND GPL-3.0-only'])('%s is not', (licence) => {
    expect(licenceProblems({ MIT: packages, [licence]: packages })).toEqual([
      `left-pad 1.0.0 is under ${licence}, which test/checks/licences.ts does not allow.`,
    ]);
  });

  it('are not taken as fine when none were listed', () => {
    expect(licenceProblems({})).toHaveLength(1);
  });
});

describe('manifests', () => {
  const exports = { '.': { import: { default: './dist/index.mjs' } }, './package.json': './package.json' };
  const sound: Manifest = {
    name: '@nylas-otel/telemetry',
    version: '0.1.0',
    description: 'The plumbing.',
    license: 'Apache-2.0',
    engines: { node: '>=20.19' },
    exports: { ...exports, '.': { 'nylas-otel-source': './src/index.ts', ...exports['.'] } },
    publishConfig: { exports },
    peerDependencies: { '@opentelemetry/api': '^1.9.0' },
  };

  it('may be sound', () => {
    expect(problems(sound)).toEqual([]);
  });

  it.each<[string, Manifest]>([
    ['publish an entry less', { ...sound, publishConfig: { exports: { '.': exports['.'] } } }],
    ['publish the sources', { ...sound, publishConfig: { exports: sound.exports ?? {} } }],
    ['bring an API of their own', { ...sound, dependencies: { '@opentelemetry/api': '^1.9.0' } }],
    ['pin the API', { ...sound, peerDependencies: { '@opentelemetry/api': '1.10.0' } }],
    ['have no description', { ...sound, description: '' }],
    ['not say which Node', { ...sound, engines: {} }],
    ['have another licence', { ...sound, license: 'MIT' }],
    ['say another version in what they emit', { ...sound, version: '0.2.0' }],
  ])('may not %s', (_, manifest) => {
    expect(problems(manifest)).toHaveLength(1);
  });

  it('may not come with another licence text', () => {
    expect(manifestProblems({ manifest: sound, licence: 'MIT' }, 'Apache')).toHaveLength(1);
  });

  it('have one version', () => {
    expect(versionProblems([{ manifest: sound }, { manifest: sound }])).toEqual([]);
    expect(versionProblems([{ manifest: sound }, { manifest: { ...sound, version: '0.2.0' } }])).toEqual([
      'The packages are released together, yet stand at 0.1.0, 0.2.0.',
    ]);
  });

  function problems(manifest: Manifest): string[] {
    return manifestProblems({ manifest, versionSource: "version: '0.1.0'", licence: 'Apache' }, 'Apache');
  }
});

describe('tarballs', () => {
  const files = ['dist/index.mjs', 'dist/index.cjs', 'README.md', 'LICENSE', 'package.json'];

  it('may hold what is built, and what is read', () => {
    expect(problems(files, '{ "name": "x" }')).toEqual([]);
  });

  it('may not hold sources', () => {
    expect(problems([...files, 'src/index.ts'], '{}')).toEqual([
      'x (x.tgz): src/index.ts is not to be published.',
    ]);
  });

  it.each(files)('may not lack %s', (file) => {
    const rest = files.filter((other) => other !== file);
    expect(problems(rest, '{}')).toEqual([`x (x.tgz): ${file} is not in it.`]);
  });

  it.each(['workspace:^', 'catalog:'])('may not ask for %s', (range) => {
    expect(problems(files, JSON.stringify({ dependencies: { a: range } }))).toHaveLength(1);
  });

  it('may not lead to the sources', () => {
    expect(problems(files, '{"nylas-otel-source":"./src/index.ts"}')).toHaveLength(1);
  });

  function problems(paths: string[], manifest: string): string[] {
    return contentProblems(
      { name: 'x', filename: '/tmp/x.tgz', files: paths.map((path) => ({ path })) },
      manifest,
    );
  }
});

describe('workflows', () => {
  const workflow = (step: string) => `
permissions: {}
jobs:
  one:
    timeout-minutes: 5
    steps:
      - ${step}
`;

  it('may use actions that are pinned to a commit', () => {
    const pinned = workflow(`uses: actions/checkout@${'a'.repeat(40)} # v7`);
    expect(workflowProblems('ci.yml', pinned)).toEqual([]);
  });

  it('may not use a tag, which can move', () => {
    expect(workflowProblems('ci.yml', workflow('uses: actions/checkout@v7'))).toEqual([
      'ci.yml: actions/checkout@v7 is not pinned to a commit.',
    ]);
  });

  it('may not make text of an event part of a script', () => {
    const echo = workflow(['run: echo ', '{{ github.event.pull_request.title }}'].join('$'));
    expect(workflowProblems('ci.yml', echo)).toEqual(['ci.yml: job one runs text of an event.']);
  });
});

describe('API reports', () => {
  it('name what is public without a docstring', () => {
    const report =
      '// @public (undocumented)\nexport function bare(): void;\n\n// @public\nexport const told: 1;\n';
    expect(undocumented(report)).toEqual(['bare']);
  });
});
