import { describe, expect, it } from 'vitest';
import { type Check, type Outcome, runChecks } from './check.ts';

const holds = async () => [];

describe('runChecks', () => {
  it('tells of every check, with what is wrong', async () => {
    const told = await run([
      { name: 'sound', run: holds },
      { name: 'broken', run: async () => ['a hole'] },
    ]);
    expect(told).toEqual([
      ['sound', []],
      ['broken', ['a hole']],
    ]);
  });

  it('takes an error for a failure', async () => {
    const [[, problems] = []] = await run([
      {
        name: 'throws',
        run: async () => {
          throw new Error('no such tool');
        },
      },
    ]);
    expect(problems?.[0]).toMatch('no such tool');
  });

  it.each([1, 2, 8])('keeps the order that a check asks for, with %i at a time', async (limit) => {
    const log: string[] = [];
    const logging = (name: string, after?: string): Check => ({
      name,
      ...(after ? { after } : {}),
      run: async () => {
        log.push(`${name} starts`);
        await new Promise(setImmediate);
        log.push(`${name} ends`);
        return [];
      },
    });
    await run([logging('third', 'second'), logging('second', 'first'), logging('first')], limit);
    expect(log.filter((line) => line.endsWith('ends'))).toEqual(['first ends', 'second ends', 'third ends']);
    expect(log.indexOf('second starts')).toBeGreaterThan(log.indexOf('first ends'));
  });

  it('does not run what comes after a failure, and counts it as failed', async () => {
    const told = await run([
      { name: 'tarballs', after: 'build', run: holds },
      { name: 'build', run: async () => ['syntax error'] },
    ]);
    expect(told).toEqual([
      ['build', ['syntax error']],
      ['tarballs', ['Not run, for build failed.']],
    ]);
  });

  it('runs a check whose predecessor was not chosen', async () => {
    expect(await run([{ name: 'tarballs', after: 'build', run: holds }])).toEqual([['tarballs', []]]);
  });

  it('runs no more at a time than it may', async () => {
    let running = 0;
    let most = 0;
    const check = (name: string): Check => ({
      name,
      run: async () => {
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        return [];
      },
    });
    await run(['a', 'b', 'c', 'd', 'e'].map(check), 2);
    expect(most).toBe(2);
  });
});

async function run(checks: Check[], limit = 2): Promise<[string, readonly string[]][]> {
  const told: Outcome[] = [];
  const outcomes = await runChecks(checks, limit, (outcome) => told.push(outcome));
  expect(told).toEqual(outcomes);
  return told.map(({ name, problems }) => [name, problems]);
}
