import type { IncomingHttpHeaders } from 'node:http';
import type { FaultName } from '../faults/fault-rule.ts';
import { SimulatorError } from '../simulator-error.ts';

/** One request as it reached the simulator, and what it was answered. */
export interface RequestRecord {
  /** Counts up from 1. */
  readonly id: number;
  /** Arrival, Unix milliseconds of the simulator's clock. */
  readonly time: number;
  readonly method: string;
  /** Path without query, as sent (not decoded). */
  readonly path: string;
  /** Query with its leading `?`, or an empty string. */
  readonly query: string;
  /** Headers as Node gives them: lower-case names; HTTP/2 pseudo headers included. */
  readonly headers: IncomingHttpHeaders;
  /** `1.1` or `2.0`. */
  readonly httpVersion: string;
  /** The matched route template, or undefined for a path that Nylas does not have. */
  readonly template: string | undefined;
  /** The v3 grant id the request was about, when it was known. */
  readonly grantId: string | undefined;
  /** The v2 account id the request was about, when it was known. */
  readonly accountId: string | undefined;
  /** `x-request-id` of the answer. */
  readonly requestId: string;
  /** Status of the answer; undefined while there is none (also for requests that are reset or never answered). */
  readonly status: number | undefined;
  /** The fault that hit the request, if any. */
  readonly fault: FaultName | undefined;
  /** Bytes of the request body that were read. */
  readonly bodyBytes: number;
  /** The JSON body, where option `recordBodies` is on and there was one. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** What arrived, newest last, bounded. */
export interface RequestLog {
  /** Number of requests since the start or the last `clear()`, also those that fell out of the ring. */
  readonly total: number;
  /** The remembered requests, oldest first. */
  list(): readonly RequestRecord[];
  /** Forgets the remembered requests and counts from 0 again. */
  clear(): void;
  /**
   * Resolves with the first remembered or coming request that fits. The predicate is asked when a request arrives and
   * again when it is answered.
   * @param options `timeoutMs`: milliseconds to wait; default 5000
   * @throws {SimulatorError} code `timeout` when none came, `closed` when the simulator stopped
   */
  waitFor(
    predicate: (request: RequestRecord) => boolean,
    options?: { readonly timeoutMs?: number },
  ): Promise<RequestRecord>;
}

/** A record while its request is under way. */
export type OpenRecord = { -readonly [K in keyof RequestRecord]: RequestRecord[K] };

interface Waiter {
  readonly predicate: (request: RequestRecord) => boolean;
  readonly resolve: (request: RequestRecord) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A ring of the last requests. */
export class RequestRing implements RequestLog {
  readonly #capacity: number;
  #ring: OpenRecord[] = [];
  #next = 0;
  #total = 0;
  readonly #waiters = new Set<Waiter>();

  /** @param capacity how many requests to remember; 0 remembers none */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get total(): number {
    return this.#total;
  }

  /** Adds an arrived request. */
  arrived(record: OpenRecord): void {
    this.#total++;
    record.id = this.#total;
    if (this.#capacity > 0) {
      this.#ring[this.#next] = record;
      this.#next = (this.#next + 1) % this.#capacity;
    }
    if (this.#waiters.size > 0) this.#notify(record);
  }

  /** Says that a record got its status. */
  answered(record: OpenRecord): void {
    if (this.#waiters.size > 0) this.#notify(record);
  }

  list(): readonly RequestRecord[] {
    return this.#ring.length < this.#capacity
      ? this.#ring.slice()
      : [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  clear(): void {
    this.#ring = [];
    this.#next = 0;
    this.#total = 0;
  }

  waitFor(
    predicate: (request: RequestRecord) => boolean,
    options: { readonly timeoutMs?: number } = {},
  ): Promise<RequestRecord> {
    const known = this.list().find(predicate);
    if (known !== undefined) return Promise.resolve(known);
    const timeoutMs = options.timeoutMs ?? 5000;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(
          new SimulatorError(
            'timeout',
            `no such request within ${timeoutMs} ms; ${this.#total} arrived, see requests.list()`,
          ),
        );
      }, timeoutMs);
      const waiter: Waiter = { predicate, resolve, reject, timer };
      this.#waiters.add(waiter);
    });
  }

  /** Ends every wait. */
  close(): void {
    for (const waiter of this.#waiters) {
      clearTimeout(waiter.timer);
      waiter.reject(new SimulatorError('closed', 'the simulator was closed while waiting for a request'));
    }
    this.#waiters.clear();
  }

  #notify(record: RequestRecord): void {
    for (const waiter of this.#waiters) {
      let fits = false;
      try {
        fits = waiter.predicate(record);
      } catch (error) {
        this.#settle(waiter);
        waiter.reject(error as Error);
        continue;
      }
      if (fits) {
        this.#settle(waiter);
        waiter.resolve(record);
      }
    }
  }

  #settle(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }
}
