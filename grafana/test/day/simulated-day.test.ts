// Debian: apt install prometheus
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { METRICS, type MetricName } from '@nylas-otel/semantic-conventions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config.ts';
import { loadBoard } from '../../src/day/board-loading.ts';
import { DAY_END, DAY_START } from '../../src/day/clock.ts';
import { makeDay, type SimulatedDay } from '../../src/day/make-day.ts';
import { type Prometheus, startPrometheus } from '../../src/day/prometheus.ts';
import { ruleGroups } from '../../src/rules/groups.ts';
import { SLO_SERIES } from '../../src/rules/slo.ts';
import { committedBoards } from '../dashboards/board-json.ts';

const hasPrometheus = spawnSync('prometheus', ['--version']).status === 0;

describe.skipIf(!hasPrometheus)('the simulated day', () => {
  let folder: string;
  let day: SimulatedDay;
  let prometheus: Prometheus;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nylas-otel-day-'));
    day = await makeDay(folder);
    prometheus = await startPrometheus(folder);
  }, 300_000);

  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has every metric of the contract', () => {
    expect([...day.metrics].sort()).toEqual((Object.keys(METRICS) as MetricName[]).sort());
  });

  it.for(committedBoards())('answers every query of every panel of $uid', async (board) => {
    const answers = await loadBoard(board, prometheus);
    expect(answers.length).toBeGreaterThan(0);
    const empty = answers.filter(({ values }) => values === 0);
    expect(empty.map(({ where, title }) => `${where}: ${title}`)).toEqual([]);
  });

  it('answers the annotations of every board', async () => {
    for (const { uid, annotations } of committedBoards()) {
      for (const { name, expr } of annotations.list) {
        const { result } = await prometheus.ask<{ result: unknown[] }>('query_range', {
          query: expr.replaceAll('$job', '.+'),
          start: String(DAY_START),
          end: String(DAY_END),
          step: '120',
        });
        expect([uid, name, result.length > 0]).toEqual([uid, name, true]);
      }
    }
  });

  it('fires the alerts that its story calls for, and no others', () => {
    const fired = new Set(day.alerts.map(({ labels }) => labels.alertname));
    expect([...fired].sort()).toEqual([
      'NylasAccountsInvalidSpike',
      'NylasAccountsNotSyncing',
      'NylasErrorBudgetBurnFast',
      'NylasErrorBudgetBurnSlow',
      'NylasLatencyHigh',
      'NylasMassFailure',
      'NylasPlatformIncident',
      'NylasProviderRateLimited',
      'NylasRateLimited',
      'NylasRepairEscalated',
      'NylasRetriesExhausted',
      'NylasRetryBudgetEmpty',
      'NylasTelemetryErrors',
      'NylasWebhookBacklogGrowing',
      'NylasWebhookDeadLetters',
      'NylasWebhookDestinationFailing',
      'NylasWebhookLagHigh',
      'NylasWebhookRecoveryFailing',
      'NylasWebhookRedeliveries',
      'NylasWebhookRefused',
      'NylasWebhookSignatureFailures',
      'NylasWebhookUnrecoverable',
      'NylasWebhookWindowClosing',
    ]);
  });

  it('has recorded what the recording rules would have recorded', async () => {
    const recording = ruleGroups(DEFAULT_CONFIG).flatMap((group) => group.recording);
    const names = [3600, 6 * 3600].map(SLO_SERIES.errorRatio);
    for (const { record, expr } of recording.filter(({ record }) =>
      [...names, SLO_SERIES.requests].includes(record),
    )) {
      for (const hour of [10, 12, 22]) {
        const [written, computed] = await Promise.all([
          valueAt(`${record}{job="mail-service"}`, hour),
          valueAt(expr, hour),
        ]);
        expect(written / computed, `${record} at ${hour}:00`).toBeCloseTo(1, 1);
      }
    }
  });

  async function valueAt(query: string, hour: number): Promise<number> {
    const { result } = await prometheus.ask<{
      result: { metric: { job?: string }; value: [number, string] }[];
    }>('query', {
      query,
      time: String(DAY_START + hour * 3600),
    });
    const value = result.find(({ metric }) => metric.job === 'mail-service')?.value[1];
    return Number(value);
  }
});
