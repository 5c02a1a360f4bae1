import { triggerLabel } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_WEBHOOK_EVENT_COUNT,
  ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME,
  ATTR_NYLAS_WEBHOOK_OUTCOME,
  ATTR_NYLAS_WEBHOOK_TRIGGER,
  EVENT_NYLAS_WEBHOOK_REJECTED,
  METRIC_NYLAS_WEBHOOK_DELIVERIES,
  METRIC_NYLAS_WEBHOOK_DELIVERY_DURATION,
  METRIC_NYLAS_WEBHOOK_EVENT_LAG,
  METRIC_NYLAS_WEBHOOK_EVENTS,
  METRIC_NYLAS_WEBHOOK_REDELIVERIES,
  type WebhookOutcome,
} from '@nylas-otel/semantic-conventions';
import { type CountEntry, dropError, type Emitter, type LateHistogram } from '@nylas-otel/telemetry';
import { type Attributes, type Context, isSpanContextValid, trace } from '@opentelemetry/api';
import type { WebhookEvent } from '../envelope/webhook-event.ts';
import type { EventVerdict, RejectionReason, Verdict } from './status-policy.ts';

// Anybody may send bad signatures; counts are exact, log lines are bounded.
const LINES_PER_SECOND = 10;

/** The series of one kind of answer. */
interface AnswerSeries {
  readonly deliveries: CountEntry;
  readonly duration: Attributes;
}

/** The series of one trigger at the receiver's end. */
interface TriggerSeries {
  readonly accepted: CountEntry;
  readonly duplicate: CountEntry;
  readonly redeliveries: CountEntry;
  readonly attributes: Attributes;
}

/** What a receiver tells of its deliveries. Nothing here throws, and nothing holds a payload or signature. */
export class DeliveryTelemetry {
  readonly #emitter: Emitter;
  readonly #duration: LateHistogram;
  readonly #lag: LateHistogram;
  readonly #answers = new Map<WebhookOutcome, Map<number | undefined, AnswerSeries>>();
  readonly #triggers = new Map<string, TriggerSeries>();
  readonly #lines = new Map<WebhookOutcome, { second: number; count: number }>();

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
    this.#duration = emitter.histogram(METRIC_NYLAS_WEBHOOK_DELIVERY_DURATION);
    this.#lag = emitter.histogram(METRIC_NYLAS_WEBHOOK_EVENT_LAG);
    // Born at 0 before the first delivery.
    emitter.count(METRIC_NYLAS_WEBHOOK_DELIVERIES);
    emitter.count(METRIC_NYLAS_WEBHOOK_EVENTS);
    emitter.count(METRIC_NYLAS_WEBHOOK_REDELIVERIES);
  }

  /** Counts a delivery that was answered (status undefined: the sender was gone) and marks its span. */
  delivered(
    status: number | undefined,
    outcome: WebhookOutcome,
    events: number,
    durationMs: number,
    context: Context,
  ): void {
    try {
      const series = this.#answers.get(outcome)?.get(status) ?? this.#answer(status, outcome);
      series.deliveries.value++;
      this.#duration.record(durationMs / 1_000, series.duration, context);
      const span = trace.getSpan(context);
      if (span === undefined) return;
      span.setAttribute(ATTR_NYLAS_WEBHOOK_OUTCOME, outcome);
      if (events > 0) span.setAttribute(ATTR_NYLAS_WEBHOOK_EVENT_COUNT, events);
    } catch (error) {
      dropError('webhooks', error);
    }
  }

  /** Counts the events of a stored delivery. */
  stored(
    events: readonly WebhookEvent[],
    verdicts: readonly EventVerdict[],
    now: number,
    context: Context,
  ): void {
    try {
      for (let index = 0; index < events.length; index++) {
        const event = events[index] as WebhookEvent;
        const series = this.#triggers.get(event.trigger) ?? this.#trigger(triggerLabel(event.type));
        if (verdicts[index] === 'duplicate') {
          series.duplicate.value++;
          continue;
        }
        series.accepted.value++;
        // Seen for the first time at a later attempt: the earlier ones never reached the store.
        if (event.attempt !== undefined && event.attempt > 1) series.redeliveries.value++;
        if (event.time !== undefined) {
          this.#lag.record(Math.max(0, now - event.time) / 1_000, series.attributes, context);
        }
      }
    } catch (error) {
      dropError('webhooks', error);
    }
  }

  /** Writes the log event of a delivery that was not stored. */
  rejected(verdict: Verdict, reason: RejectionReason, context: Context): void {
    const second = Math.floor(Date.now() / 1_000);
    const lines = this.#lines.get(verdict.outcome);
    if (lines?.second === second) {
      if (++lines.count > LINES_PER_SECOND) return;
    } else this.#lines.set(verdict.outcome, { second, count: 1 });
    this.#emitter.event({
      name: EVENT_NYLAS_WEBHOOK_REJECTED,
      severity: verdict.outcome === 'failed' ? 'error' : 'warn',
      attributes: {
        [ATTR_NYLAS_WEBHOOK_OUTCOME]: verdict.outcome,
        [ATTR_HTTP_RESPONSE_STATUS_CODE]: verdict.status,
        [ATTR_ERROR_TYPE]: reason,
      },
      message: `Nylas webhook delivery answered with ${verdict.status} (${verdict.outcome}: ${reason})`,
      context,
    });
  }

  #answer(status: number | undefined, outcome: WebhookOutcome): AnswerSeries {
    const duration: Attributes = { [ATTR_NYLAS_WEBHOOK_OUTCOME]: outcome };
    const attributes: Attributes = { ...duration };
    if (status !== undefined) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = status;
    const deliveries = this.#emitter.count(METRIC_NYLAS_WEBHOOK_DELIVERIES).entry(attributes);
    const series = { deliveries, duration };
    const byStatus = this.#answers.get(outcome) ?? new Map<number | undefined, AnswerSeries>();
    this.#answers.set(outcome, byStatus.set(status, series));
    return series;
  }

  // Labels are the documented triggers and `other`, so the map is bounded.
  #trigger(label: string): TriggerSeries {
    let series = this.#triggers.get(label);
    if (series === undefined) {
      const attributes: Attributes = { [ATTR_NYLAS_WEBHOOK_TRIGGER]: label };
      const events = this.#emitter.count(METRIC_NYLAS_WEBHOOK_EVENTS);
      series = {
        accepted: events.entry({ ...attributes, [ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME]: 'accepted' }),
        duplicate: events.entry({ ...attributes, [ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME]: 'duplicate' }),
        redeliveries: this.#emitter.count(METRIC_NYLAS_WEBHOOK_REDELIVERIES).entry(attributes),
        attributes,
      };
      this.#triggers.set(label, series);
    }
    return series;
  }
}

/** The `traceparent` of the span in a context; undefined without one. */
export function traceparentOf(context: Context): string | undefined {
  const spanContext = trace.getSpan(context)?.spanContext();
  if (spanContext === undefined || !isSpanContextValid(spanContext)) return undefined;
  const flags = (spanContext.traceFlags & 0xff).toString(16).padStart(2, '0');
  return `00-${spanContext.traceId}-${spanContext.spanId}-${flags}`;
}
