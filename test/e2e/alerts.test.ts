// Debian: apt install prometheus
// Debian: apt install prometheus-alertmanager
import { spawnSync } from 'node:child_process';
import { alertsOf, DEFAULT_CONFIG, type RulesConfig, ruleGroups, shortened } from '@nylas-otel/grafana';
import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertWorld, startAlertWorld } from './alerts/alert-world.ts';
import { ABSENCE, type Cause, NYLAS_CAUSES, type Stage, TOLD_CAUSES } from './alerts/causes.ts';
import { type BusyMailService, startBusyMailService } from './alerts/mail-service.ts';
import { type ScriptedExporter, startScriptedExporter } from './alerts/scripted-exporter.ts';

const installed = ['prometheus', 'prometheus-alertmanager'].every(
  (program) => spawnSync(program, ['--version']).status === 0,
);
/** `npm run test:alerts`: every alert. Else a part that stands for all. */
const all = process.env.NYLAS_OTEL_ALERTS === 'all';
const wanted = (causes: readonly Cause[]): Cause[] => causes.filter(({ always }) => all || always);
const WITHIN_MS = 240_000;

describe.skipIf(!installed)('alerts, from their cause to whoever is told', () => {
  let nylas: Simulator;
  let service: BusyMailService;
  let exporter: ScriptedExporter;
  let world: AlertWorld;
  let stage: Stage;

  beforeAll(async () => {
    [nylas, exporter] = await Promise.all([startSimulator({ grants: 12 }), startScriptedExporter()]);
    service = await startBusyMailService(nylas);
    stage = { nylas, service, exporter };
    exporter.set('nylas.telemetry.errors', { 'nylas.telemetry.component': 'hook' }, 0);
    // Deliveries for half a minute, then none: what silence is measured against.
    const began = Date.now();
    exporter.set(
      'nylas.webhook.deliveries',
      { 'nylas.webhook.outcome': 'duplicate', 'http.response.status_code': '200' },
      () => Math.min(1000, (Date.now() - began) / 30),
    );
    for (const bound of ['600', '1200']) {
      exporter.setSeries(
        `nylas_webhook_event_lag_seconds_bucket{nylas_webhook_trigger="message.created",le="${bound}"}`,
        0,
      );
    }
    exporter.setSeries(
      'nylas_webhook_event_lag_seconds_count{nylas_webhook_trigger="message.created"}',
      () => (Date.now() - began) / 10,
    );
    world = await startAlertWorld(shortRules(), [
      { job: 'mail-service', url: `${service.url}/metrics/nylas` },
      { job: 'nylas-exporter', url: exporter.url },
    ]);
    await oldEnough(world);
  }, 120_000);

  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await service?.[Symbol.asyncDispose]();
    await exporter?.[Symbol.asyncDispose]();
    await nylas?.close();
  });

  if (all)
    it('has a cause for every alert', () => {
      const caused = [...NYLAS_CAUSES, ...TOLD_CAUSES, ABSENCE].flatMap(({ alerts }) => alerts);
      expect(caused.sort()).toEqual(
        alertsOf(ruleGroups(DEFAULT_CONFIG))
          .map(({ alert }) => alert)
          .sort(),
      );
    });

  describe.concurrent('what accounts, webhooks and the status page say', () => {
    it.for(wanted(TOLD_CAUSES))('$alerts: $what', { timeout: WITHIN_MS }, (cause) => happens(cause));
  });

  describe('what Nylas does to the service', () => {
    it.for(wanted(NYLAS_CAUSES))('$alerts: $what', { timeout: WITHIN_MS }, (cause) => happens(cause));
  });

  if (all) it(`${ABSENCE.alerts}: ${ABSENCE.what}`, { timeout: WITHIN_MS }, () => happens(ABSENCE));

  async function happens({ alerts, begin, end }: Cause): Promise<void> {
    await begin(stage);
    const fired = await Promise.all(alerts.map((alert) => world.told(alert, 'firing')));
    for (const { annotations } of fired) {
      expect(annotations.description).not.toMatch(/<no value>|error expanding/);
      expect(annotations.runbook_url).toMatch(/\/runbooks\/Nylas\w+\.md$/);
    }
    if (!end) return;
    await end(stage);
    await Promise.all(fired.map((notice) => world.told(`${notice.labels.alertname}`, 'resolved', notice)));
  }
});

/** A minute is a second; what spans days is cut further, so that a person can wait for it. */
function shortRules(): RulesConfig {
  const config = shortened(DEFAULT_CONFIG, 1 / 60);
  return {
    ...config,
    latency: { ...config.latency, limit: 1 },
    slo: {
      ...config.slo,
      base: 5,
      long: 60,
      period: 120,
      guard: { window: 20, count: 100 },
      fast: [
        { short: 5, long: 15, factor: 14.4 },
        { short: 10, long: 20, factor: 6 },
      ],
      slow: [
        { short: 5, long: 20, factor: 3 },
        { short: 10, long: 30, factor: 1 },
      ],
      slowFor: 3,
    },
    webhooks: {
      ...config.webhooks,
      silence: { ...config.webhooks.silence, window: 10, day: 30, week: 3600, for: 1 },
    },
  };
}

/** First counts count only where the job is older than the window of the alert. */
async function oldEnough({ prometheus }: AlertWorld): Promise<void> {
  const query = `count(nylas_telemetry_errors_total{job="nylas-exporter"} offset ${all ? 61 : 16}s)`;
  for (;;) {
    const { result } = await prometheus.ask<{ result: unknown[] }>('query', { query });
    if (result.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
