import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_NYLAS_API_VERSION,
  ATTR_NYLAS_FLOW_ID,
  ATTR_NYLAS_OPERATION,
  ATTR_NYLAS_OUTCOME,
  ATTR_NYLAS_REQUEST_COUNT,
  ATTR_NYLAS_REQUEST_ID,
  ATTR_NYLAS_RESOURCE,
  ATTR_SERVER_ADDRESS,
  ATTR_URL_TEMPLATE,
  EVENT_NYLAS_CLIENT_ERROR,
  METRIC_NYLAS_ACCOUNT_POLL_DURATION,
  METRIC_NYLAS_ACCOUNT_POLLS,
  SPANS,
} from '@nylas-otel/semantic-conventions';
import { createEmitter, type Emitter, runInScope } from '@nylas-otel/telemetry';
import { type Attributes, context, diag, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import type { PollObserver } from './poller.ts';
import { isLasting, type WatchIdentity, type WatchProblem } from './problem.ts';
import { SCOPE } from './version.ts';

/** The job that our own requests are counted under where callers are counted. */
const CALLER = 'nylas accounts.poll';

/** Runs `work` outside of whatever started the watch: no parent span, no account, no operation of somebody else's. */
export function outsideOfCallers<T>(work: () => T): T {
  return context.with(ROOT_CONTEXT, () =>
    runInScope({ account: undefined, caller: CALLER, operation: undefined }, work),
  );
}

/** Shows polls as spans, counts, durations and log events. */
export function pollTelemetry(identity: WatchIdentity): PollObserver {
  const emitter = createEmitter(SCOPE);
  const polls = emitter.count(METRIC_NYLAS_ACCOUNT_POLLS);
  const duration = emitter.histogram(METRIC_NYLAS_ACCOUNT_POLL_DURATION);
  let saidFull = false;
  return {
    begin(kind) {
      let requests = 0;
      let over = false;
      const startedAt = performance.now();
      const span = emitter
        .tracer()
        .startSpan(
          SPANS.accountsPoll.name,
          { attributes: { [ATTR_NYLAS_API_VERSION]: identity.profile.version } },
          ROOT_CONTEXT,
        );
      return {
        request(work) {
          requests++;
          return context.with(trace.setSpan(ROOT_CONTEXT, span), work);
        },
        leave() {
          if (over) return;
          over = true;
          span.setAttribute(ATTR_NYLAS_REQUEST_COUNT, requests);
          span.end();
        },
        end(outcome, errorType, seconds) {
          over = true;
          span.setAttribute(ATTR_NYLAS_REQUEST_COUNT, requests);
          if (outcome !== 'success' && outcome !== 'cancelled') {
            span.setAttribute(ATTR_ERROR_TYPE, errorType ?? '_OTHER');
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
          if (kind === 'probe' && outcome === 'success') return;
          polls.add({ [ATTR_NYLAS_OUTCOME]: outcome });
          if (kind === 'sweep')
            duration.record(seconds ?? (performance.now() - startedAt) / 1_000, {
              [ATTR_NYLAS_OUTCOME]: outcome,
            });
        },
      };
    },
    problem: (problem) => sayProblem(emitter, identity, problem),
    solved: (problem) =>
      diag.info(
        `Nylas accounts of application '${identity.application}': can be read again (was: ${problem.kind}).`,
      ),
    full() {
      if (saidFull) return;
      saidFull = true;
      diag.warn(
        `Nylas accounts of application '${identity.application}': there are more accounts than a watch without a ` +
          'store holds (1,000,000); the rest is not watched.',
      );
    },
  };
}

function sayProblem(emitter: Emitter, { profile, host }: WatchIdentity, problem: WatchProblem): void {
  diag.warn(problem.message);
  const attributes: Attributes = {
    [ATTR_NYLAS_OUTCOME]: problem.outcome,
    [ATTR_ERROR_TYPE]: problem.errorType ?? '_OTHER',
    [ATTR_HTTP_REQUEST_METHOD]: 'GET',
    [ATTR_URL_TEMPLATE]: profile.listTemplate,
    [ATTR_NYLAS_RESOURCE]: profile.resource,
    [ATTR_NYLAS_OPERATION]: 'list',
    [ATTR_NYLAS_API_VERSION]: profile.version,
    [ATTR_SERVER_ADDRESS]: host,
  };
  if (problem.status > 0) attributes[ATTR_HTTP_RESPONSE_STATUS_CODE] = problem.status;
  if (problem.requestId !== undefined) attributes[ATTR_NYLAS_REQUEST_ID] = problem.requestId;
  if (problem.flowId !== undefined) attributes[ATTR_NYLAS_FLOW_ID] = problem.flowId;
  emitter.event({
    name: EVENT_NYLAS_CLIENT_ERROR,
    severity: isLasting(problem.kind) || problem.kind === 'unreadable' ? 'error' : 'warn',
    attributes,
    message: problem.message,
    context: ROOT_CONTEXT,
  });
}
