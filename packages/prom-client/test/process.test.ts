import { METRICS, prometheusName } from '@nylas-otel/semantic-conventions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runFixture } from './child.ts';
import { parseExposition } from './exposition.ts';
import { type NylasStub, startNylasStub } from './nylas-stub.ts';

let nylas: NylasStub;
beforeAll(async () => {
  nylas = await startNylasStub();
});
afterAll(() => nylas[Symbol.asyncDispose]());

describe('a process that collects Nylas metrics', () => {
  it.each(['exit.mjs', 'exit.cjs'])(
    'finds the registry of the client it loaded, and ends by itself (%s)',
    async (fixture) => {
      const printed = await runFixture(fixture, { env: { NYLAS_HOST: nylas.host } });
      const family = parseExposition(printed.trimEnd().concat('\n')).get(
        prometheusName(METRICS['nylas.client.requests']),
      );
      expect(family?.samples.map(({ value }) => value)).toEqual([1]);
    },
  );

  it('keeps its memory under attributes without end', async () => {
    const grown = Number(await runFixture('memory.mjs', { flags: ['--expose-gc'] }));
    expect(grown).toBeLessThan(1024 * 1024);
  });
});

describe.each(['prom-client', '@prometheus-io/client'])('a cluster aggregated by %s', (client) => {
  it('sums what each worker counts, and takes the maximum of what all workers see alike', async () => {
    const printed = await runFixture('cluster.mjs', { args: [client], env: { NYLAS_HOST: nylas.host } });
    const families = parseExposition(printed.trimEnd().concat('\n'));
    const values = (metric: keyof typeof METRICS, suffix = '') => {
      const name = prometheusName(METRICS[metric]);
      const samples = families.get(name)?.samples ?? [];
      return samples.filter((sample) => sample.name === name + suffix).map(({ value }) => value);
    };
    expect(values('nylas.client.requests')).toEqual([10]);
    expect(values('nylas.client.request.duration', '_count')).toEqual([10]);
    expect(values('nylas.accounts')).toEqual([42]);
    expect(values('nylas.client.retry.budget')).toEqual([0.25]);
  });
});
