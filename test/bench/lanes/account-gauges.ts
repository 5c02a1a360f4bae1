import { watchAccounts } from '@nylas-otel/accounts';
import { nylasMetricsHandler } from '@nylas-otel/node';
import { type GrantSeed, startSimulator } from '@nylas-otel/simulator';
import { type LaneWork, serveLane } from '../measure/lane-process.ts';

const PROVIDERS = ['google', 'microsoft', 'imap', 'icloud', 'ews'] as const;

/** Scrapes a process that watches accounts. Argument: how many grants there are. */
await serveLane(async ([count]): Promise<LaneWork> => {
  const grants = Array.from(
    { length: Number(count) },
    (_, i): GrantSeed => ({
      provider: PROVIDERS[i % PROVIDERS.length] ?? 'google',
      status: i % 7 === 0 ? 'invalid' : 'valid',
    }),
  );
  const simulator = await startSimulator({ limits: false, grants });
  const watch = watchAccounts({ apiKey: simulator.apiKey, baseUrl: simulator.url, requestsPerSecond: 20 });
  const first = await watch.ready;
  if (first !== 'success') throw new Error(`the first sweep over ${count} grants ended with ${first}`);
  // The accounts are known; what stays in this process is the watch.
  await simulator.close();
  // What reading 100,000 grants left behind is no cost of a scrape.
  (globalThis as { gc?: () => void }).gc?.();
  const metrics = nylasMetricsHandler();
  const scrape = async () => (await metrics.fetch(new Request('http://localhost/metrics'))).text();
  return {
    async run(times) {
      for (let i = 0; i < times; i++) await scrape();
    },
    async check() {
      const text = await scrape();
      const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
      const accounts = lines.filter((line) => line.startsWith('nylas_accounts{'));
      return {
        bytes: Buffer.byteLength(text),
        series: lines.length,
        accounts: accounts.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0),
      };
    },
  };
});
