import { API_VERSIONS, RATE_LIMIT_SOURCES, RETRY_REASONS } from '@nylas-otel/semantic-conventions';
import { hourOf } from '../clock.ts';
import type { History } from '../history.ts';
import { STORY, within } from '../story.ts';
import { outcomeShares, ROUTES, requestsPerMinute } from '../traffic.ts';
import { SERVICES } from './instances.ts';

const LIST = ROUTES[0]?.template ?? 'other';

/** Limits, and what retries make of failures. */
export async function retrySignals(history: History): Promise<void> {
  for (const service of SERVICES) {
    const failed =
      (outcome: 'rate_limited' | 'provider_limited' | 'server_error' | 'timeout') => (time: number) =>
        (requestsPerMinute(time) / SERVICES.length) * (outcomeShares(time)[outcome] ?? 0);
    for (const source of RATE_LIMIT_SOURCES) {
      for (const version of API_VERSIONS) {
        const outcome = source === 'provider' ? 'provider_limited' : 'rate_limited';
        const share = version === 'v2' || source === 'unknown' ? 0 : 1;
        await history.counter(
          'nylas.client.rate_limits',
          {
            ...service,
            'url.template': LIST,
            'nylas.rate_limit.source': source,
            'nylas.api.version': version,
          },
          (time) => failed(outcome)(time) * share,
        );
      }
      await history.gauge(
        'nylas.client.gates.closed',
        { ...service, 'nylas.rate_limit.source': source },
        (time) => {
          const hour = hourOf(time);
          if (source === 'provider') return Math.round(9 * within(STORY.gmail, hour));
          return source === 'nylas' ? Math.round(23 * within(STORY.batch, hour)) : 0;
        },
      );
    }
    for (const reason of RETRY_REASONS) {
      const rate = (time: number): number => {
        if (reason === 'rate_limited')
          return 0.8 * (failed('rate_limited')(time) + failed('provider_limited')(time));
        if (reason === 'server_error') return Math.min(12, 0.9 * failed('server_error')(time));
        return reason === 'timeout' ? Math.min(4, 0.5 * failed('timeout')(time)) : 0;
      };
      await history.counter(
        'nylas.client.retries',
        {
          ...service,
          'http.request.method': 'GET',
          'url.template': LIST,
          'nylas.retry.reason': reason,
          'nylas.retry.detection': 'explicit',
        },
        rate,
      );
      await history.counter(
        'nylas.client.retries.exhausted',
        { ...service, 'url.template': LIST, 'nylas.retry.reason': reason },
        (time) => 0.25 * rate(time) * within(STORY.outage, hourOf(time)),
      );
      if (reason !== 'rate_limited' && reason !== 'server_error') continue;
      const wait = reason === 'rate_limited' ? 12 : 0.6;
      await history.histogram(
        'nylas.client.retry.delay',
        { ...service, 'nylas.retry.reason': reason },
        rate,
        () => wait,
        1,
      );
    }
    await history.gauge('nylas.client.retry.budget', service, (time) => {
      const hour = hourOf(time);
      return Math.max(
        0,
        1 -
          1.02 * within(STORY.outage, hour) -
          0.6 * within(STORY.batch, hour) -
          0.2 * within(STORY.gmail, hour),
      );
    });
  }
}
