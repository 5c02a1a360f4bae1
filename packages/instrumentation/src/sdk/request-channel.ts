import { type TracingChannel, tracingChannel } from 'node:diagnostics_channel';
import { type Operation, runInScope } from '@nylas-otel/telemetry';

/**
 * What the SDK patch publishes for one call, on Node's tracing channel `tracing:nylas:request:*`
 * (start, end, asyncEnd, error).
 */
export interface NylasCall {
  /** Version of the `nylas` SDK, where it is known. */
  readonly sdkVersion: string | undefined;
  readonly method: string;
  /** The path as the SDK builds it; raw, so never to be shown. */
  readonly path: string;
  /** Base URL of the API, as the SDK was configured. */
  readonly baseUrl: string;
  /** An abort is the SDK's own time-out: the caller has no way to abort (nylas 6). */
  readonly abortIsTimeout?: boolean;
  /** The operation that a telemetry subscriber opened for the call. */
  operation?: Operation;
  /** Set by a subscriber at `start`: runs the call in its contexts. */
  run?: <T>(work: () => T) => T;
  /** The settled result. */
  result?: unknown;
  /** The rejection. */
  error?: unknown;
}

/** The channel: `tracingChannel('nylas:request')`. */
export const requestChannel: TracingChannel<unknown, NylasCall> = tracingChannel<unknown, NylasCall>(
  'nylas:request',
);

/**
 * Publishes a call and its outcome, and runs it in what the subscribers set. Results, errors and their identity are the
 * call's own; an unhandled rejection stays one.
 */
export function publishCall<T>(call: NylasCall, work: () => Promise<T>): Promise<T> {
  requestChannel.start.publish(call);
  let promise: Promise<T>;
  try {
    const inside = () => runInScope({ inSdkCall: true }, work);
    promise = call.run === undefined ? inside() : call.run(inside);
  } catch (error) {
    call.error = error;
    requestChannel.error.publish(call);
    requestChannel.asyncEnd.publish(call);
    throw error;
  } finally {
    requestChannel.end.publish(call);
  }
  return promise.then(
    (result) => {
      call.result = result;
      requestChannel.asyncEnd.publish(call);
      return result;
    },
    (error: unknown) => {
      call.error = error;
      requestChannel.error.publish(call);
      requestChannel.asyncEnd.publish(call);
      throw error;
    },
  );
}
