import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FAULT_NAMES, startSimulator } from '@nylas-otel/simulator';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const FOLDER = join(import.meta.dirname, 'fixtures/differential');

interface Run {
  /** What the application saw, by fault and call. */
  readonly seen: Readonly<Record<string, unknown>>;
  readonly spans: number;
}

async function callEverything(sdk: string, instrumented: boolean): Promise<Run> {
  // Each run has a simulator of its own, of the same seed: the same calls get the same answers to the byte.
  await using simulator = await startSimulator({
    seed: 7,
    grants: 1,
    accounts: 1,
    requestLog: 2_000,
    clock: () => 1_790_000_000_000,
  });
  const { stdout } = await run(
    process.execPath,
    [...(instrumented ? ['--require', './telemetry.cjs'] : []), 'calls.cjs'],
    {
      cwd: FOLDER,
      maxBuffer: 64 * 1024 * 1024,
      timeout: 120_000,
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        NYLAS_SDK: sdk,
        NYLAS_URL: simulator.url,
        NYLAS_KEY: simulator.apiKey,
        NYLAS_GRANT: simulator.grants.list()[0]?.id,
        NYLAS_TOKEN: simulator.accounts.list()[0]?.accessToken,
        FAULTS: FAULT_NAMES.join(','),
      },
    },
  );
  return JSON.parse(stdout) as Run;
}

describe.each(['nylas6', 'nylas7', 'nylas8'])('%s with and without us', (sdk) => {
  it('gives the application the same results, errors, streams and time-outs for every fault, and Nylas the same requests', {
    timeout: 240_000,
  }, async () => {
    const [bare, instrumented] = await Promise.all([callEverything(sdk, false), callEverything(sdk, true)]);
    expect(bare.spans).toBe(0);
    // Every call was really seen by us: at least an operation and a request each.
    expect(instrumented.spans).toBeGreaterThan(2 * FAULT_NAMES.length * 4);
    expect(Object.keys(bare.seen).length).toBeGreaterThan(FAULT_NAMES.length * 5);
    for (const [call, seen] of Object.entries(bare.seen)) expect(instrumented.seen[call], call).toEqual(seen);
    expect(Object.keys(instrumented.seen)).toEqual(Object.keys(bare.seen));
  });
});
