import { METRICS, prometheusName } from '@nylas-otel/semantic-conventions';
import client from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from './child.ts';
import { parseExposition } from './exposition.ts';
import { type NylasStub, startNylasStub } from './nylas-stub.ts';

const DURATION = prometheusName(METRICS['nylas.client.request.duration']);

let nylas: NylasStub;
beforeAll(async () => {
  nylas = await startNylasStub();
});
afterAll(() => nylas[Symbol.asyncDispose]());

describe.each(['prom-client', '@prometheus-io/client'])('an Express service with %s', (CLIENT) => {
  it.each([
    { FORMAT: 'text', TRACES: 'off', contentType: client.Registry.PROMETHEUS_CONTENT_TYPE, exemplars: 0 },
    { FORMAT: 'text', TRACES: 'on', contentType: client.Registry.PROMETHEUS_CONTENT_TYPE, exemplars: 0 },
    {
      FORMAT: 'OpenMetrics',
      TRACES: 'off',
      contentType: client.Registry.OPENMETRICS_CONTENT_TYPE,
      exemplars: 0,
    },
    {
      FORMAT: 'OpenMetrics',
      TRACES: 'on',
      contentType: client.Registry.OPENMETRICS_CONTENT_TYPE,
      exemplars: 1,
    },
  ])(
    'serves our metrics with its own: $FORMAT, traces $TRACES',
    async ({ FORMAT, TRACES, contentType, exemplars }) => {
      const env = { CLIENT, FORMAT, TRACES, NYLAS_HOST: nylas.host };
      await using service = await startService('express-service.mjs', env);
      expect(await (await fetch(`http://${service.address}/mail`)).json()).toEqual({ status: 200 });
      const response = await fetch(`http://${service.address}/metrics`);
      expect(response.headers.get('content-type')).toBe(contentType);
      const openMetrics = FORMAT === 'OpenMetrics';
      const families = parseExposition(await response.text(), openMetrics);
      expect(families.get(openMetrics ? 'served' : 'served_total')?.samples[0]?.value).toBe(1);
      const duration = families.get(DURATION)?.samples ?? [];
      const count = duration.find(({ name }) => name === `${DURATION}_count`);
      expect(count).toMatchObject({ value: 1, labels: { url_template: '/v3/grants/{grant_id}/messages' } });
      const found = duration.flatMap(({ exemplar }) => (exemplar === undefined ? [] : [exemplar]));
      expect(found).toHaveLength(exemplars);
      for (const { labels, value } of found) {
        expect(labels).toEqual({
          trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        });
        expect(value).toBe(duration.find(({ name }) => name === `${DURATION}_sum`)?.value);
      }
    },
  );
});
