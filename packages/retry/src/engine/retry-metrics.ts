import type { RetryReason, Route } from '@nylas-otel/nylas-api';
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_NYLAS_RETRY_DETECTION,
  ATTR_NYLAS_RETRY_REASON,
  ATTR_URL_TEMPLATE,
  METRIC_NYLAS_CLIENT_RETRIES,
  METRIC_NYLAS_CLIENT_RETRIES_EXHAUSTED,
  METRIC_NYLAS_CLIENT_RETRY_DELAY,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, guarded } from '@nylas-otel/telemetry';
import { SCOPE } from '../version.ts';

const emitter = createEmitter(SCOPE);

/** Brings the counters into being, at 0. */
export function startCounting(): void {
  emitter.count(METRIC_NYLAS_CLIENT_RETRIES);
  emitter.count(METRIC_NYLAS_CLIENT_RETRIES_EXHAUSTED);
  emitter.histogram(METRIC_NYLAS_CLIENT_RETRY_DELAY);
}

/** Counts a resend that is being made, and what was waited for it. */
export function countRetry(route: Route, reason: RetryReason, waitedMs: number): void {
  guarded(
    'retry',
    () => {
      emitter.count(METRIC_NYLAS_CLIENT_RETRIES).add({
        [ATTR_HTTP_REQUEST_METHOD]: route.method,
        [ATTR_URL_TEMPLATE]: route.template,
        [ATTR_NYLAS_RETRY_REASON]: reason,
        [ATTR_NYLAS_RETRY_DETECTION]: 'explicit',
      });
      emitter.histogram(METRIC_NYLAS_CLIENT_RETRY_DELAY).record(waitedMs / 1000, {
        [ATTR_NYLAS_RETRY_REASON]: reason,
      });
    },
    undefined,
  );
}

/** Counts a call that failed although its failure might have passed. */
export function countExhausted(route: Route, reason: RetryReason): void {
  guarded(
    'retry',
    () =>
      emitter.count(METRIC_NYLAS_CLIENT_RETRIES_EXHAUSTED).add({
        [ATTR_URL_TEMPLATE]: route.template,
        [ATTR_NYLAS_RETRY_REASON]: reason,
      }),
    undefined,
  );
}
