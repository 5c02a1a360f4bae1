import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runRegistered } from './child-process.ts';
import { NO_METRICS, portOf, QUIET, simulated } from './fixture-needs.ts';
import { send } from './loopback.ts';
import { samplesOf } from './prometheus-text.ts';

describe('the environment', () => {
  it('is checked: what cannot be used is named with the fix, never with its value, and the host goes on', async () => {
    const { code, stderr } = await runRegistered('who-runs.mjs', {
      ...QUIET,
      NYLAS_OTEL_METRICS_PORT: 'hunter2',
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
      NYLAS_OTEL_MODE: 'sometimes',
      NYLAS_OTEL_CALLERS: 'maybe',
      NYLAS_OTEL_METRIC_PATH: '/x',
    }).ended;
    expect(code).toBe(0);
    expect(stderr).toContain(
      'NYLAS_OTEL_METRICS_PORT holds a text that cannot be used. It is ignored and the default is used. Give a port from 0 to 65535, or "off".',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_MODE holds a text that cannot be used. It is ignored and the default is used. Give one of auto, own, enrich, off.',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_CALLERS holds a text that cannot be used. It is ignored and the default is used. Give true or false.',
    );
    expect(stderr).toContain(
      'NYLAS_OTEL_METRIC_PATH is not a variable of nylas-otel and is ignored. Did you mean "NYLAS_OTEL_METRICS_PATH"?',
    );
    expect(stderr).not.toMatch(/hunter2|sometimes|maybe/);
  });

  it('gives the token of /metrics, from a file too; one that cannot be read closes the endpoint', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nylas-otel-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'token');
    writeFileSync(file, 's3cret\n');
    for (const [path, status] of [
      [file, 200],
      [join(folder, 'missing'), 401],
    ] as const) {
      const port = await getPort();
      const running = runRegistered('server.mjs', {
        ...QUIET,
        NYLAS_OTEL_METRICS_PORT: String(port),
        NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
        NYLAS_OTEL_METRICS_TOKEN_FILE: path,
      });
      await portOf(running);
      const url = `http://127.0.0.1:${port}/metrics`;
      expect((await send(url)).status).toBe(401);
      expect((await send(url, { headers: { authorization: 'Bearer s3cret' } })).status).toBe(status);
      running.child.kill('SIGKILL');
      const { stderr } = await running.ended;
      if (status === 401)
        expect(stderr).toMatch(
          /NYLAS_OTEL_METRICS_TOKEN_FILE names a file that cannot be read \(ENOENT\)\. Every scrape is refused/,
        );
      else expect(stderr).toBe('');
    }
  });

  it('serves who is hurting where a token guards it; without one it is not served, and the host goes on', async () => {
    for (const token of [{}, { NYLAS_OTEL_METRICS_TOKEN: 's3cret' }]) {
      const port = await getPort();
      const running = runRegistered('server.mjs', {
        ...QUIET,
        ...token,
        NYLAS_OTEL_METRICS_PORT: String(port),
        NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
        NYLAS_OTEL_HURTING_PATH: '/hurting',
      });
      await portOf(running);
      const guarded = 'NYLAS_OTEL_METRICS_TOKEN' in token;
      const headers = { authorization: 'Bearer s3cret' };
      expect((await send(`http://127.0.0.1:${port}/hurting`, { headers })).status).toBe(guarded ? 200 : 404);
      running.child.kill('SIGKILL');
      const { stderr } = await running.ended;
      if (guarded) expect(stderr).toBe('');
      else expect(stderr).toContain('NYLAS_OTEL_HURTING_PATH is not served without credentials');
    }
  });

  it('turns on the watch over accounts', async () => {
    const port = await getPort();
    const env = await simulated();
    const running = runRegistered('server.mjs', {
      ...QUIET,
      ...env,
      NYLAS_OTEL_WATCH_ACCOUNTS: 'true',
      NYLAS_OTEL_API_URL: env.SIMULATOR as string,
      NYLAS_OTEL_APPLICATION: 'mail',
      NYLAS_OTEL_METRICS_PORT: String(port),
      NYLAS_OTEL_METRICS_HOST: '127.0.0.1',
    });
    await portOf(running);
    const running1 = async () => {
      const text = (await send(`http://127.0.0.1:${port}/metrics`)).body.toString();
      return samplesOf(text, 'nylas_accounts')
        .filter(({ value }) => value > 0)
        .map(({ labels, value }) => [labels.nylas_application, labels.nylas_account_state, value]);
    };
    await expect.poll(running1, { timeout: 10_000 }).toEqual([['mail', 'running', 1]]);
  });

  it('without credentials for the watch says what is missing', async () => {
    const { code, stderr } = await runRegistered('who-runs.mjs', {
      ...QUIET,
      ...NO_METRICS,
      NYLAS_OTEL_WATCH_ACCOUNTS: 'true',
    }).ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/Set NYLAS_API_KEY/);
  });
});
