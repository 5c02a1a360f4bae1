import { DEFAULT_CONFIG, type RulesConfig, shortened } from '@nylas-otel/grafana';

/**
 * The rules with a second for a minute. What spans hours or days is cut further, and what is counted in thousands too,
 * so that a person can wait for it; what alerts look at and how they join it stays.
 */
export function shortRules(): RulesConfig {
  const config = shortened(DEFAULT_CONFIG, 1 / 60);
  const { accounts, webhooks } = config;
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
    accounts: {
      ...accounts,
      stuck: { ...accounts.stuck, age: 20 },
      syncLogs: { ...accounts.syncLogs, age: 25 },
      pollStale: { ...accounts.pollStale, age: 30 },
    },
    webhooks: {
      ...webhooks,
      silence: { ...webhooks.silence, window: 10, day: 30, week: 3600, for: 1 },
      lag: { ...webhooks.lag, limit: 5 },
      backlog: { ...webhooks.backlog, count: 50 },
      gap: { ...webhooks.gap, v3Grants: { from: 20, gone: 3600 } },
    },
  };
}
