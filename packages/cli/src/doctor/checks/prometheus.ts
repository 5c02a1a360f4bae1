import { errorInWords } from '../../errors.ts';
import { type Check, fail, pass, skip, warn } from '../check.ts';

interface QueryAnswer {
  readonly data?: {
    readonly result?: readonly {
      readonly metric?: { readonly job?: string };
      readonly value?: readonly [number, string];
    }[];
  };
}

const QUERY = 'count by (job) ({__name__=~"nylas_.+"})';

export const prometheus: Check = {
  name: 'prometheus',
  looksAt: 'whether Prometheus can be asked, and has our series',
  async run({ context: { settings }, fetch }) {
    const base = settings['prometheus.url'];
    if (base === undefined)
      return skip('Needs the address of Prometheus: PROMETHEUS_URL or --prometheus-url.');
    const token = settings['prometheus.token'];
    const response = await fetch(`${base}/api/v1/query?query=${encodeURIComponent(QUERY)}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    if (response instanceof Error) {
      return fail(
        `Prometheus does not answer (${errorInWords(response)}).`,
        'Check prometheus.url: its web page must open there.',
      );
    }
    if (response.status === 401 || response.status === 403) {
      return fail(`Prometheus answers ${response.status}.`, 'Give a token it takes: PROMETHEUS_TOKEN_FILE.');
    }
    if (!response.ok)
      return fail(
        `Prometheus answers ${response.status}.`,
        'Check prometheus.url: /api/v1/query must be under it.',
      );
    const answer = (await response.json().catch(() => undefined)) as QueryAnswer | undefined;
    if (answer?.data?.result === undefined)
      return fail('That is not Prometheus: it answers something else.', 'Check prometheus.url.');
    const jobs = answer.data.result.map(
      ({ metric, value }) => `${metric?.job ?? 'no job'}: ${value?.[1]} series`,
    );
    if (jobs.length === 0) {
      return warn(
        'Prometheus has none of our series.',
        'Add the exporter to scrape_configs (targets: ["host:9465"]) and reload Prometheus; look at its Targets page.',
      );
    }
    return pass(`Prometheus has our series (${jobs.join(', ')}).`);
  },
};
