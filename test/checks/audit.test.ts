import { readFileSync } from 'node:fs';
import { validRange } from 'semver';
import { afterEach, describe, expect, it } from 'vitest';
import advisories from './advisories.json' with { type: 'json' };
import {
  type Advisory,
  type AdvisoryException,
  advisoryProblems,
  exceptionProblems,
  type Known,
} from './advisories.ts';
import { type AdvisoryRegistry, startAdvisoryRegistry } from './advisory-registry.ts';
import { deprecationProblems, ignoredProblems, reportedProblems, untoldProblems } from './audit.ts';
import { type LockedPackage, lockedPackages } from './lockfile-packages.ts';
import { askRegistry } from './registry-audit.ts';
import { foreign } from './user-lockfile.ts';

const KNOWN = advisories as readonly Advisory[];
const TODAY = '2026-11-26';

const advisory: Advisory = {
  package: 'left-pad',
  id: 'GHSA-aaaa-bbbb-cccc',
  severity: 'moderate',
  vulnerable: '<1.3.0',
  patched: '1.3.0',
  source: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
  lookedUp: TODAY,
};
const exception: AdvisoryException = {
  id: advisory.id,
  package: 'left-pad',
  versions: '1.2.0',
  reason: 'A test needs it.',
  until: TODAY,
};
const known: Known = { advisories: [advisory], exceptions: [], today: TODAY };
const excepting: Known = { ...known, exceptions: [exception] };
const tool: LockedPackage = { name: 'left-pad', version: '1.2.0', published: false };
const shipped: LockedPackage = { ...tool, published: true };

describe('a package with an advisory', () => {
  it('is told of, with the remedy', () => {
    expect(advisoryProblems([tool], known)).toEqual([
      'left-pad 1.2.0 has GHSA-aaaa-bbbb-cccc (moderate; a tool or test of ours brings it; patched in 1.3.0): ' +
        'https://github.com/advisories/GHSA-aaaa-bbbb-cccc',
    ]);
  });

  it.each([
    ['in another version', { ...tool, version: '1.3.0' }],
    ['of another name', { ...tool, name: 'right-pad' }],
  ])('is fine %s', (_, locked) => {
    expect(advisoryProblems([locked], known)).toEqual([]);
  });

  it('is not taken for sound because it is a prerelease', () => {
    expect(advisoryProblems([{ ...tool, version: '1.3.0-rc.1' }], known)).toHaveLength(1);
  });

  it('may be low in a tool, not in what users get', () => {
    const low: Known = { ...known, advisories: [{ ...advisory, severity: 'low' }] };
    expect(advisoryProblems([tool], low)).toEqual([]);
    expect(advisoryProblems([shipped], low)).toHaveLength(1);
  });

  it('may be excepted in a tool, never in what users get', () => {
    expect(advisoryProblems([tool], excepting)).toEqual([]);
    expect(advisoryProblems([shipped], excepting)).toHaveLength(1);
  });

  it('is excepted in no other version', () => {
    expect(advisoryProblems([{ ...tool, version: '1.1.0' }], excepting)).toHaveLength(1);
  });

  it('is told of again when its exception has ended', () => {
    const later: Known = { ...excepting, today: '2026-11-27' };
    expect(advisoryProblems([tool], later)).toHaveLength(1);
    expect(exceptionProblems([tool], later)).toEqual([
      'The exception for GHSA-aaaa-bbbb-cccc of left-pad ended on 2026-11-26: look again, mend it or say why not.',
    ]);
  });
});

describe('an exception', () => {
  it('holds on its last day', () => {
    expect(exceptionProblems([tool], excepting)).toEqual([]);
  });

  it('does not stay when nothing needs it', () => {
    expect(exceptionProblems([{ ...tool, version: '1.3.0' }], excepting)).toHaveLength(1);
  });

  it('is the same for pnpm, which would else hide more, or tell what we know', () => {
    const workspace = `auditConfig:\n  ignoreGhsas:\n    - ${advisory.id}\n`;
    expect(ignoredProblems(workspace, [exception])).toEqual([]);
    expect(ignoredProblems(workspace, [])).toHaveLength(1);
    expect(ignoredProblems('packages: []', [exception])).toHaveLength(1);
  });

  it('is shown to who reads about security, with its day', () => {
    expect(untoldProblems(`| ${advisory.id} | left-pad | ${TODAY} |`, [exception])).toEqual([]);
    expect(untoldProblems(`| ${advisory.id} | left-pad | 2026-10-01 |`, [exception])).toHaveLength(1);
  });
});

describe('a deprecated package', () => {
  it('does not come to users', () => {
    const deprecated = 'Use String.prototype.padStart().';
    expect(deprecationProblems([{ ...tool, deprecated }, shipped])).toEqual([]);
    expect(deprecationProblems([{ ...shipped, deprecated }])).toEqual([
      'left-pad 1.2.0 is deprecated: Use String.prototype.padStart().',
    ]);
  });
});

describe('what a lockfile holds', () => {
  const text = `
importers:
  packages/ours:
    dependencies:
      '@ours/other': { specifier: 'workspace:^', version: link:../other }
      alias: { specifier: 'npm:real@1.0.0', version: real@1.0.0 }
    devDependencies:
      tool: { specifier: 1.0.0, version: 1.0.0 }
  examples/one:
    dependencies:
      shown: { specifier: 1.0.0, version: 1.0.0 }
packages:
  real@1.0.0: {}
  '@deep/one@2.0.0': { deprecated: Given up. }
  tool@1.0.0: {}
  shown@1.0.0: {}
snapshots:
  real@1.0.0:
    dependencies:
      '@deep/one': 2.0.0(peer@1.0.0)
  '@deep/one@2.0.0(peer@1.0.0)': {}
`;

  it('comes to users where a published package leads to it, through aliases and peers', () => {
    expect(lockedPackages(text)).toEqual([
      { name: 'real', version: '1.0.0', published: true },
      { name: '@deep/one', version: '2.0.0', published: true, deprecated: 'Given up.' },
      { name: 'tool', version: '1.0.0', published: false },
      { name: 'shown', version: '1.0.0', published: false },
    ]);
  });

  it('is something', () => {
    expect(() => lockedPackages('packages: {}')).toThrow('holds no package');
  });

  it('is noticed when a version with an advisory comes into ours', () => {
    const ours = readFileSync('pnpm-lock.yaml', 'utf8');
    const older = ours
      .replaceAll(/fast-uri@3\.\d+\.\d+/g, 'fast-uri@3.1.5')
      .replaceAll(/fast-uri: 3\.\d+\.\d+/g, 'fast-uri: 3.1.5');
    const told = advisoryProblems(lockedPackages(older), { advisories: KNOWN, exceptions: [], today: TODAY });
    expect(told.filter((problem) => problem.includes('a published package brings it'))).toContainEqual(
      expect.stringContaining('fast-uri 3.1.5 has GHSA-5jgf-p345-68v8 (high'),
    );
  });
});

describe('what users resolve', () => {
  it('is what a package takes from elsewhere, in the ranges it publishes', () => {
    const manifest = {
      name: '@ours/one',
      dependencies: { '@ours/other': 'workspace:^', pinned: '1.0.0', shared: 'catalog:' },
      peerDependencies: { peer: '^1.0.0' },
    };
    expect(foreign(manifest, { shared: '^2.0.0' })).toEqual({
      peer: '^1.0.0',
      pinned: '1.0.0',
      shared: '^2.0.0',
    });
  });
});

describe('the list of advisories', () => {
  it.each(KNOWN.map((entry) => [`${entry.id} of ${entry.package}`, entry] as const))(
    'has a sound %s',
    (_, entry) => {
      expect(entry.id).toMatch(/^GHSA(-[2-9cfghjmpqrvwx]{4}){3}$/);
      expect(entry.source).toContain(entry.id);
      expect(validRange(entry.vulnerable)).not.toBeNull();
      expect(entry.lookedUp).toMatch(/^20\d\d-\d\d-\d\d$/);
      if (entry.patched !== null) {
        const patched: LockedPackage = { name: entry.package, version: entry.patched, published: true };
        expect(advisoryProblems([patched], { advisories: [entry], exceptions: [], today: TODAY })).toEqual(
          [],
        );
      }
    },
  );

  it('tells nothing twice', () => {
    const keys = KNOWN.map(({ package: name, id }) => `${name} ${id}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe('pnpm audit, asked of a registry', () => {
  let registry: AdvisoryRegistry;

  afterEach(() => registry.close());

  it('finds nothing in our lockfile by the advisories we know of', async () => {
    registry = await startAdvisoryRegistry(KNOWN);
    // Which it says by its exit code too: the two are held together.
    expect(await askRegistry('.', registry.url)).toEqual({ advisories: [] });
    expect(registry.asked).toContain('POST /-/npm/v1/security/advisories/bulk');
  });

  it('fails by one more, and the check tells it', async () => {
    const planted: Advisory = { ...advisory, package: 'pg', vulnerable: '>=8.0.0', severity: 'high' };
    registry = await startAdvisoryRegistry([...KNOWN, planted]);
    const problems = reportedProblems(await askRegistry('.', registry.url), () => true);
    expect(problems).toEqual([expect.stringMatching(/^pg 8\.\S+ has GHSA-aaaa-bbbb-cccc \(high\)/)]);
  });

  it.each([404, 405])('says that it could not ask one that answers %i', async (status) => {
    registry = await startAdvisoryRegistry(status);
    expect(await askRegistry('.', registry.url)).toEqual({ noEndpoint: status });
    expect(reportedProblems({ noEndpoint: status }, () => true)).toEqual([]);
  });

  it('does not take one that refuses for one that has nothing to tell', async () => {
    registry = await startAdvisoryRegistry(403);
    await expect(askRegistry('.', registry.url)).rejects.toThrow('pnpm audit failed');
  });
});
