import type { Exchange } from '../http/exchange.ts';
import { type Reply, v2Error } from '../http/reply.ts';
import type { CompiledRoute } from '../http/router.ts';
import type { LimitOptions } from '../options.ts';

/** A place taken by a request under way; give it back when the request ends. */
export type Slot = string;

/** What the limiter says to a request. */
export type Admission =
  | { readonly refusal: Reply }
  | { readonly refusal: undefined; readonly slot: Slot | undefined };

const ADMITTED: Admission = { refusal: undefined, slot: undefined };
const HOUR = 3_600_000;

/** The rate limits of the documentation: fixed windows of one second, and requests under way. */
export class Limiter {
  readonly #limits: Readonly<Required<LimitOptions>> | undefined;
  readonly #now: () => number;
  #second = 0;
  /** Counts of the current second only, so that 100,000 grants do not stay in memory. */
  readonly #counts = new Map<string, number>();
  readonly #underWay = new Map<string, number>();
  #hour = 0;
  #ipAddressCalls = 0;

  constructor(limits: Readonly<Required<LimitOptions>> | undefined, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Counts a request; a refusal when it is one too many. */
  admit(x: Exchange): Admission {
    const limits = this.#limits;
    if (limits === undefined || x.route === undefined) return ADMITTED;
    return x.version === 'v3' ? this.#admitV3(x, limits) : this.#admitV2(x, limits);
  }

  /** Gives a place back. */
  release(slot: Slot): void {
    const left = (this.#underWay.get(slot) ?? 1) - 1;
    if (left > 0) this.#underWay.set(slot, left);
    else this.#underWay.delete(slot);
  }

  /** Forgets every count. */
  clear(): void {
    this.#counts.clear();
    this.#underWay.clear();
    this.#second = 0;
    this.#hour = 0;
    this.#ipAddressCalls = 0;
  }

  #admitV3(x: Exchange, limits: Readonly<Required<LimitOptions>>): Admission {
    const route = x.route;
    const grant = x.grant;
    if (route?.limit === 'admin' && this.#count('admin') > limits.adminPerSecond) return tooMany(x);
    if (grant === undefined || (route?.limit !== 'data' && route?.limit !== 'send')) return ADMITTED;
    const multipart = route.limit === 'send' && (x.header('content-type') ?? '').startsWith('multipart/');
    if (multipart && this.#count(`send ${grant.id}`) > limits.multipartSendPerSecond) return tooMany(x);
    if (!multipart && this.#count(grant.id) > limits.grantPerSecond) return tooMany(x);
    if (!route.proxied || grant.provider !== 'microsoft') return ADMITTED;
    const slot = this.#take(`mailbox ${grant.id}`, limits.microsoftConcurrent);
    return slot === undefined ? mailboxBusy(x) : { refusal: undefined, slot };
  }

  #admitV2(x: Exchange, limits: Readonly<Required<LimitOptions>>): Admission {
    const { template, limit } = x.route as CompiledRoute;
    if (limit === 'v2_ip_addresses' && this.#countHour() > limits.v2IpAddressesPerHour) {
      return v2TooMany(
        'This endpoint is limited to 10 requests per hour.',
        limits.v2IpAddressesPerHour,
        this.#hourLeft(),
      );
    }
    if (this.#count(template) > limits.v2ApplicationPerSecond) {
      return v2TooMany(
        'Application rate limit exceeded, please slow down.',
        limits.v2ApplicationPerSecond,
        1,
      );
    }
    const account = x.account;
    if (account === undefined) return ADMITTED;
    if (this.#count(`${template} ${account.id}`) > limits.v2AccountPerSecond) {
      return v2TooMany('Account rate limit exceeded, please slow down.', limits.v2AccountPerSecond, 1);
    }
    const most =
      limit === 'v2_concurrent'
        ? limits.v2ListConcurrent
        : limit === 'v2_delta_longpoll' || limit === 'v2_delta_streaming'
          ? limits.v2DeltaConcurrent
          : 0;
    if (most === 0) return ADMITTED;
    const slot = this.#take(`${template} ${account.id}`, most);
    return slot === undefined
      ? v2TooMany('Too many concurrent requests for this account.', most, 1)
      : { refusal: undefined, slot };
  }

  #count(name: string): number {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#counts.clear();
    }
    const count = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, count);
    return count;
  }

  #countHour(): number {
    const hour = Math.floor(this.#now() / HOUR);
    if (hour !== this.#hour) {
      this.#hour = hour;
      this.#ipAddressCalls = 0;
    }
    return ++this.#ipAddressCalls;
  }

  #hourLeft(): number {
    return Math.ceil((HOUR - (this.#now() % HOUR)) / 1000);
  }

  #take(slot: Slot, most: number): Slot | undefined {
    const taken = this.#underWay.get(slot) ?? 0;
    if (taken >= most) return undefined;
    this.#underWay.set(slot, taken + 1);
    return slot;
  }
}

function tooMany(x: Exchange): Admission {
  return {
    refusal: x.fail(429, 'nylas_rate_limit_exceeded', 'Too many requests, please try again shortly.'),
  };
}

function mailboxBusy(x: Exchange): Admission {
  return {
    refusal: x.fail(429, 'rate_limit_error', 'Too many requests, please try again shortly.', {
      providerError: MAILBOX_CONCURRENCY,
      headers: ['retry-after', '1'],
    }),
  };
}

/** Microsoft's words when a fifth request is under way on one mailbox. */
export const MAILBOX_CONCURRENCY = {
  error: { code: 'ApplicationThrottled', message: 'Application is over its MailboxConcurrency limit.' },
} as const;

function v2TooMany(message: string, limit: number, resetSeconds: number): Admission {
  return { refusal: v2RateLimit(message, limit, resetSeconds) };
}

/** The v2 answer to too many requests, with its two headers. */
export function v2RateLimit(message: string, limit: number, resetSeconds: number): Reply {
  return v2Error(429, 'api_error', message, {}, [
    'x-ratelimit-limit',
    String(limit),
    'x-ratelimit-reset',
    String(resetSeconds),
  ]);
}
