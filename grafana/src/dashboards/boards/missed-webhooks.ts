import {
  ATTR_NYLAS_APPLICATION as APPLICATION,
  ATTR_NYLAS_WEBHOOK_DESTINATION as DESTINATION,
  ATTR_NYLAS_OUTCOME as OUTCOME,
  ATTR_NYLAS_RESOURCE as RESOURCE,
  ATTR_NYLAS_WEBHOOK_STATUS as STATUS,
  ATTR_NYLAS_API_VERSION as VERSION,
} from '@nylas-otel/semantic-conventions';
import { noneOf } from '../../promql/series.ts';
import { encoded, maxBy, sumBy } from '../board-queries.ts';
import type { BoardSeries } from '../board-spec.ts';
import { DESTINATION_TEXTS } from '../colors.ts';
import type { RowSpec } from '../panel-spec.ts';

/** What Nylas could not deliver to us, and what becomes of it. */
export function missedWebhooksRow({ process, shared }: Pick<BoardSeries, 'process' | 'shared'>): RowSpec {
  return {
    title: 'What was missed',
    panels: [
      {
        type: 'state-timeline',
        id: 17,
        title: 'Destinations',
        description:
          'What Nylas says of our endpoints: failing after 15 minutes of failures, failed after 72 hours, and then for good.',
        width: 12,
        height: 7,
        unit: 'short',
        texts: DESTINATION_TEXTS,
        queries: [
          {
            expr: encoded(
              shared,
              'nylas.webhook.destination.status',
              STATUS,
              [DESTINATION],
              DESTINATION_TEXTS,
            ),
            legend: '{{nylas_webhook_destination}}',
          },
        ],
      },
      {
        type: 'timeseries',
        id: 21,
        title: 'Age of the oldest gap',
        description:
          'Time since the start of the oldest gap that was not made up for, beside the limits of v3 (72 h, warned at 60 h) and v2.',
        width: 12,
        height: 7,
        unit: 's',
        min: 0,
        queries: [
          {
            expr: maxBy([APPLICATION, VERSION], shared.of('nylas.webhook.gap.age')),
            legend: '{{nylas_application}} {{nylas_api_version}}',
          },
        ],
      },
      {
        type: 'timeseries',
        id: 19,
        title: 'Recovered and unrecoverable',
        description: 'Objects that were read again, and changes that nothing shows any more, by resource.',
        width: 12,
        height: 7,
        unit: 'short',
        min: 0,
        queries: [
          {
            expr: sumBy([RESOURCE], `increase(${process.of('nylas.webhook.recovered')}[$__rate_interval])`),
            legend: '{{nylas_resource}} recovered',
          },
          {
            expr: sumBy(
              [RESOURCE],
              `increase(${process.of('nylas.webhook.unrecoverable')}[$__rate_interval])`,
            ),
            legend: '{{nylas_resource}} lost',
          },
        ],
      },
      {
        type: 'timeseries',
        id: 20,
        title: 'Recovery runs',
        description: 'Runs that read again what was missed, by how they ended.',
        width: 12,
        height: 7,
        unit: 'short',
        min: 0,
        queries: [
          {
            expr: sumBy(
              [OUTCOME],
              `increase(${process.of('nylas.webhook.recoveries', noneOf(OUTCOME, ['cancelled']))}[$__rate_interval])`,
            ),
            legend: '{{nylas_outcome}}',
          },
        ],
      },
    ],
  };
}
