import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { signWebhook } from '@nylas-otel/webhooks';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cli, folder } from './command.ts';

// A process of its own for each command.
vi.setConfig({ testTimeout: 120_000 });

let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    grants: [
      { email: 'jane@example.com', provider: 'google' },
      { email: 'bob@example.com', provider: 'microsoft', status: 'invalid' },
    ],
  });
});
afterAll(() => simulator.close());

const nylas = (): Record<string, string> => ({
  NYLAS_API_KEY: simulator.apiKey,
  NYLAS_OTEL_API_URL: simulator.url,
});

describe('the command line', () => {
  it('explains itself, and each command with examples', async () => {
    const help = await cli(['--help']);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const command of ['exporter', 'doctor', 'status', 'accounts', 'init'])
      expect(help.stdout).toContain(command);
    const doctor = await cli(['doctor', '--help']);
    expect(doctor.stdout).toContain('Examples:');
    expect(doctor.stdout).toContain('NYLAS_API_KEY_FILE');
  });

  it.each([
    [['doctr'], 'Did you mean doctor?', 'nylas-otel --help'],
    [['doctor', '--wach'], 'Did you mean --watch?', 'nylas-otel doctor --help'],
    [['accounts', 'show'], "missing required argument 'account'", 'nylas-otel accounts show --help'],
    [[], 'Usage: nylas-otel', ''],
  ])('answers %j with 2, what is meant and where to look', async (args, told, where) => {
    const { code, stderr, stdout } = await cli(args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(told);
    expect(stderr).toContain(where);
  });

  it('takes no secret on the command line, and does not repeat it', async () => {
    const { code, stderr } = await cli(['doctor', '--api-key', 'nyk_v0_canary']);
    expect(code).toBe(2);
    expect(stderr).toContain('every user of this machine sees command lines');
    expect(stderr).toContain('--api-key-file');
    expect(stderr).not.toContain('canary');
  });

  it('tells every problem of the configuration with 2, before it does anything', async () => {
    using place = folder();
    writeFileSync(join(place.path, 'nylas-otel.yaml'), 'nylas:\n  regon: eu\nmetrics:\n  port: many\n');
    const { code, stderr } = await cli(['exporter'], {
      cwd: place.path,
      env: { NYLAS_OTEL_LOG_LEVEL: 'loud' },
    });
    expect(code).toBe(2);
    expect(stderr).toContain('nylas-otel.yaml:2: nylas.regon is not known. Did you mean "region"?');
    expect(stderr).toContain('nylas-otel.yaml:4: metrics.port');
    expect(stderr).toContain('NYLAS_OTEL_LOG_LEVEL: log.level cannot be used. Give one of none, error');
  });

  it('gives errors as JSON too', async () => {
    const { code, stdout } = await cli(['accounts', 'list', '--json']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        exit: 'usage',
        message: 'There are no credentials for Nylas.',
        fix: expect.stringContaining('NYLAS_API_KEY'),
      },
    });
  });
});

describe('accounts list, without a store', () => {
  it('reads them from Nylas, addresses masked, in JSON and as a table', async () => {
    const json = await cli(['accounts', 'list', '--json'], { env: nylas() });
    expect(json.code).toBe(0);
    const { source, counts, accounts } = JSON.parse(json.stdout);
    expect(source).toBe('nylas');
    expect(counts).toMatchObject({ running: 1, invalid: 1, stopped: 0 });
    expect(accounts).toHaveLength(2);
    expect(json.stdout).not.toContain('jane@');
    const table = await cli(['accounts', 'list', '--unhealthy', '--full'], { env: nylas() });
    expect(table.stdout).toMatch(/bob@example\.com +microsoft +invalid/);
    expect(table.stdout).not.toContain('jane@');
    expect(table.stdout).toContain('1 running, 1 invalid, read from Nylas now');
  });

  it('ends with 3 for a wrong key, and says what to do', async () => {
    const { code, stderr } = await cli(['accounts', 'list'], {
      env: { ...nylas(), NYLAS_API_KEY: 'nyk_v0_wrong' },
    });
    expect(code).toBe(3);
    expect(stderr).toContain('doctor');
    expect(stderr).not.toContain('nyk_v0_wrong');
  });

  it('ends with 4 where nothing answers, and where something else does', async () => {
    const dead = await cli(['webhooks', 'list'], {
      env: { ...nylas(), NYLAS_OTEL_API_URL: 'http://127.0.0.1:9' },
    });
    expect(dead.code).toBe(4);
    expect(dead.stderr).toContain('127.0.0.1:9 did not answer');
    const other = createServer((_, response) => response.end('<html>Sign in to the Wi-Fi</html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const portal = await cli(['webhooks', 'list'], {
      env: { ...nylas(), NYLAS_OTEL_API_URL: `http://127.0.0.1:${port}` },
    });
    other.close();
    expect(portal.code).toBe(4);
  });

  it('says with 5 that there is no store for what needs one', async () => {
    using place = folder();
    const env = { ...nylas(), NYLAS_OTEL_DATA_DIR: join(place.path, 'none') };
    const { code, stderr } = await cli(['accounts', 'show', 'jane@example.com'], { env });
    expect(code).toBe(5);
    expect(stderr).toContain('There is no store yet');
    expect(stderr).toContain('nylas-otel exporter');
  });
});

describe('webhooks verify', () => {
  const body =
    '{"specversion":"1.0","type":"message.created","source":"/google/emails/realtime","id":"1","time":1,"data":{"object":{"grant_id":"g"}}}';
  const env = { NYLAS_WEBHOOK_SECRET: 'old-secret,the-secret' };

  it('says which secret a saved delivery was signed with', async () => {
    const signature = signWebhook(Buffer.from(body), 'the-secret');
    const { code, stdout } = await cli(['webhooks', 'verify', '-', '--signature', signature], {
      env,
      input: body,
    });
    expect(code).toBe(0);
    expect(stdout).toContain('The signature is good (secret 2 of 2)');
    expect(stdout).toContain('message.created');
  });

  it('ends with 1 and a hint where it does not match', async () => {
    using place = folder();
    const file = join(place.path, 'body.json');
    writeFileSync(file, `${body}\n`);
    const signature = signWebhook(Buffer.from(body), 'the-secret');
    const { code, stdout } = await cli(['webhooks', 'verify', file, '--signature', signature, '--json'], {
      env,
    });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: false,
      secret: null,
      hints: expect.arrayContaining([expect.stringContaining('line break')]),
    });
  });
});

describe('webhooks send-test', () => {
  it('delivers as Nylas does, and says what the answer means', async () => {
    let answer = 200;
    const seen: { signature: unknown; encoding: unknown }[] = [];
    const receiver = createServer((request, response) => {
      seen.push({
        signature: request.headers['x-nylas-signature'],
        encoding: request.headers['content-encoding'],
      });
      request.resume().on('end', () => response.writeHead(answer).end());
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    const env = { NYLAS_WEBHOOK_SECRET: 'the-secret' };
    expect(
      await cli(['webhooks', 'send-test', 'grant.expired', '--to', to, '--gzip'], { env }),
    ).toMatchObject({ code: 0 });
    expect(seen).toEqual([{ signature: expect.stringMatching(/^[0-9a-f]{64}$/), encoding: 'gzip' }]);
    answer = 500;
    const failed = await cli(['webhooks', 'send-test', '--to', to], { env });
    receiver.close();
    expect(failed.code).toBe(1);
    expect(failed.stdout).toContain('Nylas never sends again after a 500');
    expect((await cli(['webhooks', 'send-test', '--to', to], { env })).code).toBe(4);
  });
});

describe('init', () => {
  it.each([
    [
      'express',
      { type: 'module', dependencies: { express: '5.3.0', nylas: '8.4.0' } },
      "app.use('/webhooks/nylas', nylasWebhooks(",
    ],
    ['fastify', { dependencies: { fastify: '5.0.0', nylas: '7.13.1' } }, 'fastifyWebhooks('],
    ['hono', { type: 'module', dependencies: { hono: '4.0.0', nylas: '8.4.0' } }, 'honoWebhooks('],
    ['nest', { dependencies: { '@nestjs/core': '12.0.0', nylas: '8.4.0' } }, 'mountNestWebhooks(app'],
  ])('finds %s and prints the lines for it', async (framework, manifest, line) => {
    using place = folder();
    writeFileSync(join(place.path, 'package.json'), JSON.stringify(manifest));
    const { code, stdout } = await cli(['init', place.path, '--json']);
    expect(code).toBe(0);
    const { project, steps } = JSON.parse(stdout);
    expect(project).toMatchObject({
      framework,
      openTelemetry: 'none',
      modules: 'type' in manifest ? 'esm' : 'commonjs',
    });
    expect(JSON.stringify(steps)).toContain(line);
    expect(JSON.stringify(steps)).toContain('--import @nylas-otel/node/register');
  });

  it('finds the line of an OpenTelemetry SDK, the start script and where bodies are parsed', async () => {
    using place = folder();
    const write = (name: string, text: string): void => writeFileSync(join(place.path, name), text);
    write(
      'package.json',
      JSON.stringify({
        dependencies: { express: '4.0.0', nylas: '8.4.0', '@opentelemetry/sdk-node': '^0.210.0' },
      }),
    );
    write('pnpm-lock.yaml', '');
    write(
      'telemetry.js',
      "const { NodeSDK } = require('@opentelemetry/sdk-node');\n\nnew NodeSDK({}).start();\n",
    );
    write('app.js', 'const app = express();\napp.use(express.json());\n');
    const { stdout } = await cli(['init', place.path]);
    expect(stdout).toContain('express, CommonJS, OpenTelemetry 2.x, nylas 8.4.0, pnpm');
    expect(stdout).toContain('telemetry.js, line 3: new NodeSDK({}).start();');
    expect(stdout).toContain('app.js, before line 2: app.use(express.json());');
    expect(stdout).toContain("const { withNylas } = require('@nylas-otel/instrumentation');");
    expect(stdout).toContain('pnpm add @nylas-otel/webhooks');
  });

  it('says where a Node service is not', async () => {
    using place = folder();
    const { code, stderr } = await cli(['init', place.path]);
    expect(code).toBe(2);
    expect(stderr).toContain('nylas-otel exporter');
  });
});
