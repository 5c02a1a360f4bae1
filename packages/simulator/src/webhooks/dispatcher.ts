import { truncateNotification } from '@nylas-otel/webhooks';
import type { Clock } from '../clock/clock.ts';
import { hashText, RandomStream } from '../data/random.ts';
import type { Notice } from '../notices/notice.ts';
import { type AttemptResult, isRetryable, nextWait } from './attempts.ts';
import type { DeliveryLog, LossReason, OpenDelivery } from './delivery-log.ts';
import type { Destination } from './destination.ts';
import { v2Envelope, v3Envelope } from './envelope.ts';
import type { Postman } from './post.ts';
import type { WebhookSettings } from './webhook-settings.ts';

/** What is sent together: one v3 notification to its destinations, or a batch of v2 deltas to one webhook. */
export interface Shipment {
  readonly version: 'v2' | 'v3';
  readonly notices: readonly Notice[];
  readonly targets: readonly Target[];
}

/** A destination of a shipment, with an entry in the log for each notice. */
export interface Target {
  readonly destination: Destination;
  readonly deliveries: readonly OpenDelivery[];
}

/** What the dispatcher works with. */
export interface DispatcherParts {
  readonly seed: number;
  readonly applicationId: string;
  readonly clock: Clock;
  readonly postman: Postman;
  readonly log: DeliveryLog;
  readonly settings: () => WebhookSettings;
  /** Why a destination gets nothing at present; undefined when it does. */
  readonly obstacle: (destination: Destination) => LossReason | undefined;
  /** Told the answer to each attempt. */
  readonly answered: (destination: Destination, ok: boolean) => void;
}

/** Tries shipments until they are acknowledged or Nylas gives up. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  #draw: RandomStream;
  #life = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#draw = new RandomStream(parts.seed + 3);
  }

  /** Sends a shipment: after the latency, in an order of chance where asked for, and some twice. */
  dispatch(shipment: Shipment): void {
    const { clock, settings } = this.#parts;
    const { latencyMs, reorderMs, duplicates } = settings();
    const copies = duplicates > 0 && this.#draw.next() < duplicates ? 2 : 1;
    const life = this.#life;
    for (let copy = 0; copy < copies; copy++) {
      const late = reorderMs === 0 ? 0 : Math.floor(this.#draw.next() * (reorderMs + 1));
      const sent = copy === 0 ? shipment : this.#duplicate(shipment);
      clock.after(latencyMs + late, () => this.#attempt(sent, 1, life));
    }
  }

  /** Forgets what is under way. */
  clear(): void {
    this.#life++;
    this.#draw = new RandomStream(this.#parts.seed + 3);
  }

  /** From the notice and not from a stream: answers come in any order, and the waits shall be the same each time. */
  #chance({ notices }: Shipment, attempt: number): number {
    return hashText(this.#parts.seed + attempt, (notices[0] as Notice).id) / 4_294_967_296;
  }

  #duplicate(shipment: Shipment): Shipment {
    const targets = shipment.targets.map(({ destination, deliveries }) => ({
      destination,
      deliveries: deliveries.map((one) => {
        const again: OpenDelivery = { ...one, duplicate: true, attempts: [] };
        this.#parts.log.add(again);
        return again;
      }),
    }));
    return { ...shipment, targets };
  }

  /** One attempt at every destination: a retry goes to all of them, as Nylas documents it. */
  async #attempt(shipment: Shipment, number: number, life: number): Promise<void> {
    if (life !== this.#life) return;
    const { clock, obstacle } = this.#parts;
    const targets = shipment.targets.filter(({ destination, deliveries }) => {
      const reason = obstacle(destination);
      if (reason !== undefined) lose(deliveries, reason);
      return reason === undefined;
    });
    const results = await Promise.all(targets.map((target) => this.#post(shipment, target, number)));
    if (life !== this.#life) return;
    const open = targets.filter(({ deliveries }) => deliveries[0]?.outcome === 'pending');
    const wait =
      open.length === 0
        ? undefined
        : nextWait(shipment.version, number, results, this.#chance(shipment, number));
    if (wait === undefined) {
      for (const { deliveries } of open)
        lose(deliveries, isFinal(deliveries) ? 'not_retried' : 'attempts_exhausted');
    } else {
      clock.after(wait, () => this.#attempt({ ...shipment, targets }, number + 1, life));
    }
  }

  async #post(
    shipment: Shipment,
    { destination, deliveries }: Target,
    number: number,
  ): Promise<AttemptResult> {
    const { postman, settings, clock, answered } = this.#parts;
    const { url, secret, compressed } = destination;
    const { timeoutMs } = settings();
    const time = clock.now();
    const json = this.#json(shipment, number);
    const life = this.#life;
    const result = await postman.post({ url, secret, compressed, json }, timeoutMs);
    if (life !== this.#life) return result;
    for (const delivery of deliveries) {
      delivery.attempts.push({ time, status: result.status });
      if (result.status === 200) delivery.outcome = 'acknowledged';
    }
    answered(destination, result.status === 200);
    return result;
  }

  #json({ version, notices }: Shipment, number: number): string {
    const { applicationId, settings } = this.#parts;
    if (version === 'v2') return JSON.stringify(v2Envelope(notices));
    const envelope = v3Envelope(notices[0] as Notice, applicationId, number);
    return JSON.stringify(truncateNotification(envelope, settings().truncateAbove));
  }
}

/** Whether the last answer was one after which Nylas does not try again. */
function isFinal(deliveries: readonly OpenDelivery[]): boolean {
  const last = deliveries[0]?.attempts.at(-1);
  return last !== undefined && !isRetryable({ status: last.status, retryAfterMs: undefined });
}

function lose(deliveries: readonly OpenDelivery[], reason: LossReason): void {
  for (const delivery of deliveries) {
    if (delivery.outcome !== 'pending') continue;
    delivery.outcome = 'lost';
    delivery.reason = reason;
  }
}
