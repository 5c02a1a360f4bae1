// Debian: apt install tmux
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cli } from './command.ts';
import { hasTmux, Terminal } from './tmux.ts';

vi.setConfig({ testTimeout: 120_000 });

const ESCAPE = String.fromCharCode(27);
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    grants: [{ email: 'jonathan.long.name@an-example-of-a-long-domain.example.com', status: 'invalid' }],
  });
});
afterAll(() => simulator.close());

const env = (): Record<string, string> => ({
  NYLAS_API_KEY: simulator.apiKey,
  NYLAS_OTEL_API_URL: simulator.url,
  NYLAS_OTEL_STATUS_URL: simulator.url,
  NYLAS_OTEL_DATA_DIR: '/nonexistent/data',
  NYLAS_OTEL_METRICS_PORT: 'off',
});

describe.skipIf(!hasTmux)('in a terminal', () => {
  it('a table fits, ids are whole, and states have colours', async () => {
    using terminal = new Terminal(120, env());
    terminal.type('nylas-otel accounts list --full');
    const screen = await terminal.shows(/read from Nylas now/);
    const [grant] = simulator.grants.list();
    expect(screen).toContain(grant?.id);
    expect(screen).toContain('…');
    expect(screen.split('\n').filter((line) => line.includes(grant?.id as string))).toHaveLength(1);
    expect(terminal.screen(true)).toContain(`${ESCAPE}[31minvalid`);
  });

  it('NO_COLOR takes the colours away', async () => {
    using terminal = new Terminal(120, { ...env(), NO_COLOR: '1' });
    terminal.type('nylas-otel accounts list');
    await terminal.shows(/read from Nylas now/);
    expect(terminal.screen(true)).not.toContain(`${ESCAPE}[31m`);
  });

  it('doctor --watch looks again until Ctrl-C, and breaks lines between words', async () => {
    using terminal = new Terminal(80, env());
    terminal.type('nylas-otel doctor --watch 1 --only credentials,accounts,application');
    await terminal.shows(/Every 1 s; Ctrl-C ends it/);
    for (const line of terminal.lines()) expect(line.length, line).toBeLessThanOrEqual(80);
    terminal.press('C-c');
    terminal.type('echo "ended with $?"');
    await terminal.shows(/ended with (0|130)/);
  });
});

describe('without a terminal', () => {
  it('there are no colours and nothing is cut', async () => {
    const { stdout } = await cli(['accounts', 'list', '--full'], { env: env() });
    expect(stdout).toContain('jonathan.long.name@an-example-of-a-long-domain.example.com');
    expect(stdout).not.toContain(ESCAPE);
  });
});
