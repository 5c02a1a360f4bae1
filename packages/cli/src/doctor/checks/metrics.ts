import { errorInWords } from '../../errors.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';
import { exporterOrigin, scrapeHeaders } from '../exporter-address.ts';

const SLOW_MS = 2_000;

export const metrics: Check = {
  name: 'metrics',
  looksAt:
    'whether /metrics can be scraped, how long it takes, and whether its series stay within metrics.series_budget',
  async run({ context: { settings }, fetch }) {
    const origin = exporterOrigin(settings);
    if (origin === undefined) return skip('The exporter has no fixed port in this configuration.');
    const url = `${origin}${settings['metrics.path']}`;
    const began = performance.now();
    const response = await fetch(url, { headers: scrapeHeaders(settings) });
    if (response instanceof Error) {
      const why = errorInWords(response);
      return why === 'ECONNREFUSED'
        ? fail(
            `Nothing listens at ${url}.`,
            'Start it: nylas-otel exporter. For your own service give --port, --host.',
          )
        : fail(`${url} does not answer (${why}).`, 'Check host, port and firewall.');
    }
    const text = await response.text();
    const took = performance.now() - began;
    if (response.status === 401) {
      return fail(
        `${url} answers 401.`,
        'Give the token or the password that the exporter was started with.',
      );
    }
    if (response.status !== 200) return fail(`${url} answers ${response.status}.`, text.trim().slice(0, 200));
    const series = text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
    const words = `${series} series, ${(text.length / 1_024).toFixed(0)} KiB, ${took.toFixed(0)} ms.`;
    const budget = settings['metrics.series_budget'];
    if (!text.includes('nylas_'))
      return fail(`${words} None of them is ours.`, 'Is this the /metrics of nylas-otel?');
    if (series > budget) {
      return warn(
        `${words} That is over the budget of ${budget}.`,
        'Lower metrics.account_series, or raise metrics.series_budget.',
      );
    }
    return took > SLOW_MS
      ? warn(`${words} That is slow.`, 'Look for a slow metric callback in the process.')
      : pass(words);
  },
};
