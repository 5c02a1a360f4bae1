import type {
  BacklogCounts,
  EventProcessorOptions,
  Inbox,
  QuarantinedDelivery,
  ReceivedEvent,
} from '@nylas-otel/webhooks';

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

/** How events are handled. */
export interface InboxWorkOptions extends EventProcessorOptions {
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
}
