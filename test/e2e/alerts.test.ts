// Debian: apt install prometheus
// Debian: apt install prometheus-alertmanager
// Debian: apt install postgresql
import { spawnSync } from 'node:child_process';
import { alertsOf, DEFAULT_CONFIG, ruleGroups } from '@nylas-otel/grafana';
import { hasPostgres } from '@nylas-otel/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AlertWorld, startAlertWorld } from './alerts/alert-world.ts';
import type { Cause } from './alerts/causes.ts';
import { ALL_SCENES, PART, type Scene } from './alerts/scenes.ts';
import { shortRules } from './alerts/short-rules.ts';
import { type Stage, startFullStage, startStage } from './alerts/stage.ts';

/** `npm run test:alerts`: every alert. Else a part that stands for all. */
const all = process.env.NYLAS_OTEL_ALERTS === 'all';
const installed =
  ['prometheus', 'prometheus-alertmanager'].every((name) => spawnSync(name, ['--version']).status === 0) &&
  (!all || hasPostgres());
const WITHIN_MS = 240_000;
/** First counts count only where the job is older than the window of the alert. */
const LONGEST_WINDOW_S = all ? 61 : 16;

describe.skipIf(!installed)('alerts, from their cause to whoever is told', () => {
  if (all) play(startFullStage, ALL_SCENES);
  else play(startStage, PART);

  if (all)
    it('all have a cause', () => {
      const caused = ALL_SCENES.flatMap(({ causes }) => causes.flatMap(({ alerts }) => alerts));
      const alerts = alertsOf(ruleGroups(DEFAULT_CONFIG)).map(({ alert }) => alert);
      expect(caused.sort()).toEqual(alerts.sort());
    });
});

function play<S extends Stage>(start: () => Promise<S>, scenes: readonly Scene<S>[]): void {
  let stage: S;
  let world: AlertWorld;

  beforeAll(async () => {
    stage = await start();
    world = await startAlertWorld(shortRules(), stage.targets);
    await oldEnough(world, stage.targets.length);
  }, 600_000);

  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  describe.concurrent.for([...scenes])('$about', ({ causes }) => {
    it.for([...causes])('$alerts: $what', { timeout: WITHIN_MS, concurrent: false }, (cause) =>
      happens(cause),
    );
  });

  async function happens({ alerts, labels, begin, end }: Cause<S>): Promise<void> {
    await world.quiet(alerts, labels);
    await begin(stage);
    const notices = await Promise.all(alerts.map((alert) => world.fires(alert, labels)));
    for (const { annotations } of notices) {
      expect(annotations.description).not.toMatch(/<no value>|error expanding/);
      expect(annotations.runbook_url).toMatch(/\/runbooks\/Nylas\w+\.md$/);
    }
    await end(stage);
    await Promise.all(notices.map((notice) => world.resolves(notice)));
  }
}

async function oldEnough({ prometheus }: AlertWorld, jobs: number): Promise<void> {
  const query = `count(count by (job) (up offset ${LONGEST_WINDOW_S}s)) >= ${jobs}`;
  for (;;) {
    const { result } = await prometheus.ask<{ result: unknown[] }>('query', { query });
    if (result.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
