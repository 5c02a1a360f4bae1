import { Agent, request } from 'node:http';
import { mockNotification, signWebhook } from '@nylas-otel/webhooks';

/** One event, and which of its account's it is. */
export interface SentEvent {
  readonly id: string;
  readonly trigger: string;
  readonly account: string;
  readonly step: number;
}

/** What the sender has seen. */
export interface SenderCounts {
  requests: number;
  /** Answers by status; `0`: none came. */
  readonly answers: Record<string, number>;
  /** Events that were sent again although they were acknowledged, as Nylas does when an answer is lost. */
  resent: number;
}

/** Sends events as Nylas does, but with more patience: each until it is acknowledged. */
export class Sender {
  readonly acknowledged: Set<string> = new Set();
  readonly counts: SenderCounts = { requests: 0, answers: {}, resent: 0 };
  readonly #ports: readonly number[];
  readonly #secret: string;
  readonly #random: () => number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });

  constructor(ports: readonly number[], secret: string, random: () => number) {
    this.#ports = ports;
    this.#secret = secret;
    this.#random = random;
  }

  /** Resolves when it was answered with 200. */
  async send(event: SentEvent): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const status = await this.#post(event, attempt);
      if (status === 200) break;
      await new Promise((resolve) => setTimeout(resolve, 20 + this.#random() * 200));
    }
    this.acknowledged.add(event.id);
    if (this.#random() >= 0.02) return;
    this.counts.resent++;
    await this.#post(event, 2);
  }

  close(): void {
    this.#agent.destroy();
  }

  async #post({ id, trigger, account, step }: SentEvent, attempt: number): Promise<number> {
    const notification = mockNotification(trigger, { id, accountId: account, object: { step } });
    const body = Buffer.from(JSON.stringify({ ...notification, webhook_delivery_attempt: attempt }));
    const port = this.#ports[Math.floor(this.#random() * this.#ports.length)];
    this.counts.requests++;
    const status = await new Promise<number>((resolve) => {
      const sent = request(
        {
          host: '127.0.0.1',
          port,
          method: 'POST',
          agent: this.#agent,
          timeout: 10_000,
          headers: {
            'content-type': 'application/json',
            'content-length': body.length,
            'x-nylas-signature': signWebhook(body, this.#secret),
          },
        },
        (answer) => {
          answer.resume();
          answer.once('end', () => resolve(answer.statusCode ?? 0));
          answer.once('error', () => resolve(0));
        },
      );
      sent.once('timeout', () => sent.destroy());
      sent.once('error', () => resolve(0));
      sent.end(body);
    });
    this.counts.answers[status] = (this.counts.answers[status] ?? 0) + 1;
    return status;
  }
}
