import type { EnvelopeFault, WebhookEvent } from '../envelope/webhook-event.ts';
import type { EventVerdict } from '../receiver/status-policy.ts';

/** An event as it is stored: with when and in which trace it arrived. Survives JSON. */
export interface ReceivedEvent extends WebhookEvent {
  /** When its delivery arrived, Unix time in milliseconds. */
  readonly receivedAt: number;
  /** W3C `traceparent` of the delivery's span, for the link from the event's own span. */
  readonly delivery?: string;
}

/** A body with a good signature that cannot be read, for a person to look at. Holds personal data. */
export interface QuarantinedDelivery {
  /** SHA-256 of the body, so that a repetition is recognised. */
  readonly key: string;
  readonly fault: EnvelopeFault;
  /** The body as it was sent (compressed, if it was). */
  readonly body: Uint8Array;
  /** When it arrived, Unix time in milliseconds. */
  readonly receivedAt: number;
}

/** Options of a call to an inbox. */
export interface InboxCall {
  /** Aborted when the delivery is answered without waiting any longer. */
  readonly signal: AbortSignal;
}

/**
 * Where accepted events go. The receiver answers 200 only after `accept` has resolved, so what it resolves for must
 * survive whatever the inbox promises to survive.
 */
export interface Inbox {
  /**
   * Stores what is new and passes over what is known, in one commit: after a rejection nothing of it may be missing
   * later as "known".
   *
   * @returns one verdict an event, in their order; at once from an inbox that need not wait
   * @throws (or rejects) when nothing was stored; the delivery is answered with 503 and Nylas sends it again
   */
  accept(
    events: readonly ReceivedEvent[],
    call: InboxCall,
  ): readonly EventVerdict[] | Promise<readonly EventVerdict[]>;
  /** Keeps a signed body that cannot be read. */
  quarantine(delivery: QuarantinedDelivery, call: InboxCall): Promise<void>;
  /** Looks whether `accept` would work, for the downtime counter; rejects when it would not. */
  check?(): Promise<void>;
}
