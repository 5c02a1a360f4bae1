// Debian: apt install prometheus
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { ruleGroups } from '../../src/rules/groups.ts';
import { ALERT_CASES } from './all-cases.ts';
import { writePromtoolTest } from './promtool-tests.ts';

const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
const groups = ruleGroups(DEFAULT_CONFIG);
const alerts = groups.flatMap((group) => group.alerts.map((alert) => ({ group, alert, name: alert.alert })));

describe('cases of alerts', () => {
  it('are there for every alert, and for no other: one that fires, one that does not, one that resolves', () => {
    expect(Object.keys(ALERT_CASES).sort()).toEqual(alerts.map(({ name }) => name).sort());
    for (const [name, { fires, quiet, resolves }] of Object.entries(ALERT_CASES)) {
      expect([name, fires.length > 0, quiet.length > 0, resolves.length > 0]).toEqual([
        name,
        true,
        true,
        true,
      ]);
      for (const { labels } of [...fires, ...resolves]) expect(labels.length).toBeGreaterThan(0);
    }
  });
});

describe.skipIf(!hasPromtool)('promtool test rules', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'nylas-otel-rules-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it.for(alerts)('$name fires, keeps quiet and resolves', async ({ group, alert, name }) => {
    const cases = ALERT_CASES[name];
    if (!cases) throw new Error(`${name} has no cases.`);
    const test = writePromtoolTest(join(folder, name), group, alert, cases, DEFAULT_CONFIG);
    const { code, said } = await promtool('test', 'rules', test);
    expect(code, said).toBe(0);
  });

  it('says so when an alert does not fire', async () => {
    const [{ group, alert } = { group: undefined, alert: undefined }] = alerts;
    if (!group || !alert) throw new Error('There is no alert.');
    const cases = {
      fires: [{ what: 'nothing', input: [], at: 5, labels: [{ job: 'mail' }] }],
      quiet: [],
      resolves: [],
    };
    const test = writePromtoolTest(join(folder, 'broken'), group, alert, cases, DEFAULT_CONFIG);
    const { code, said } = await promtool('test', 'rules', test);
    expect(code).toBe(1);
    expect(said).toContain('FAILED');
  });
});

function promtool(...args: string[]): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('promtool', args);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (said += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, said }));
  });
}
