import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IConfiguration, IRegularForbiddenRuleType } from 'dependency-cruiser';

/** The packages by floor: one imports only from floors below its own. A new package is a new word here. */
const FLOORS: readonly (readonly string[])[] = [
  ['semantic-conventions', 'nylas-api'],
  ['telemetry'],
  ['instrumentation', 'retry', 'webhooks', 'accounts'],
  ['prom-client', 'simulator', 'store', 'node'],
  ['repair'],
  ['cli'],
];

/** What stands above the packages: it uses them by name and nothing imports it. */
const ABOVE = '^(examples|grafana|test)/';

const TESTS = '\\.test\\.ts$';

/**
 * The rules of dependency-cruiser for the workspace in `root`.
 *
 * @throws Error when a folder in `packages/` has no floor.
 */
export function dependencyRules(root: string): IConfiguration {
  const packages = readdirSync(join(root, 'packages'));
  return {
    forbidden: [...packages.flatMap((name) => packageRules(root, name)), ...SHARED_RULES],
    options: {
      // Imports of types count too, and say that they are no more than that.
      tsPreCompilationDeps: 'specify',
      doNotFollow: { path: 'node_modules' },
      exclude: {
        path: [
          '^(packages|examples)/[^/]+/dist/',
          '^grafana/preview/',
          '/next-env\\.d\\.ts$',
          '/fixtures/',
          '/\\.cache/',
        ],
      },
      enhancedResolveOptions: {
        exportsFields: ['exports'],
        conditionNames: ['nylas-otel-source', 'import', 'node', 'default'],
        extensions: ['.ts', '.mts', '.mjs', '.js', '.cjs', '.json'],
      },
    },
  };
}

function packageRules(root: string, name: string): IRegularForbiddenRuleType[] {
  const floor = FLOORS.findIndex((packages) => packages.includes(name));
  if (floor < 0) {
    throw new Error(`packages/${name} stands on no floor. Give it one in test/checks/dependency-rules.ts.`);
  }
  const below = FLOORS.slice(0, floor).flat();
  const own = `^packages/${name}/`;
  const sources = { path: `${own}src/`, pathNot: TESTS };
  return [
    {
      name: `floor-of-${name}`,
      comment: `packages/${name} imports only from ${below.length > 0 ? below.join(', ') : 'no package'}: the floors below it.`,
      severity: 'error',
      from: sources,
      to: { path: '^packages/', pathNot: [own, ...below.map((other) => `^packages/${other}/`)] },
    },
    {
      name: `declared-by-${name}`,
      comment: `What packages/${name} imports is in its dependencies: a devDependency is not installed with it.`,
      severity: 'error',
      from: sources,
      to: { path: '^packages/', pathNot: [own, ...workspaceDependencies(root, name)] },
    },
  ];
}

function workspaceDependencies(root: string, name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter((dependency) => dependency.startsWith('@nylas-otel/'))
    .map((dependency) => `^packages/${dependency.slice('@nylas-otel/'.length)}/`);
}

const SOURCES = { path: '^packages/[^/]+/src/', pathNot: TESTS };
const API = '/@opentelemetry/api/';

const SHARED_RULES: readonly IRegularForbiddenRuleType[] = [
  {
    name: 'ground-floor-imports-nothing',
    comment: 'The lowest floor is data and pure functions: it imports types at most.',
    severity: 'error',
    from: { path: `^packages/(${FLOORS[0]?.join('|')})/src/`, pathNot: TESTS },
    to: { pathNot: '^packages/$1/', dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-circle',
    comment: 'Files that need each other are one file, or lack a third. Types may refer to each other.',
    severity: 'error',
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'no-reach-into-a-package',
    comment:
      "A package is used by its name, and then only what its `exports` names, never by another's path.",
    severity: 'error',
    from: { path: '^packages/([^/]+)/' },
    to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
  },
  {
    name: 'no-reach-from-above',
    comment: 'Examples, dashboards and tests use a package by its name, as its users do.',
    severity: 'error',
    from: { path: ABOVE },
    to: { path: '^packages/', dependencyTypes: ['local'] },
  },
  {
    name: 'packages-stand-alone',
    comment: 'A package does not import what stands above all packages.',
    severity: 'error',
    from: { path: '^packages/' },
    to: { path: ABOVE },
  },
  {
    name: 'sources-without-tests',
    comment: 'What is published does not import tests, benchmarks or scripts.',
    severity: 'error',
    from: SOURCES,
    to: { path: ['^packages/[^/]+/(?!src/)[^/]+/', TESTS] },
  },
  {
    name: 'resolvable',
    comment: 'The import leads nowhere: a file that is not there, or a path that `exports` does not name.',
    severity: 'error',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'declared',
    comment: 'Declare it in the package.json of the package that imports it.',
    severity: 'error',
    from: {},
    // The test runner and the bundler are the workspace's.
    to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], pathNot: '(^|/)node_modules/(vitest|tsdown)/' },
  },
  {
    name: 'no-dev-dependency',
    comment: 'A devDependency is not installed with the package: make it a dependency or a peer.',
    severity: 'error',
    from: SOURCES,
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'] },
  },
  {
    name: 'api-is-a-peer',
    comment: 'A second copy of @opentelemetry/api, newer than the application’s, silences telemetry.',
    severity: 'error',
    from: SOURCES,
    to: { path: API, dependencyTypesNot: ['npm-peer'] },
  },
  {
    name: 'no-opentelemetry-core',
    comment: 'The peer range of @opentelemetry/core breaks installs beside another line of the SDK.',
    severity: 'error',
    from: SOURCES,
    to: { path: '/@opentelemetry/core/' },
  },
];
