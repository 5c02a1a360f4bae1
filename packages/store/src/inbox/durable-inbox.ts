import type {
  BacklogCounts,
  EventProcessorOptions,
  HandlerCall,
  Inbox,
  QuarantinedDelivery,
  ReceivedEvent,
  StateTrace,
} from '@nylas-otel/webhooks';
import type { StoreTransaction } from '../store.ts';

/** An event whose handler failed for good. */
export interface StoredDeadLetter {
  readonly key: string;
  readonly event: ReceivedEvent;
  /** Class and code of the error; its message only where the store was opened with `keepErrorMessages`. */
  readonly error: string;
  readonly runs: number;
  /** Unix milliseconds. */
  readonly diedAt: number;
}

/** Which dead letters; every condition must hold. */
export interface DeadLetterFilter {
  readonly trigger?: string;
  readonly accountId?: string;
  readonly after?: string;
  /** Default 100, at most 10,000. */
  readonly limit?: number;
}

/** What a handler of the durable inbox is told beside the event. */
export interface DurableHandlerCall extends HandlerCall {
  /**
   * Writes the effect of the event and its completion in one commit, so that the effect is there exactly once, whatever
   * crashes when: `tx.query()` for your own tables (in the same database), and the parts of the store. Make it the last
   * thing that a handler does; once for each run. Without it an event may be handled again after a crash: write upserts.
   *
   * @throws {NylasStoreError} `NYLAS_STORE_EVENT_TAKEN_OVER` when this process seemed lost and another one has the event
   */
  transaction<Result>(work: (tx: StoreTransaction) => Promise<Result>): Promise<Result>;
}

/** Handles one event. */
export type DurableHandler = (event: ReceivedEvent, call: DurableHandlerCall) => unknown;

/** One handler for every event, or handlers by trigger (`message.created`), with `*` for all others. */
export type DurableHandlers = DurableHandler | { readonly [trigger: string]: DurableHandler };

/** How events are handled. `application` is the store's unless given. */
export interface InboxWorkOptions extends Omit<EventProcessorOptions, 'onEvent'> {
  readonly onEvent?: DurableHandlers;
  /** Events handled at one time in this process. Default 16. */
  readonly concurrency?: number;
  /** Runs of a handler until its event is a dead letter. Default 5. */
  readonly maxRuns?: number;
  /** Seconds before the second run; doubled each time, with jitter. Default 1. */
  readonly retryDelay?: number;
}

/**
 * The inbox that `nylasWebhooks({ inbox })` takes: what `accept` resolved for survives a crash of the process and of
 * the machine. Dedupes over all processes, for `retention.events` (default 7 days).
 */
export interface DurableInbox extends Inbox {
  check(): Promise<void>;
  /**
   * Handles events in this process until the store closes or the returned function is called: state events
   * (`grant.*`, `account.*`) in order for each account, all others side by side.
   */
  work(options: InboxWorkOptions): Promise<() => Promise<void>>;
  counts(): Promise<BacklogCounts>;
  deadLetters(filter?: DeadLetterFilter): Promise<readonly StoredDeadLetter[]>;
  /** Puts dead letters back to work; returns how many. Without keys: all that fit the filter. */
  redrive(which: { readonly keys: readonly string[] } | DeadLetterFilter): Promise<number>;
  quarantined(limit?: number): Promise<readonly QuarantinedDelivery[]>;
  /** Which of these keys are known already: recovery asks before it fetches. */
  known(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** All known keys that begin so. */
  knownFrom(prefix: string): Promise<readonly string[]>;
  /** What was told of the objects of an account: all states whose keys begin so (`toldStates` of `@nylas-otel/webhooks`). */
  statesFrom(prefix: string): Promise<readonly StateTrace[]>;
  /** How many notifications were stored in a time, without what recovery made. Unix milliseconds; `until` is excluded. */
  arrivals(since: number, until: number): Promise<Arrivals>;
}

/** How many notifications were stored in a time. */
export interface Arrivals {
  readonly events: number;
  /** Unix milliseconds of the last one. */
  readonly last: number | undefined;
}
