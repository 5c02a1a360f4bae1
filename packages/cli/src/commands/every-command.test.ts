import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from '../exit-codes.ts';
import { run } from '../main.ts';
import { COMMANDS } from './command-table.ts';

/** Runs a command line in this process, with nothing of the developer's around it. */
async function ran(argv: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => ({
    write: (text: string): void => {
      said[name] += text;
    },
  });
  const code = await run(argv, {
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    env: { HOME: '/nonexistent', NYLAS_OTEL_DATA_DIR: '/nonexistent/data', NYLAS_OTEL_SOCKET: 'off' },
    cwd: '/nonexistent',
    signal: new AbortController().signal,
    now: Date.now,
  });
  return { code, ...said };
}

describe.each(COMMANDS.map((command) => [command.path.join(' '), command] as const))(
  '%s',
  (_name, command) => {
    it('teaches: what it does, an example that is a line of it, and how it ends', async () => {
      const { code, stdout } = await ran([...command.path, '--help']);
      expect(code).toBe(0);
      const oneLine = stdout.replaceAll(/\s+/g, ' ');
      expect(oneLine).toContain(command.summary);
      expect(command.examples.length).toBeGreaterThan(0);
      for (const { line } of command.examples) {
        expect(line).toContain(`nylas-otel ${command.path.join(' ')}`);
        expect(stdout).toContain(`$ ${line}`);
      }
      const [, ends = ''] = stdout.split('Ends with:');
      const codes = [...ends.matchAll(/^ {2}(\d+) /gm)].map(([, number]) => Number(number));
      expect(codes).toEqual([...codes].sort((a, b) => a - b));
      for (const name of command.exits) expect(codes).toContain(EXIT_CODES[name].code);
      expect(codes.includes(130)).toBe(command.endsBySignal !== true);
    });

    // One that ends by a signal prints its log as JSON lines: exporter.test.ts.
    if (command.endsBySignal === true) return;
    it('with --json prints one document, also for what is wrong', async () => {
      const needed = (command.arguments ?? []).filter(({ optional }) => !optional).map(() => 'nothing-there');
      const { code, stdout } = await ran([...command.path, ...needed, '--json']);
      const document = JSON.parse(stdout) as { error?: { message: string; fix: string; exit: string } };
      if (code > 1) {
        const { error } = document;
        expect(EXIT_CODES[error?.exit as keyof typeof EXIT_CODES].code).toBe(code);
        expect(error?.message).toMatch(/\S/);
        expect(error?.fix).toMatch(/\S/);
      }
      const wrong = await ran([...command.path, ...needed, '--no-such-flag', '--json']);
      expect(wrong.code).toBe(2);
      expect(JSON.parse(wrong.stdout)).toMatchObject({
        error: {
          message: expect.stringContaining('--no-such-flag'),
          fix: expect.stringContaining('--help'),
          exit: 'usage',
        },
      });
    });
  },
);
