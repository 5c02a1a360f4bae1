import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const require = createRequire(import.meta.url);
const JEST = require.resolve('jest/bin/jest');
const PROJECT = fileURLToPath(new URL('./fixtures/jest/', import.meta.url));

it('the test kit runs under Jest, required as CommonJS from what is published', {
  timeout: 120_000,
}, async () => {
  const args = [JEST, '--rootDir', PROJECT, '--config', `${PROJECT}jest.config.cjs`, '--json', '--runInBand'];
  // Jest is a program of its own: the conditions of these tests would lead it to our sources.
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stdout: string }) => error,
  );
  const { testResults } = JSON.parse(stdout) as {
    testResults: { message: string; assertionResults: { title: string; status: string }[] }[];
  };
  expect(testResults.map((file) => file.message).join('\n')).toBe('');
  expect(testResults.flatMap((file) => file.assertionResults.map((one) => [one.title, one.status]))).toEqual([
    ['reads a mailbox', 'passed'],
    ['waits as long as the provider asks', 'passed'],
    ['asks the user when the grant expired', 'passed'],
  ]);
});
