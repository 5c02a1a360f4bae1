import { instrumentHub } from '@nylas-otel/telemetry';
import { metrics } from '@opentelemetry/api';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { samplesOf } from '../../test/prometheus-text.ts';
import { currentReader, nylasMetricReader, retireReader } from './metric-reader.ts';
import { serializeMetrics } from './serialize-metrics.ts';

const SCOPE = { name: '@nylas-otel/test', version: '0.0.0' };
const scrape = async (reader = currentReader()) => serializeMetrics((await reader.collect()).resourceMetrics);
const polls = instrumentHub.count('nylas.account.polls', SCOPE);

afterEach(() => {
  metrics.disable();
  vi.unstubAllEnvs();
});

describe('the reader of a /metrics that has none of its own', () => {
  it('shows the metrics of nylas-otel where no SDK holds a reader of ours', async () => {
    polls.add({ 'nylas.outcome': 'success' });
    expect(samplesOf(await scrape(), 'nylas_account_polls_total').some(({ value }) => value === 1)).toBe(
      true,
    );
  });

  it('names the service as OTEL_SERVICE_NAME does', async () => {
    vi.stubEnv('OTEL_SERVICE_NAME', 'mail-service');
    // A reader that comes and goes lets the next one be made anew.
    retireReader(nylasMetricReader());
    expect(samplesOf(await scrape(), 'target_info')[0]?.labels.service_name).toBe('mail-service');
  });

  it('leaves the pipeline that the host has going', async () => {
    const hosts = nylasMetricReader();
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [hosts] }));
    retireReader(hosts);
    polls.add({ 'nylas.outcome': 'timeout' });
    for (const reader of [currentReader(), hosts]) {
      const counted = samplesOf(await scrape(reader), 'nylas_account_polls_total');
      expect(counted.find(({ labels }) => labels.nylas_outcome === 'timeout')?.value).toBe(1);
    }
  });

  it('gives way to a reader that an SDK holds', async () => {
    currentReader();
    const reader = nylasMetricReader();
    const provider = new MeterProvider({ readers: [reader] });
    provider.getMeter('host').createCounter('hosts.own').add(1);
    expect(currentReader()).toBe(reader);
    expect(samplesOf(await scrape(), 'hosts_own_total')).toHaveLength(1);
    retireReader(reader);
    expect(currentReader()).not.toBe(reader);
  });
});
