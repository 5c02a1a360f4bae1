import { outsideOfCallers } from '@nylas-otel/accounts/tracking';
import type { ApiVersion } from '@nylas-otel/nylas-api';
import {
  ATTR_ERROR_TYPE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_APPLICATION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_REQUEST_COUNT,
  ATTR_NYLAS_RESOURCE,
  METRIC_NYLAS_WEBHOOK_GAP_AGE,
  METRIC_NYLAS_WEBHOOK_RECOVERED,
  METRIC_NYLAS_WEBHOOK_RECOVERIES,
  METRIC_NYLAS_WEBHOOK_UNRECOVERABLE,
  type Outcome,
  SPANS,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, processState } from '@nylas-otel/telemetry';
import { context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { SCOPE } from '../version.ts';
import type { RecoveryCounts } from './handover.ts';
import { RECOVERABLE } from './options.ts';

/** A run, as telemetry sees it. */
export interface RunSpan {
  /** Runs a request as part of the run. */
  request<T>(work: () => Promise<T>): Promise<T>;
  /** Requests so far. */
  readonly requests: number;
  end(outcome: Outcome, errorType?: string): void;
}

const emitter = createEmitter(SCOPE);

/** Begins the span of a run. */
export function beginRun(lossesOf: ReadonlySet<string>): RunSpan {
  bornAtZero(lossesOf);
  let requests = 0;
  const span = emitter.tracer().startSpan(SPANS.webhooksRecover.name, {}, ROOT_CONTEXT);
  return {
    request(work) {
      requests++;
      return outsideOfCallers(() => context.with(trace.setSpan(ROOT_CONTEXT, span), work));
    },
    get requests() {
      return requests;
    },
    end(outcome, errorType) {
      span.setAttribute(ATTR_NYLAS_REQUEST_COUNT, requests);
      if (outcome !== 'success' && outcome !== 'cancelled') {
        span.setAttribute(ATTR_ERROR_TYPE, errorType ?? '_OTHER');
        span.setStatus({ code: SpanStatusCode.ERROR });
      }
      span.end();
      emitter.count(METRIC_NYLAS_WEBHOOK_RECOVERIES).add({ [ATTR_NYLAS_OUTCOME]: outcome });
    },
  };
}

/** Counts what a step came to. */
export function countRecovered({ recovered, unrecoverable }: RecoveryCounts): void {
  for (const [resource, count] of Object.entries(recovered))
    emitter.count(METRIC_NYLAS_WEBHOOK_RECOVERED).add({ [ATTR_NYLAS_RESOURCE]: resource }, count);
  for (const [resource, count] of Object.entries(unrecoverable))
    emitter.count(METRIC_NYLAS_WEBHOOK_UNRECOVERABLE).add({ [ATTR_NYLAS_RESOURCE]: resource }, count);
}

/**
 * An alert stands on these: the first object must be an increase.
 *
 * @param lossesOf resources whose losses are counted: a 0 for others would say that nothing was lost
 */
export function bornAtZero(lossesOf: ReadonlySet<string>): void {
  emitter.count(METRIC_NYLAS_WEBHOOK_RECOVERIES);
  for (const resource of [...RECOVERABLE, 'accounts']) {
    emitter.count(METRIC_NYLAS_WEBHOOK_RECOVERED).entry({ [ATTR_NYLAS_RESOURCE]: resource });
    if (lossesOf.has(resource))
      emitter.count(METRIC_NYLAS_WEBHOOK_UNRECOVERABLE).entry({ [ATTR_NYLAS_RESOURCE]: resource });
  }
}

/** What the gauge of the oldest gap shows of one application. */
export interface GapSource {
  readonly application: string;
  readonly version: ApiVersion;
  /** Unix milliseconds of the begin of the oldest gap that is not made up for. */
  oldest(): number | undefined;
  now(): number;
}

const gaps = processState('webhook-gaps', (): Map<string, GapSource> => {
  const registry = new Map<string, GapSource>();
  createEmitter(SCOPE).observe(METRIC_NYLAS_WEBHOOK_GAP_AGE, (report) => {
    for (const { application, version, oldest, now } of registry.values()) {
      const from = oldest();
      report(from === undefined ? 0 : Math.max(0, (now() - from) / 1_000), {
        [ATTR_NYLAS_APPLICATION]: application,
        [ATTR_NYLAS_API_VERSION]: version,
      });
    }
  });
  return registry;
});

/** Shows the age of the oldest gap; returns what takes it off. */
export function showGaps(source: GapSource): () => void {
  const key = `${source.version} ${source.application}`;
  gaps.set(key, source);
  return () => {
    if (gaps.get(key) === source) gaps.delete(key);
  };
}
