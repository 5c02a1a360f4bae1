import { classifyFailure, triggerLabel } from '@nylas-otel/nylas-api';
import {
  ATTR_CLOUDEVENTS_EVENT_ID,
  ATTR_CLOUDEVENTS_EVENT_SOURCE,
  ATTR_CLOUDEVENTS_EVENT_SPEC_VERSION,
  ATTR_CLOUDEVENTS_EVENT_TYPE,
  ATTR_ERROR_TYPE,
  ATTR_NYLAS_ACCOUNT_ID,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_GRANT_ID,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_PROVIDER,
  ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME,
  ATTR_NYLAS_WEBHOOK_TRIGGER,
  EVENT_NYLAS_WEBHOOK_DEAD,
  METRIC_NYLAS_WEBHOOK_EVENT_PROCESSING_DURATION,
  METRIC_NYLAS_WEBHOOK_EVENTS,
  type Outcome,
  type WebhookEventOutcome,
} from '@nylas-otel/semantic-conventions';
import {
  type AccountIdCapture,
  createEmitter,
  type Emitter,
  guarded,
  shownAccountId,
} from '@nylas-otel/telemetry';
import {
  type Attributes,
  context as contextApi,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { SCOPE } from '../version.ts';
import type { ReceivedEvent } from './inbox.ts';

/** What a handler is told beside the event. */
export interface HandlerCall {
  /** Which run of the handler for this event this is, from 1. */
  readonly run: number;
  /** Aborted when the inbox is closed. */
  readonly signal: AbortSignal;
}

/** Handles one event. It may run again for the same event after a failure or a crash: write upserts. */
export type WebhookHandler = (event: ReceivedEvent, call: HandlerCall) => unknown;

/** One handler for every event, or handlers by trigger (`message.created`), with `*` for all others. */
export type WebhookHandlers = WebhookHandler | { readonly [trigger: string]: WebhookHandler };

/** Options of an {@link EventProcessor}. */
export interface EventProcessorOptions {
  readonly onEvent?: WebhookHandlers;
  /** Alias of the Nylas application (`nylas.application`). Default `default`. */
  readonly application?: string;
  /** What telemetry shows of account ids. Default `id`: opaque ids as they are, addresses hashed. */
  readonly captureAccountId?: AccountIdCapture;
}

/** Runs the user's handlers for an inbox, with the telemetry of the contract; the inbox decides on retries. */
export interface EventProcessor {
  /** Runs the handler in a CONSUMER span of its own. Rejects with what the handler threw. */
  process(event: ReceivedEvent, call: HandlerCall): Promise<void>;
  /** Tells that an event is given up, after {@link EventProcessor.process} has rejected for the last time. */
  dead(event: ReceivedEvent, error: unknown): void;
}

/** Makes the worker's half of an inbox: for inboxes other than `memoryInbox()`, which has its own. */
export function createEventProcessor(options: EventProcessorOptions = {}): EventProcessor {
  return new Processor(options, createEmitter(SCOPE));
}

class Processor implements EventProcessor {
  readonly #handler: (event: ReceivedEvent) => WebhookHandler | undefined;
  readonly #application: string;
  readonly #capture: AccountIdCapture;
  readonly #emitter: Emitter;

  constructor(options: EventProcessorOptions, emitter: Emitter) {
    this.#handler = chooser(options.onEvent);
    this.#application = options.application ?? 'default';
    this.#capture = options.captureAccountId ?? 'id';
    this.#emitter = emitter;
    emitter.count(METRIC_NYLAS_WEBHOOK_EVENTS);
  }

  async process(event: ReceivedEvent, call: HandlerCall): Promise<void> {
    const trigger = triggerLabel(event.type);
    const span = guarded('webhooks', () => this.#start(event, trigger), undefined);
    const context = span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span);
    const started = performance.now();
    try {
      const handler = this.#handler(event);
      if (handler !== undefined) await contextApi.with(context, async () => await handler(event, call));
    } catch (error) {
      this.#finish(span, trigger, performance.now() - started, { error });
      throw error;
    }
    this.#finish(span, trigger, performance.now() - started, undefined);
  }

  dead(event: ReceivedEvent, error: unknown): void {
    guarded(
      'webhooks',
      () => {
        const trigger = triggerLabel(event.type);
        this.#count(trigger, 'dead');
        const { errorType } = classifyFailure(error);
        this.#emitter.event({
          name: EVENT_NYLAS_WEBHOOK_DEAD,
          severity: 'error',
          attributes: {
            [ATTR_NYLAS_APPLICATION]: this.#application,
            [ATTR_NYLAS_WEBHOOK_TRIGGER]: trigger,
            [ATTR_ERROR_TYPE]: errorType ?? '_OTHER',
            ...shownId(event),
            ...this.#account(event),
          },
          message: `Handling a Nylas webhook event (${trigger}) was given up; it waits in the dead letters`,
        });
      },
      undefined,
    );
  }

  #start(event: ReceivedEvent, trigger: string): Span {
    const link = linkOf(event.delivery);
    return this.#emitter.tracer().startSpan(
      `process ${trigger}`,
      {
        kind: SpanKind.CONSUMER,
        // A trace of its own: the delivery's was over long ago when a retry runs.
        root: true,
        ...(link === undefined ? {} : { links: [link] }),
        attributes: {
          [ATTR_NYLAS_WEBHOOK_TRIGGER]: trigger,
          [ATTR_NYLAS_API_VERSION]: event.version,
          [ATTR_NYLAS_PROVIDER]: event.provider,
          ...cloudEvent(event, trigger),
          ...this.#account(event),
        },
      },
      ROOT_CONTEXT,
    );
  }

  #finish(
    span: Span | undefined,
    trigger: string,
    durationMs: number,
    thrown: { readonly error: unknown } | undefined,
  ): void {
    guarded(
      'webhooks',
      () => {
        const failed = thrown !== undefined;
        const failure = failed ? classifyFailure(thrown.error) : undefined;
        const errorType = failed ? (failure?.errorType ?? '_OTHER') : undefined;
        this.#count(trigger, failed ? 'failed' : 'processed');
        this.#emitter.histogram(METRIC_NYLAS_WEBHOOK_EVENT_PROCESSING_DURATION).record(
          durationMs / 1_000,
          {
            [ATTR_NYLAS_WEBHOOK_TRIGGER]: trigger,
            [ATTR_NYLAS_OUTCOME]: outcomeOf(failed, failure?.errorType, failure?.outcome),
          },
          span === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, span),
        );
        if (errorType !== undefined) {
          span?.setAttribute(ATTR_ERROR_TYPE, errorType);
          // No message: what a handler throws may hold names, subjects, addresses.
          span?.setStatus({ code: SpanStatusCode.ERROR });
        }
        span?.end();
      },
      undefined,
    );
  }

  #count(trigger: string, outcome: WebhookEventOutcome): void {
    this.#emitter.count(METRIC_NYLAS_WEBHOOK_EVENTS).add({
      [ATTR_NYLAS_WEBHOOK_TRIGGER]: trigger,
      [ATTR_NYLAS_WEBHOOK_EVENT_OUTCOME]: outcome,
    });
  }

  #account(event: ReceivedEvent): Attributes {
    const shown = shownAccountId(event.accountId, this.#capture);
    if (shown === undefined) return {};
    return event.version === 'v3' ? { [ATTR_NYLAS_GRANT_ID]: shown } : { [ATTR_NYLAS_ACCOUNT_ID]: shown };
  }
}

function chooser(
  handlers: WebhookHandlers | undefined,
): (event: ReceivedEvent) => WebhookHandler | undefined {
  if (handlers === undefined) return () => undefined;
  if (typeof handlers === 'function') return () => handlers;
  const byTrigger = new Map(Object.entries(handlers));
  return (event) => byTrigger.get(event.trigger) ?? byTrigger.get('*');
}

// An error that is no failed request is the handler's own: nothing in the list of outcomes is nearer than server_error.
function outcomeOf(failed: boolean, errorType: string | undefined, outcome: Outcome | undefined): Outcome {
  if (!failed) return 'success';
  return outcome === undefined || errorType === '_OTHER' ? 'server_error' : outcome;
}

// Ids are UUIDs; anything else came from outside and may be anything.
const ID = /^[\w.:-]{1,100}$/;

function shownId(event: ReceivedEvent): Attributes {
  return event.id !== undefined && ID.test(event.id) ? { [ATTR_CLOUDEVENTS_EVENT_ID]: event.id } : {};
}

// `/google/emails/realtime`, `/nylas/system`: words and slashes, else it is not shown.
const SOURCE = /^(\/[a-z0-9_-]{1,32}){1,5}$/;

function cloudEvent(event: ReceivedEvent, trigger: string): Attributes {
  if (event.version !== 'v3') return {};
  return {
    ...shownId(event),
    // With its suffixes when it is a documented one.
    [ATTR_CLOUDEVENTS_EVENT_TYPE]: trigger === 'other' ? 'other' : event.type,
    ...(event.source !== undefined && SOURCE.test(event.source)
      ? { [ATTR_CLOUDEVENTS_EVENT_SOURCE]: event.source }
      : {}),
    ...(event.specVersion !== undefined && event.specVersion.length <= 8
      ? { [ATTR_CLOUDEVENTS_EVENT_SPEC_VERSION]: event.specVersion }
      : {}),
  };
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

function linkOf(traceparent: string | undefined): Link | undefined {
  const match = traceparent === undefined ? null : TRACEPARENT.exec(traceparent);
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = '0'] = match;
  return { context: { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true } };
}
