import {
  ATTR_NYLAS_APPLICATION as APPLICATION,
  ATTR_NYLAS_WEBHOOK_BACKLOG_STATE as BACKLOG_STATE,
  ATTR_NYLAS_WEBHOOK_OUTCOME as DELIVERY,
  ATTR_NYLAS_WEBHOOK_DESTINATION as DESTINATION,
  ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME as EVENT_OUTCOME,
  ATTR_NYLAS_WEBHOOK_STATUS as STATUS,
  ATTR_NYLAS_WEBHOOK_TRIGGER as TRIGGER,
} from '@nylas-otel/semantic-conventions';
import type { RulesConfig } from '../../config.ts';
import { among, is, isNot } from '../../promql/series.ts';
import { buckets, maxBy, percentiles, quantile, rateBy, share, sumBy } from '../board-queries.ts';
import type { BoardSeries, BoardSpec } from '../board-spec.ts';
import { DELIVERY_COLORS, PLAIN, upTo } from '../colors.ts';
import { missedWebhooksRow } from './missed-webhooks.ts';

const DELIVERIES = 'nylas.webhook.deliveries';
const LAG = 'nylas.webhook.event.lag';
const REJECTED = ['invalid_signature', 'unreadable', 'too_large', 'overloaded', 'failed'];

export function webhooksBoard(config: RulesConfig, { process, shared }: BoardSeries): BoardSpec {
  const { webhooks } = config;
  const all = rateBy(process, DELIVERIES, []);
  const backlog = (by: readonly string[], ...matchers: string[]): string =>
    maxBy(by, shared.of('nylas.webhook.backlog', ...matchers));
  return {
    uid: 'nylas-webhooks',
    title: 'Nylas / Webhooks',
    description: 'What Nylas delivers, what becomes of it, and what was missed.',
    variables: ['application'],
    from: 'now-6h',
    rows: [
      {
        title: 'Now',
        panels: [
          {
            type: 'stat',
            id: 1,
            title: 'Deliveries',
            description: 'Webhook deliveries a second, of every kind.',
            width: 3,
            height: 4,
            unit: 'reqps',
            thresholds: PLAIN,
            queries: [{ expr: all, legend: 'deliveries' }],
          },
          {
            type: 'stat',
            id: 2,
            title: 'Lag, p95',
            description: 'One event in twenty reaches us later than this after it happened.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(60, webhooks.lag.limit),
            queries: [{ expr: quantile(0.95, process, LAG), legend: 'p95' }],
          },
          {
            type: 'stat',
            id: 3,
            title: 'Not taken',
            description: 'Share of the deliveries that were refused or could not be read.',
            width: 3,
            height: 4,
            unit: 'percentunit',
            decimals: 2,
            thresholds: upTo(0.001, webhooks.refused.ratio),
            queries: [
              {
                expr: share(rateBy(process, DELIVERIES, [], among(DELIVERY, REJECTED)), all),
                legend: 'not taken',
              },
            ],
          },
          {
            type: 'stat',
            id: 4,
            title: 'Waiting',
            description: 'Accepted events that no handler has taken yet.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(100, webhooks.backlog.count),
            queries: [{ expr: backlog([], is(BACKLOG_STATE, 'queued')), legend: 'queued' }],
          },
          {
            type: 'stat',
            id: 5,
            title: 'Dead letters',
            description:
              'Events whose handler failed as often as allowed. They wait for `nylas-otel webhooks redrive`.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 10),
            queries: [{ expr: backlog([], is(BACKLOG_STATE, 'dead')), legend: 'dead' }],
          },
          {
            type: 'stat',
            id: 6,
            title: 'Not active',
            description:
              'Destinations that Nylas calls failing or failed. A failed one stays so until it is activated again.',
            width: 3,
            height: 4,
            unit: 'short',
            decimals: 0,
            thresholds: upTo(1, 2),
            queries: [
              {
                expr: `sum(${maxBy([APPLICATION, DESTINATION], shared.of('nylas.webhook.destination.status', among(STATUS, ['failing', 'failed'])))})`,
                legend: 'destinations',
              },
            ],
          },
          {
            type: 'stat',
            id: 7,
            title: 'Last delivery',
            description: 'Time since the last delivery with a valid signature.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(900, webhooks.silence.window),
            queries: [
              { expr: `time() - max(${process.of('nylas.webhook.last_delivery.time')})`, legend: 'ago' },
            ],
          },
          {
            type: 'stat',
            id: 8,
            title: 'Oldest gap',
            description: 'Age of the oldest gap that was not made up for. v3 keeps 72 hours, v2 14 days.',
            width: 3,
            height: 4,
            unit: 's',
            thresholds: upTo(3600, webhooks.gap.v3),
            queries: [{ expr: maxBy([], shared.of('nylas.webhook.gap.age')), legend: 'age' }],
          },
        ],
      },
      {
        title: 'Deliveries and events',
        panels: [
          {
            type: 'timeseries',
            id: 10,
            title: 'Deliveries',
            description: 'Deliveries a second, by what became of them.',
            width: 8,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            colors: DELIVERY_COLORS,
            queries: [
              { expr: `${rateBy(process, DELIVERIES, [DELIVERY])} > 0`, legend: '{{nylas_webhook_outcome}}' },
            ],
          },
          {
            type: 'timeseries',
            id: 22,
            title: 'Events by trigger',
            description: 'Accepted events a second.',
            width: 8,
            height: 8,
            unit: 'reqps',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: `topk(10, ${rateBy(process, 'nylas.webhook.events', [TRIGGER], is(EVENT_OUTCOME, 'accepted'))} > 0)`,
                legend: '{{nylas_webhook_trigger}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 23,
            title: 'Events by outcome',
            description: 'Processed should follow accepted; dead ones need a person.',
            width: 8,
            height: 8,
            unit: 'reqps',
            min: 0,
            colors: {
              accepted: 'blue',
              processed: 'green',
              duplicate: 'text',
              failed: 'orange',
              dead: 'red',
            },
            queries: [
              {
                expr: rateBy(process, 'nylas.webhook.events', [EVENT_OUTCOME]),
                legend: '{{nylas_webhook_event_outcome}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 11,
            title: 'Lag',
            description:
              'From the event at Nylas to its acceptance. A replay after re-authentication brings events of up to 72 hours.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: percentiles(process, LAG),
          },
          {
            type: 'heatmap',
            id: 12,
            title: 'Lag, all events',
            description:
              'How many events arrived how late: a band far up beside a normal one is a replay, not a slow Nylas.',
            width: 8,
            height: 8,
            unit: 's',
            queries: [buckets(process, LAG)],
          },
          {
            type: 'timeseries',
            id: 24,
            title: 'Time to our answer',
            description:
              'From the arrival of a delivery to the answer. Nylas waits ten seconds; we give up at eight.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: percentiles(process, 'nylas.webhook.delivery.duration'),
          },
        ],
      },
      {
        title: 'What goes wrong',
        panels: [
          {
            type: 'timeseries',
            id: 13,
            title: 'Not taken',
            description: 'Deliveries refused or unreadable, within the step of the graph.',
            width: 8,
            height: 8,
            unit: 'short',
            min: 0,
            colors: DELIVERY_COLORS,
            queries: [
              {
                expr: sumBy(
                  [DELIVERY],
                  `increase(${process.of(DELIVERIES, among(DELIVERY, REJECTED))}[$__rate_interval])`,
                ),
                legend: '{{nylas_webhook_outcome}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 14,
            title: 'Redeliveries',
            description: 'Events first seen at a later attempt: an earlier one never reached our store.',
            width: 8,
            height: 8,
            unit: 'short',
            min: 0,
            queries: [
              {
                expr: sumBy(
                  [TRIGGER],
                  `increase(${process.of('nylas.webhook.redeliveries')}[$__rate_interval])`,
                ),
                legend: '{{nylas_webhook_trigger}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 25,
            title: 'Time of a handler, p95',
            description: 'One run of the handler of an event in twenty takes longer.',
            width: 8,
            height: 8,
            unit: 's',
            min: 0,
            queries: [
              {
                expr: quantile(0.95, process, 'nylas.webhook.event.processing.duration', [TRIGGER]),
                legend: '{{nylas_webhook_trigger}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 15,
            title: 'Backlog',
            description: 'Accepted events that wait or are being handled.',
            width: 8,
            height: 8,
            unit: 'short',
            stacked: true,
            min: 0,
            queries: [
              {
                expr: backlog([BACKLOG_STATE], isNot(BACKLOG_STATE, 'dead')),
                legend: '{{nylas_webhook_backlog_state}}',
              },
            ],
          },
          {
            type: 'timeseries',
            id: 16,
            title: 'Dead letters',
            description: 'Events that were given up and wait to be redriven.',
            width: 8,
            height: 8,
            unit: 'short',
            min: 0,
            colors: { dead: 'red' },
            queries: [{ expr: backlog([BACKLOG_STATE], is(BACKLOG_STATE, 'dead')), legend: 'dead' }],
          },
          {
            type: 'timeseries',
            id: 18,
            title: 'Our downtime',
            description: 'Share of the time in which the receivers were not able to accept, on average.',
            width: 8,
            height: 8,
            unit: 'percentunit',
            min: 0,
            queries: [
              {
                expr: `avg by (job) (rate(${process.of('nylas.webhook.downtime')}[$__rate_interval]))`,
                legend: '{{job}}',
              },
            ],
          },
        ],
      },
      missedWebhooksRow({ process, shared }),
    ],
  };
}
