import { type Check, flag, integer, number, record } from '../option-checks.ts';

/** How notifications travel. */
export interface WebhookDeliveryOptions {
  /** Share of notifications that are delivered twice, from 0 to 1. Default 0. */
  readonly duplicates?: number;
  /** Simulated milliseconds by which a notification may come late, so that later ones overtake it. Default 0. */
  readonly reorderMs?: number;
  /** Simulated milliseconds between what happens and the first attempt. Default 0. */
  readonly latencyMs?: number;
  /** Real milliseconds that a receiver has for its answer. Default 10,000, as at Nylas. */
  readonly timeoutMs?: number;
  /** Bytes above which a `message.*` notification is truncated. Default 1,000,000. */
  readonly truncateAbove?: number;
  /** v2: how many deltas one notification carries at most. Default 100. */
  readonly batch?: number;
  /** Ask destinations for the challenge when they are made and activated. Default true. */
  readonly challenge?: boolean;
}

/** With every default filled in. */
export type WebhookSettings = Required<WebhookDeliveryOptions>;

const HOUR = 3_600_000;

/** Checks delivery options. */
export const checkWebhookOptions: Check = record({
  duplicates: number(0, 1),
  reorderMs: integer(0, HOUR),
  latencyMs: integer(0, HOUR),
  timeoutMs: integer(1, HOUR),
  truncateAbove: integer(1, 100_000_000),
  batch: integer(1, 10_000),
  challenge: flag,
});

/** How Nylas delivers. */
export const DEFAULT_WEBHOOKS: WebhookSettings = {
  duplicates: 0,
  reorderMs: 0,
  latencyMs: 0,
  timeoutMs: 10_000,
  truncateAbove: 1_000_000,
  batch: 100,
  challenge: true,
};
