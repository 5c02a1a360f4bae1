import { SLO_BAD_OUTCOMES } from '@nylas-otel/semantic-conventions';

/** `unsuffixed`: names as the stock OpenTelemetry JS exporter prints them, without their unit. */
export type Naming = 'suffixed' | 'unsuffixed';

/** A pair of windows that must both burn, and how many times faster than the objective allows. Seconds. */
export interface BurnPair {
  readonly short: number;
  readonly long: number;
  readonly factor: number;
}

/**
 * Everything a person may want to change in the rules. Durations are seconds; `ratio`s are shares of 1; `count`s are
 * absolute, and guard against alarms on a handful of requests.
 */
export const DEFAULT_CONFIG = {
  naming: 'suffixed' as Naming,
  /** Label matchers put into every selector, for a Prometheus that several teams share: `['namespace="mail"']`. */
  selectors: [] as readonly string[],
  /** Where the runbooks are read; the name of an alert's page follows. */
  runbookUrl: 'https://github.com/nylas-otel/nylas-otel/blob/main/grafana/runbooks',
  /** Uid of the Prometheus data source in Grafana, for Grafana-managed alerts: they take no variable. */
  grafanaDatasourceUid: 'prometheus',
  grafanaFolder: 'Nylas',
  /** How often rules are evaluated. */
  interval: 60,
  slo: {
    objective: 0.995,
    badOutcomes: SLO_BAD_OUTCOMES as readonly string[],
    period: 30 * 86_400,
    /** What longer windows are put together of. */
    base: 300,
    /** Windows from here on are put together of recorded rates instead of reading every raw series again. */
    long: 86_400,
    /** False: alerts read raw series only, for Grafana-managed ones that come without recording rules. */
    recorded: true as boolean,
    guard: { window: 3600, count: 100 },
    fast: [
      { short: 300, long: 3600, factor: 14.4 },
      { short: 1800, long: 6 * 3600, factor: 6 },
    ] as readonly BurnPair[],
    slow: [
      { short: 2 * 3600, long: 86_400, factor: 3 },
      { short: 6 * 3600, long: 3 * 86_400, factor: 1 },
    ] as readonly BurnPair[],
    fastFor: 120,
    slowFor: 900,
  },
  rateLimited: { window: 600, ratio: 0.05, count: 20, for: 300 },
  retriesExhausted: { window: 900, count: 5 },
  /**
   * Not 0: a floor of one resend a second comes back all the time and is spent at once, so an empty budget is seen with
   * a part of a resend in it, or with one. The smallest budget holds ten.
   */
  retryBudgetEmpty: { share: 0.15, for: 300 },
  credentialsRejected: { window: 600, ratio: 0.5, count: 20, for: 300, pollWindow: 900 },
  applicationDisabled: { window: 300, ratio: 0.5, count: 20, for: 120 },
  latency: { window: 600, quantile: 0.95, limit: 5, count: 20, for: 600, excludedTemplates: '.*/send' },
  accounts: {
    invalidRatio: { ratio: 0.1, count: 5, for: 900 },
    invalidSpike: { window: 1800, ratio: 0.02, count: 5 },
    notSyncing: { states: ['stopped', 'sync_error', 'exception'], for: 1800 },
    /** Not `invalid`: a person who never comes back to re-authenticate is no work for the night. */
    stuck: { states: ['partial', 'stopped', 'sync_error', 'exception'], age: 86_400, for: 900 },
    /** Nylas keeps sync logs two weeks; without them support can say little. */
    syncLogs: {
      states: ['stopped', 'sync_error', 'exception'],
      age: 10 * 86_400,
      gone: 14 * 86_400,
      for: 900,
    },
    /** Sweeps are hourly. */
    pollStale: { age: 3 * 3600, for: 300 },
  },
  repair: {
    failing: { window: 3600, count: 3, ratio: 0.5 },
    escalated: { window: 3600 },
    mass: { window: 900, count: 10, ratio: 0.2, states: ['invalid', 'stopped', 'sync_error', 'exception'] },
  },
  webhooks: {
    /** Nothing for `window`, where the same time a day and a week ago had more than `count`. */
    silence: { window: 1800, day: 86_400, week: 7 * 86_400, count: 20, for: 300 },
    lag: { window: 900, quantile: 0.95, limit: 600, count: 20, for: 900 },
    signature: { window: 900, count: 5 },
    unreadable: { window: 900, count: 0 },
    refused: { window: 600, ratio: 0.05, count: 5, for: 120 },
    redeliveries: { window: 1800, count: 10 },
    backlog: { count: 1000, window: 900, for: 600 },
    deadLetters: { count: 0, for: 60 },
    /** What is lost when the window closes: v2 deltas reach back 14 days, v3 replays 72 h after re-authentication. */
    gap: { v2: 10 * 86_400, v3: 60 * 3600, v3Grants: { from: 60 * 3600, gone: 72 * 3600 }, for: 300 },
    recovery: { window: 3600 },
    unrecoverable: { window: 3600 },
  },
  platform: { impacts: ['minor', 'major', 'critical', 'unknown'], for: 60 },
  telemetry: { absentFor: 300, past: 3600, errorWindow: 900, errorCount: 0, overflowFor: 300 },
};

/** The configuration of one set of rules. */
export type RulesConfig = typeof DEFAULT_CONFIG;
