import { describe, expect, it } from 'vitest';
import { SERVERS } from '../servers/servers.mjs';
import { closingLines, type FileResult, type Run } from './closing-lines.mjs';

describe('closingLines', () => {
  it('ends on the counts alone when nothing is to be said', () => {
    expect(closing({ files: [file('a.test.ts', 'passed', 'passed')] })).toEqual({
      lines: ['tests: 2 passed, 0 failed, 0 skipped'],
      ok: true,
    });
  });

  it('says which tests were skipped for want of which server, and why it is not there', () => {
    const [prometheus] = SERVERS;
    if (!prometheus) throw new Error('the table is empty');
    expect(
      closing({
        files: [file('test/e2e/a.test.ts', 'passed', 'skipped', 'skipped'), file('b.test.ts', 'todo')],
        asked: new Map([[prometheus, ['test/e2e/a.test.ts']]]),
        missing: [{ server: prometheus, why: 'not root' }],
      }).lines,
    ).toEqual([
      'skipped: 2 in test/e2e/a.test.ts: prometheus is missing (not root)',
      'skipped: 1 in b.test.ts: the test says so itself',
      'tests: 1 passed, 0 failed, 3 skipped',
    ]);
  });

  it('does not list what a name pattern left out', () => {
    expect(closing({ files: [file('a.test.ts', 'passed', 'skipped')], selected: true }).lines).toEqual([
      'tests: 1 passed, 0 failed, 1 skipped',
    ]);
  });

  it('counts a file that could not be loaded as a failure', () => {
    const broken = { name: '/work/a.test.ts', status: 'failed', assertionResults: [] };
    expect(closing({ files: [broken], exitCode: 1 })).toEqual({
      lines: ['tests: 0 passed, 1 failed, 0 skipped'],
      ok: false,
    });
  });

  it.each([
    ['vitest found no test', { files: [] }],
    ['every test was skipped', { files: [file('a.test.ts', 'skipped')], selected: true }],
    ['vitest wrote no results', { files: undefined }],
  ])('fails when %s', (_, run) => {
    const { lines, ok } = closing(run);
    expect(ok).toBe(false);
    expect(lines).toContain('No test ran: nothing is proved.');
    expect(lines.at(-1)).toMatch(/^tests: 0 passed, 1 failed, \d+ skipped$/);
  });

  it('fails when all tests passed and vitest did not', () => {
    const { lines, ok } = closing({ files: [file('a.test.ts', 'passed')], exitCode: 1 });
    expect(ok).toBe(false);
    expect(lines.at(-1)).toBe('tests: 1 passed, 1 failed, 0 skipped');
  });
});

function closing(run: Partial<Run> & { files: readonly FileResult[] | undefined }) {
  const { files, ...rest } = run;
  return closingLines({
    results: files && { testResults: files },
    exitCode: 0,
    root: '/work',
    asked: new Map(),
    missing: [],
    selected: false,
    ...rest,
  });
}

function file(path: string, ...statuses: string[]): FileResult {
  return {
    name: `/work/${path}`,
    status: statuses.includes('failed') ? 'failed' : 'passed',
    assertionResults: statuses.map((status) => ({ status })),
  };
}
