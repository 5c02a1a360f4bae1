import { describe, expect, it } from 'vitest';
import { MetricsPage } from './metrics-page.ts';

const page = new MetricsPage(`# HELP sent_total Requests.
# TYPE sent_total counter
sent_total{route="/a",status="200"} 7
sent_total{route="/a",status="429"} 2
sent_total{route="/b, \\"quoted\\"",status="200"} 1
sent_total{route="/c",status="200"} 0
plain 1.5
took_seconds_bucket{route="/a",le="0.1"} 5
took_seconds_bucket{route="/a",le="0.5"} 9
took_seconds_bucket{route="/a",le="+Inf"} 10
took_seconds_bucket{route="/b",le="0.1"} 0
took_seconds_bucket{route="/b",le="0.5"} 0
took_seconds_bucket{route="/b",le="+Inf"} 0
`);

describe('MetricsPage', () => {
  it('reads samples with and without labels', () => {
    expect(page.samples('plain')).toEqual([{ name: 'plain', labels: {}, value: 1.5 }]);
    expect(page.samples('sent_total', { status: '429' })).toEqual([
      { name: 'sent_total', labels: { route: '/a', status: '429' }, value: 2 },
    ]);
  });

  it('reads label values with quotes and commas', () => {
    expect(page.samples('sent_total')[2]?.labels.route).toBe('/b, "quoted"');
  });

  it('sums what fits, and 0 where nothing does', () => {
    expect(page.sum('sent_total', { route: '/a' })).toBe(9);
    expect(page.sum('sent_total', { route: '/z' })).toBe(0);
    expect(page.sum('absent')).toBe(0);
  });

  it('sums by labels, largest first, and leaves out zeros', () => {
    expect(page.sumBy('sent_total', 'route')).toEqual([
      { key: ['/a'], value: 9 },
      { key: ['/b, "quoted"'], value: 1 },
    ]);
  });

  it('estimates quantiles as Prometheus does', () => {
    expect(page.quantile('took_seconds', 0.5, { route: '/a' })).toBeCloseTo(0.1);
    expect(page.quantile('took_seconds', 0.7, { route: '/a' })).toBeCloseTo(0.3);
    expect(page.quantile('took_seconds', 0.99, { route: '/a' })).toBe(0.5);
  });

  it('has no quantile of an empty or absent histogram', () => {
    expect(page.quantile('took_seconds', 0.5, { route: '/b' })).toBeUndefined();
    expect(page.quantile('absent_seconds', 0.5)).toBeUndefined();
  });
});
