import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addLogger, emitLogEvent } from '@nylas-otel/telemetry';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorLog, supportBundle } from '../src/index.ts';

const GRANT = 'e19f8e1a-eb1c-41c0-b6a6-d2e59daf7f47';
const MESSAGE_ID = '<CAFx8r3bYkq1n2m3p4o5q6r7s8t9u@mail.gmail.com>';
const REQUEST = '1234567890-aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const NOW = new Date('2026-11-26T12:00:00Z');
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  path = join(folder, 'errors.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const line = (more: object = {}) =>
  JSON.stringify({
    time: '2026-11-25T10:00:00.000Z',
    level: 'error',
    'event.name': 'nylas.client.error',
    'error.type': 'provider_error',
    'http.request.method': 'GET',
    'url.template': '/v3/grants/{grant_id}/messages',
    'http.response.status_code': 504,
    'nylas.grant.id': GRANT,
    'nylas.request.id': REQUEST,
    'nylas.flow.id': 'flow-1',
    message: 'GET failed for ben@example.com',
    ...more,
  });

describe('errorLog', () => {
  it('writes what the telemetry tells as JSON lines that a bundle reads, readable by the owner only', async () => {
    const log = errorLog({ path });
    const remove = addLogger(log);
    emitLogEvent(
      { name: 'test', version: '1' },
      {
        name: 'nylas.client.error',
        severity: 'error',
        attributes: {
          'nylas.grant.id': GRANT,
          'nylas.request.id': REQUEST,
          'http.response.status_code': 502,
        },
        message: 'it failed',
      },
    );
    remove();
    await log.close();
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      level: 'error',
      'event.name': 'nylas.client.error',
      'nylas.request.id': REQUEST,
      message: 'it failed',
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { json } = await supportBundle({ account: GRANT, errorLog: path });
    expect(json.errors).toMatchObject([{ status: 502, requestId: REQUEST, message: 'it failed' }]);
  });

  it('begins a new file before one is too large, keeps so many, and loses no line in between', async () => {
    const log = errorLog({ path, maxBytes: 2_000, keep: 2 });
    for (let i = 0; i < 60; i++) {
      log.warn(`line ${i}`, { n: i });
      if (i % 7 === 0) await log.flush();
    }
    await log.close();
    const files = (await readdir(folder)).sort();
    expect(files).toEqual(['errors.jsonl', 'errors.jsonl.1', 'errors.jsonl.2']);
    const numbers: number[] = [];
    for (const file of files.reverse()) {
      const text = await readFile(join(folder, file), 'utf8');
      expect(text.length).toBeLessThanOrEqual(2_000);
      for (const one of text.trim().split('\n')) numbers.push((JSON.parse(one) as { n: number }).n);
    }
    expect(numbers.at(-1)).toBe(59);
    expect(numbers).toEqual(numbers.map((_, i) => (numbers[0] as number) + i));
  });

  it('goes on in a file that is there, and does not throw when it cannot be written', async () => {
    await writeFile(path, `${line()}\n`);
    const log = errorLog({ path });
    log.error('second');
    await log.close();
    expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(2);
    const nowhere = errorLog({ path: join(folder, 'no', 'such', 'folder') });
    nowhere.error('lost');
    await nowhere.close();
  });

  it('refuses options that cannot be used', () => {
    expect(() => errorLog({ path: '' })).toThrow(/^errorLog: path/);
    expect(() => errorLog({ path, maxBytes: 1 })).toThrow(/^errorLog: maxBytes/);
  });
});

describe('supportBundle from an error log', () => {
  it('shows the errors of the account with their ids, and no address', async () => {
    await writeFile(
      path,
      [line(), line({ 'nylas.grant.id': 'another' }), 'no json', '[]', '', line({ time: 'x' })].join('\n'),
    );
    const { markdown, json } = await supportBundle({ account: GRANT, errorLog: path, now: NOW });
    expect(json.errors).toEqual([
      {
        time: '2026-11-25T10:00:00.000Z',
        name: 'nylas.client.error',
        errorType: 'provider_error',
        status: 504,
        method: 'GET',
        template: '/v3/grants/{grant_id}/messages',
        requestId: REQUEST,
        flowId: 'flow-1',
        traceId: undefined,
        message: 'GET failed for [address 1]',
      },
    ]);
    expect(json.warnings).toEqual(['3 lines of the error log could not be read.']);
    expect(markdown).toContain(REQUEST);
    expect(markdown).toContain(GRANT);
  });

  it('takes lines of pino and winston too', async () => {
    await writeFile(
      path,
      [
        JSON.stringify({ level: 50, time: NOW.getTime() - 1_000, msg: 'pino', 'nylas.grant.id': GRANT }),
        JSON.stringify({
          level: 'error',
          timestamp: NOW.toISOString(),
          message: 'winston',
          'nylas.grant.id': GRANT,
        }),
      ].join('\n'),
    );
    const { json } = await supportBundle({ account: GRANT, errorLog: path, now: NOW });
    expect(json.errors.map(({ message }) => message)).toEqual(['pino', 'winston']);
  });

  it('lists what is missing, and what was given no more', async () => {
    const bare = await supportBundle({ account: GRANT, now: NOW });
    expect(bare.json.missing).toHaveLength(10);
    expect(bare.markdown).toContain('Dashboard > Accounts');
    await writeFile(path, line());
    const full = await supportBundle({
      account: GRANT,
      errorLog: path,
      now: NOW,
      messageIds: ['msg-1'],
      syncLog: 'sync log',
      userSees: 'no mail',
      settingsChanged: 'a new password',
      code: 'nylas.messages.list()',
      reproduction: 'always',
      tried: 'turned it off and on',
    });
    expect(full.json.missing).toEqual(['state of the account: it is not in the store (store)']);
  });

  it('holds all that it is given, as Markdown and as JSON', async () => {
    await writeFile(path, line());
    const given = {
      syncLog: '11:02 syncback failed',
      userSees: 'no mail since Monday',
      settingsChanged: 'a new password on Sunday',
      code: 'nylas.messages.list()',
      reproduction: 'open the inbox',
      tried: 'turned it off and on',
    };
    const { json, markdown } = await supportBundle({
      account: GRANT,
      errorLog: path,
      now: NOW,
      messageIds: ['msg-1', 'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0ARUTYxNjI4NzY2NDQw', MESSAGE_ID],
      versions: { nylas: '8.0.0' },
      application: 'crm',
      ...given,
    });
    const { tried, ...others } = given;
    expect(json).toMatchObject({ ...others, application: 'crm' });
    expect(json.messageIds).toEqual([
      'msg-1',
      'AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0ARUTYxNjI4NzY2NDQw',
      MESSAGE_ID,
    ]);
    expect(json.tried).toEqual([{ time: NOW.toISOString(), kind: 'told by a person', text: tried }]);
    expect(json.versions).toMatchObject({ nylas: '8.0.0', node: process.versions.node });
    expect(json.account.id).toBe(GRANT);
    expect([json.from, json.until]).toEqual(['2026-11-25T10:00:00.000Z', '2026-11-25T10:00:00.000Z']);
    const shown = [...Object.values(given), 'msg-1', MESSAGE_ID, '8.0.0', 'crm', GRANT, REQUEST];
    for (const one of [...shown, '2026-11-25T10:00:00.000Z']) expect(markdown).toContain(one);
  });

  it.each([
    ['2026-11-25T10:00:00Z', undefined],
    ['2026-11-15T12:00:00Z', 'are deleted on 2026-11-29'],
    ['2026-11-12T12:00:01Z', 'are deleted on 2026-11-26'],
    ['2026-11-01T12:00:00Z', 'are gone since 2026-11-15'],
  ])('warns when the sync logs of trouble since %s end', async (time, words) => {
    await writeFile(path, line({ time }));
    const since = new Date('2026-10-01T00:00:00Z');
    const { json } = await supportBundle({ account: GRANT, errorLog: path, now: NOW, since });
    if (words === undefined) expect(json.warnings).toEqual([]);
    else expect(json.warnings[0]).toContain(words);
  });

  it('is the same for the same input, under 1 MB, and says what was cut', async () => {
    await writeFile(
      path,
      Array.from({ length: 3_000 }, () => line({ message: 'x y '.repeat(250) })).join('\n'),
    );
    const options = {
      account: GRANT,
      errorLog: path,
      now: NOW,
      syncLog: 'log line é\n'.repeat(400_000),
      code: 'call();\n'.repeat(300_000),
    };
    const [one, two] = [await supportBundle(options), await supportBundle(options)];
    expect(one).toEqual(two);
    expect(Buffer.byteLength(one.markdown)).toBeLessThan(1_000_000);
    expect(Buffer.byteLength(JSON.stringify(one.json, null, 2))).toBeLessThan(1_000_000);
    expect(one.json.errorCount).toBe(3_000);
    expect(one.json.warnings.join(' ')).toMatch(/The sync log is cut to \d+ characters/);
  });

  it('holds no canary: addresses, keys, tokens and secrets, in any of its inputs', async () => {
    process.env.NYLAS_API_KEY = 'environment-canary';
    const canaries = [
      'canary@example.com',
      'nyk_v0_canarykey123',
      'environment-canary',
      'canary-webhook-secret',
      'eyJcanary.eyJcanary.canary',
    ];
    const poison = canaries.join(' and ');
    await writeFile(path, line({ message: poison, 'error.type': 'provider_error' }));
    const { markdown, json } = await supportBundle({
      account: GRANT,
      errorLog: path,
      now: NOW,
      syncLog: poison,
      userSees: poison,
      settingsChanged: poison,
      code: poison,
      reproduction: poison,
      tried: poison,
      application: poison,
      messageIds: canaries,
      versions: { app: poison, 'canary@example.com': '1' },
      secrets: ['canary-webhook-secret'],
    });
    delete process.env.NYLAS_API_KEY;
    for (const canary of canaries) {
      expect(markdown).not.toContain(canary);
      expect(JSON.stringify(json)).not.toContain(canary);
    }
  });

  it('cannot be broken out of by what is pasted', async () => {
    const { markdown } = await supportBundle({
      account: GRANT,
      now: NOW,
      syncLog: '```\n# heading\n````',
      tried: 'a | b\nc',
    });
    expect(markdown).toContain('`````\n```\n# heading\n````\n`````');
    expect(markdown).toContain('a \\| b c');
  });

  it('refuses options that cannot be used, in its own name', async () => {
    await expect(supportBundle({ account: '' })).rejects.toThrow(/^supportBundle: account must be/);
    await expect(supportBundle({ account: 'a', messageIds: ['has space'] })).rejects.toThrow(/messageIds/);
  });
});
