import { describe, expect, it } from 'vitest';
import { ATTRIBUTES } from './attributes.ts';
import type { MetricDefinition, MetricKind } from './metric-definition.ts';
import { METRICS } from './metrics.ts';
import { prometheusLabel, prometheusName } from './prometheus-name.ts';

const metrics: readonly MetricDefinition[] = Object.values(METRICS);

describe('prometheusName', () => {
  it.each<[string, MetricKind, string, string, string]>([
    // name, kind, unit, with the unit, as the stock exporter prints it
    [
      'nylas.client.requests',
      'counter',
      '{request}',
      'nylas_client_requests_total',
      'nylas_client_requests_total',
    ],
    [
      'nylas.client.request.duration',
      'histogram',
      's',
      'nylas_client_request_duration_seconds',
      'nylas_client_request_duration',
    ],
    [
      'nylas.client.requests.active',
      'updowncounter',
      '{request}',
      'nylas_client_requests_active',
      'nylas_client_requests_active',
    ],
    [
      'nylas.client.retry.budget',
      'gauge',
      '1',
      'nylas_client_retry_budget_ratio',
      'nylas_client_retry_budget',
    ],
    [
      'nylas.account.poll.last_success.time',
      'gauge',
      's',
      'nylas_account_poll_last_success_time_seconds',
      'nylas_account_poll_last_success_time',
    ],
    [
      'nylas.webhook.downtime',
      'counter',
      's',
      'nylas_webhook_downtime_seconds_total',
      'nylas_webhook_downtime_total',
    ],
    ['nylas.accounts', 'gauge', '{account}', 'nylas_accounts', 'nylas_accounts'],
    // not of ours: the rest of the specification
    ['io.read', 'counter', 'By', 'io_read_bytes_total', 'io_read_total'],
    ['io.bytes', 'counter', 'By', 'io_bytes_total', 'io_bytes_total'],
    ['wait_seconds', 'gauge', 's', 'wait_seconds', 'wait_seconds'],
    ['seconds.waited', 'gauge', 's', 'seconds_waited', 'seconds_waited'],
    ['io.rate', 'gauge', 'By/s', 'io_rate_bytes_per_second', 'io_rate'],
    ['task.rate', 'gauge', '{task}/s', 'task_rate_per_second', 'task_rate'],
    ['share', 'counter', '1', 'share_total', 'share_total'],
    ['hit.ratio', 'gauge', '1', 'hit_ratio', 'hit_ratio'],
    ['total.jobs', 'counter', '{job}', 'jobs_total', 'total_jobs_total'],
    ['jobs.total', 'counter', '', 'jobs_total', 'jobs_total'],
    ['fuel', 'gauge', 'L', 'fuel_L', 'fuel'],
    ['wär-me..x', 'gauge', 'Cel', 'w_r_me_x_celsius', 'w_r_me_x'],
    ['5xx', 'gauge', '', '_5xx', '5xx'],
  ])('%s (%s, %s) is %s, and %s without unit', (name, kind, unit, suffixed, unsuffixed) => {
    expect(prometheusName({ name, kind, unit })).toBe(suffixed);
    expect(prometheusName({ name, kind, unit }, { unitSuffix: true })).toBe(suffixed);
    expect(prometheusName({ name, kind, unit }, { unitSuffix: false })).toBe(unsuffixed);
  });

  it.each([true, false])(
    'gives every series of every metric a name of its own (unit suffix: %s)',
    (unitSuffix) => {
      const series = metrics.flatMap((metric) => {
        const name = prometheusName(metric, { unitSuffix });
        return metric.kind === 'histogram'
          ? [name, `${name}_bucket`, `${name}_sum`, `${name}_count`]
          : [name];
      });
      expect(series.filter((name, i) => series.indexOf(name) !== i)).toEqual([]);
    },
  );

  it.each([true, false])(
    'never ends in a suffix Prometheus reserves, but _total (unit suffix: %s)',
    (unitSuffix) => {
      for (const metric of metrics) {
        const name = prometheusName(metric, { unitSuffix });
        expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(name).not.toMatch(/_(bucket|sum|count|created|info)$/);
        expect([name, name.endsWith('_total')]).toEqual([name, metric.kind === 'counter']);
      }
    },
  );
});

describe('prometheusLabel', () => {
  it.each([
    ['http.response.status_code', 'http_response_status_code'],
    ['nylas.rate_limit.source', 'nylas_rate_limit_source'],
    ['a..b--c', 'a_b_c'],
    ['2fa.used', 'key_2fa_used'],
  ])('%s is %s', (attribute, label) => {
    expect(prometheusLabel(attribute)).toBe(label);
  });

  it('gives every attribute a label of its own, none of them reserved', () => {
    const labels = Object.keys(ATTRIBUTES).map(prometheusLabel);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) expect(['le', 'quantile', 'job', 'instance']).not.toContain(label);
  });
});
