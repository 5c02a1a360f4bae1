import { startSimulator } from '@nylas-otel/simulator';
import { describe, expect, it } from 'vitest';
import { MetricsPage } from './metrics-page.ts';
import { type Evidence, PROMISES, SCRAPED } from './promises.ts';

describe('what the demo promises', () => {
  it.each([...PROMISES, SCRAPED])('is missing where nothing was collected: $title', async ({ missing }) => {
    await using nylas = await startSimulator();
    const nothing: Evidence = {
      spans: [],
      text: '',
      page: new MetricsPage(''),
      ownPage: new MetricsPage(''),
      log: [],
      before: { gauged: [], real: [{ version: 'v3', provider: 'google', state: 'running', count: 1 }] },
      after: { gauged: [], real: [] },
      starMailbox: 'star',
      sender: 'sender',
      truth: nylas,
      prometheus: undefined,
    };
    expect(missing(nothing)).toMatch(/\w/);
  });
});
