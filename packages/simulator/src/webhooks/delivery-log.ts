import { Ring } from '../notices/ring.ts';

/** Why a notification never reached a destination. */
export type LossReason =
  /** An outage of Nylas, switched on by `startOutage`. */
  | 'outage'
  /** The destination was paused (v3) or inactive (v2). */
  | 'paused'
  /** The destination had failed, and is not tried any more. */
  | 'failed'
  /** v2: another webhook of the application had failed, which stops all. */
  | 'application_stopped'
  /** It was answered with a status after which Nylas does not try again, such as 500. */
  | 'not_retried'
  /** Every attempt failed. */
  | 'attempts_exhausted'
  /** The grant had no access for 72 hours or more. */
  | 'grant_expired'
  /** The destination was deleted meanwhile. */
  | 'deleted';

/** One notification on its way to one destination. */
export interface Delivery {
  /** Id of the notice, which a v3 notification carries as its id. */
  readonly noticeId: string;
  readonly trigger: string;
  /** Grant id (v3) or account id (v2). */
  readonly accountId: string;
  readonly destinationId: string;
  /** Serial number of the change it tells of, where it tells of one. */
  readonly change: number | undefined;
  /** When it happened, simulated Unix milliseconds. */
  readonly time: number;
  /** Sent once more although the first was acknowledged: at least once is all Nylas promises. */
  readonly duplicate: boolean;
  /** When it was tried and what came back (0: nothing), oldest first. */
  readonly attempts: readonly { readonly time: number; readonly status: number }[];
  /** `acknowledged`: answered with 200. `lost`: it will never come. */
  readonly outcome: 'pending' | 'acknowledged' | 'lost';
  readonly reason: LossReason | undefined;
}

/** Which deliveries to take. */
export interface DeliveryFilter {
  readonly destinationId?: string;
  readonly accountId?: string;
  readonly trigger?: string;
  readonly outcome?: Delivery['outcome'];
  readonly reason?: LossReason;
}

/** A delivery on its way. */
export type OpenDelivery = { -readonly [K in keyof Omit<Delivery, 'attempts'>]: Delivery[K] } & {
  readonly attempts: { time: number; status: number }[];
};

/** Older deliveries are forgotten above this. */
const MAX_DELIVERIES = 200_000;

/** The ground truth of what was delivered and what was lost. */
export class DeliveryLog {
  readonly #log = new Ring<OpenDelivery>(MAX_DELIVERIES);

  /** Adds a delivery. */
  add(delivery: OpenDelivery): void {
    this.#log.add(delivery);
  }

  /** The deliveries that fit, oldest first. */
  list(filter: DeliveryFilter = {}): readonly Delivery[] {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined) as [
      keyof DeliveryFilter,
      string,
    ][];
    return this.#log.list().filter((one) => wanted.every(([name, value]) => one[name] === value));
  }

  /** Serial numbers of the changes that no destination will ever hear of, though one was subscribed. */
  missedChanges(): Set<number> {
    const missed = new Set<number>();
    const heard = new Set<number>();
    for (const { change, outcome } of this.#log.list()) {
      if (change === undefined) continue;
      if (outcome === 'lost') missed.add(change);
      else heard.add(change);
    }
    for (const change of heard) missed.delete(change);
    return missed;
  }

  /** Forgets them. */
  clear(): void {
    this.#log.clear();
  }
}
