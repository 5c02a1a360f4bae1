import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScriptedServer, startScriptedServer } from './scripted-server.ts';

const run = promisify(execFile);
const FIXTURES = join(import.meta.dirname, 'fixtures');
// The workspace's Node, and the machine's own where the test runner says which it is (Node 20 on most machines).
const NODES = [...new Set([process.execPath, process.env.NYLAS_OTEL_HOST_NODE ?? process.execPath])];
const OPERATION = { name: 'nylas messages.find', scope: '@nylas-otel/instrumentation' };
const HTTP_V3 = {
  name: 'GET /v3/grants/{grant_id}/messages/{message_id}',
  scope: '@nylas-otel/instrumentation',
};

interface Report {
  readonly spans: Array<{ name: string; scope: string }>;
  readonly requests: number;
  readonly seen?: string[];
  /** All that the process printed. */
  readonly output: string;
  readonly differentCopies?: boolean;
}

let server: ScriptedServer;
beforeAll(async () => {
  server = await startScriptedServer();
});
afterAll(() => server.close());

/** Runs a fixture in a process of its own, from the built packages, and reads its report. */
async function runFixture(node: string, args: string[], env: Record<string, string> = {}): Promise<Report> {
  const { stdout, stderr } = await run(node, args, {
    cwd: FIXTURES,
    env: { ...process.env, NODE_OPTIONS: '', NYLAS_HOST: server.host, ...env },
    timeout: 20_000,
  });
  const report = /^REPORT (.*)$/m.exec(stdout)?.[1];
  if (report === undefined) throw new Error(`no report in: ${stdout}`);
  return { ...(JSON.parse(report) as Report), output: stdout + stderr };
}

describe.each(NODES)('on %s', (node) => {
  it('ES modules, --import with the loader hook', async () => {
    const { spans, requests } = await runFixture(node, ['--import', './setup.mjs', 'app.mjs'], {
      HOOK: 'register',
    });
    expect(spans).toEqual([HTTP_V3, OPERATION]);
    expect(requests).toBe(1);
  });

  it('ES modules, --import without a hook: HTTP spans and counts still, and a warning that says what to do', async () => {
    const { spans, requests, output } = await runFixture(node, ['--import', './setup.mjs', 'app.mjs']);
    expect(spans).toEqual([HTTP_V3]);
    expect(output).toMatch(/was not patched.*instrumentNylas\(client\)/s);
    expect(requests).toBe(1);
  });

  it('CommonJS, --require', async () => {
    const { spans, requests } = await runFixture(node, ['--require', './setup.cjs', 'app-cjs.cjs']);
    expect(spans).toEqual([HTTP_V3, OPERATION]);
    expect(requests).toBe(1);
  });

  it('CommonJS application, --import', async () => {
    const { spans } = await runFixture(node, ['--import', './setup.mjs', 'app-cjs.cjs'], { SDK: 'started' });
    expect(spans).toEqual([HTTP_V3, OPERATION]);
  });

  it('nylas 7 and 6, CommonJS', async () => {
    const seven = await runFixture(node, ['--require', './setup.cjs', 'app-cjs.cjs'], {
      NYLAS_PACKAGE: 'nylas7',
    });
    expect(seven.spans).toEqual([HTTP_V3, OPERATION]);
    const six = await runFixture(node, ['--require', './setup.cjs', 'app-v6.cjs']);
    expect(six.spans.map(({ name }) => name)).toEqual(['GET /messages/{message_id}', 'nylas messages.find']);
  });

  it('without any hook, instrumentNylas(client)', async () => {
    const { spans, requests } = await runFixture(node, ['app-loader-free.mjs']);
    expect(spans).toEqual([HTTP_V3, OPERATION]);
    expect(requests).toBe(1);
  });

  it('two copies of our packages: one span, one count, until the last one stops', async () => {
    const { spans, requests, differentCopies } = await runFixture(node, ['app-two-copies.mjs']);
    expect(differentCopies).toBe(true);
    expect(spans).toEqual([HTTP_V3, OPERATION, HTTP_V3, OPERATION]);
    expect(requests).toBe(2);
  });

  it('a MockAgent and a replaced global fetch see no header of ours', async () => {
    const { seen, spans } = await runFixture(node, ['app-mocked.mjs']);
    expect(seen).toContain('authorization');
    expect(seen!.filter((name) => /otel|traceparent|baggage/i.test(name))).toEqual([]);
    expect(spans.map(({ name }) => name)).toEqual([
      'nylas messages.find',
      'nylas messages.find',
      'nylas messages.find',
    ]);
  });

  it('keeps no process alive', async () => {
    await run(node, ['app-idle.mjs'], { cwd: FIXTURES, timeout: 10_000 });
  });

  it.each(['esm', 'cjs'] as const)('bundled with esbuild as %s, instrumentNylas(client)', async (format) => {
    const folder = await mkdtemp(join(FIXTURES, '.bundle-'));
    try {
      const outfile = join(folder, format === 'esm' ? 'app.mjs' : 'app.cjs');
      await build({
        entryPoints: [join(FIXTURES, 'app-loader-free.mjs')],
        bundle: true,
        minify: true,
        platform: 'node',
        target: 'node20',
        format,
        outfile,
        logLevel: 'silent',
        // A bundled CommonJS dependency needs `require` in an ES module.
        ...(format === 'esm'
          ? {
              banner: {
                js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
              },
            }
          : {}),
      });
      const { spans, requests } = await runFixture(node, [outfile]);
      expect(spans).toEqual([HTTP_V3, OPERATION]);
      expect(requests).toBe(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
