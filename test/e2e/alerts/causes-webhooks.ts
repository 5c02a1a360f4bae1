import type { MetricName } from '@nylas-otel/semantic-conventions';
import type { Cause, Stage } from './causes.ts';
import { gauges } from './causes-accounts.ts';

type Attributes = Readonly<Record<string, string>>;

/** Counts that come at once; they are no longer news when the window of the alert is over. */
function counts(
  what: string,
  alerts: readonly string[],
  metric: MetricName,
  attributes: Attributes,
  amount: number,
  always = false,
): Cause {
  return {
    what,
    alerts,
    always,
    begin: ({ exporter }) => exporter.add(metric, attributes, amount),
    end: () => undefined,
  };
}

/** A counter that goes on rising by so much a second while the cause lasts. */
function rising(what: string, alerts: readonly string[], series: string, perSecond: number): Cause {
  let stop: number | undefined;
  return {
    what,
    alerts,
    begin({ exporter }: Stage) {
      const began = Date.now();
      stop = undefined;
      exporter.setSeries(series, () => (((stop ?? Date.now()) - began) / 1000) * perSecond);
    },
    end() {
      stop = Date.now();
    },
  };
}

const outcome = (name: string, status: string): Attributes => ({
  'nylas.webhook.outcome': name,
  'http.response.status_code': status,
});
const status = (name: string): Attributes => ({
  'nylas.webhook.destination': '1',
  'nylas.webhook.status': name,
});
const backlog = (name: string): Attributes => ({ 'nylas.webhook.backlog.state': name });

export const WEBHOOK_CAUSES: readonly Cause[] = [
  counts(
    'deliveries with a wrong signature',
    ['NylasWebhookSignatureFailures'],
    'nylas.webhook.deliveries',
    outcome('invalid_signature', '401'),
    12,
    true,
  ),
  counts(
    'one that cannot be read',
    ['NylasWebhookUnreadable'],
    'nylas.webhook.deliveries',
    outcome('unreadable', '200'),
    1,
  ),
  counts(
    'deliveries that had failed before',
    ['NylasWebhookRedeliveries'],
    'nylas.webhook.redeliveries',
    { 'nylas.webhook.trigger': 'message.created' },
    30,
  ),
  rising(
    'the store is down',
    ['NylasWebhookRefused'],
    'nylas_webhook_deliveries_total{nylas_webhook_outcome="failed",http_response_status_code="503"}',
    20,
  ),
  rising(
    'events arrive late',
    ['NylasWebhookLagHigh'],
    'nylas_webhook_event_lag_seconds_bucket{nylas_webhook_trigger="message.created",le="+Inf"}',
    20,
  ),
  {
    what: 'more arrives than is handled',
    alerts: ['NylasWebhookBacklogGrowing'],
    begin({ exporter }) {
      const began = Date.now();
      exporter.set(
        'nylas.webhook.backlog',
        { 'nylas.application': 'grows', ...backlog('queued') },
        () => 2000 + (Date.now() - began) / 10,
      );
    },
    end: ({ exporter }) =>
      exporter.set('nylas.webhook.backlog', { 'nylas.application': 'grows', ...backlog('queued') }, 0),
  },
  gauges('handlers fail for good', ['NylasWebhookDeadLetters'], 'dead', [
    ['nylas.webhook.backlog', backlog('dead'), 4, 0],
  ]),
  gauges('a destination fails', ['NylasWebhookDestinationFailing'], 'failing', [
    ['nylas.webhook.destination.status', status('failing'), 1, 0],
  ]),
  gauges(
    'a destination was given up',
    ['NylasWebhookDestinationFailed'],
    'failed',
    [['nylas.webhook.destination.status', status('failed'), 1, 0]],
    true,
  ),
  gauges('a gap is 61 hours old', ['NylasWebhookWindowClosing'], 'gap', [
    ['nylas.webhook.gap.age', { 'nylas.api.version': 'v3' }, 3660, 0],
  ]),
  counts(
    'a recovery fails',
    ['NylasWebhookRecoveryFailing'],
    'nylas.webhook.recoveries',
    { 'nylas.outcome': 'server_error' },
    1,
  ),
  counts(
    'changes are lost',
    ['NylasWebhookUnrecoverable'],
    'nylas.webhook.unrecoverable',
    { 'nylas.resource': 'messages' },
    7,
  ),
  gauges(
    'Nylas reports an incident',
    ['NylasPlatformIncident'],
    'incident',
    [['nylas.platform.incidents', { 'nylas.platform.impact': 'major' }, 1, 0]],
    true,
  ),
  counts(
    'a hook throws',
    ['NylasTelemetryErrors'],
    'nylas.telemetry.errors',
    { 'nylas.telemetry.component': 'hook' },
    1,
  ),
  {
    what: 'a metric overflows',
    alerts: ['NylasTelemetryOverflow'],
    begin: ({ exporter }) => exporter.set('nylas.client.requests', { 'otel.metric.overflow': 'true' }, 5),
    end: ({ exporter }) => exporter.remove('nylas.client.requests', { 'otel.metric.overflow': 'true' }),
  },
  {
    what: 'nothing is delivered any more',
    alerts: ['NylasWebhookSilence'],
    begin: () => undefined,
    end: ({ exporter }) => {
      const began = Date.now();
      exporter.set(
        'nylas.webhook.deliveries',
        outcome('duplicate', '200'),
        () => 1000 + (Date.now() - began) / 10,
      );
    },
  },
];
