import type { Cause } from '../causes.ts';
import type { FullStage } from '../stage.ts';

/**
 * What no fault can cause, told by a page of metrics instead. Overflow: our packages fold labels before a metric reaches
 * the limit of OpenTelemetry, so that only somebody else's code under a name of ours has such a series.
 *
 * Every other alert has a fault of its own, of some of them one of several causes only. Shown by the rules' unit tests
 * alone: a gap in webhooks of 10 days (v2) or 60 hours (v3) for `NylasWebhookWindowClosing`, and repair that holds still
 * for `NylasMassFailure`, which takes ten minutes to end.
 */
export const SCRIPTED: readonly Cause<FullStage>[] = [
  {
    what: 'a metric overflows',
    alerts: ['NylasTelemetryOverflow'],
    labels: { job: 'script' },
    begin: ({ script }) => script.set('nylas_client_requests_total{otel_metric_overflow="true"}', 5),
    end: ({ script }) => script.remove('nylas_client_requests_total{otel_metric_overflow="true"}'),
  },
];
