import type { ApiVersion } from '@nylas-otel/nylas-api';
import type { NylasRequestFacts } from '../requests/facts.ts';
import { FailureMinutes, MINUTES_KEPT } from './failure-minutes.ts';
import {
  type FailureKind,
  failureKindOf,
  type HurtingFailure,
  type HurtingReport,
  type HurtingWindow,
} from './hurting-report.ts';

/** Accounts that are followed: whoever has more than 1 in 200 of an hour's failures is among them. */
const MOST_FOLLOWED = 200;
const MOST_SHOWN = 50;
const MOST_LAST_FAILURES = 5;
const MINUTE_MS = 60_000;

/** A failure as it is kept: what a report formats is left for the report. */
interface KeptFailure extends Omit<HurtingFailure, 'time'> {
  /** Unix time in milliseconds. */
  readonly time: number;
}

interface Followed {
  readonly account: string;
  readonly minutes: FailureMinutes;
  version: ApiVersion;
  /** The oldest first. */
  readonly lastFailures: KeptFailure[];
}

/**
 * Which accounts are hurting now: metrics must not carry identities, so the worst are kept here, in bounded memory. Only
 * failed requests come here. When every place is taken, a new account takes the one with the fewest failures and bears
 * its count as doubt (space-saving: Metwally, Agrawal, El Abbadi 2005), so that one who keeps failing stays.
 */
export class HurtingAccounts {
  readonly #now: () => number;
  readonly #since: number;
  readonly #followed = new Map<string, Followed>();
  readonly #unattributed = new FailureMinutes();
  #minute: number;

  /** @param now Unix time in milliseconds */
  constructor(now: () => number = Date.now) {
    this.#now = now;
    this.#since = now();
    this.#minute = Math.floor(this.#since / MINUTE_MS);
  }

  /** Takes a failed request. */
  failed(request: NylasRequestFacts): void {
    const kind = failureKindOf(request);
    if (kind === undefined) return;
    const time = this.#now();
    this.#advance(time);
    if (request.account === undefined) {
      this.#unattributed.add(this.#minute, kind);
      return;
    }
    const followed = this.#followed.get(request.account) ?? this.#follow(request.account, request.version);
    followed.minutes.add(this.#minute, kind);
    followed.version = request.version;
    followed.lastFailures.push(failureOf(request, kind, time));
    if (followed.lastFailures.length > MOST_LAST_FAILURES) followed.lastFailures.shift();
  }

  /** What is known now. */
  report(): HurtingReport {
    const time = this.#now();
    this.#advance(time);
    return {
      time: new Date(time).toISOString(),
      since: new Date(this.#since).toISOString(),
      last15Minutes: this.#window(15),
      lastHour: this.#window(MINUTES_KEPT),
    };
  }

  #window(minutes: number): HurtingWindow {
    const oldest = (this.#minute - minutes + 1) * MINUTE_MS;
    const hurt = [...this.#followed.values()]
      .map((followed) => ({ ...followed, ...followed.minutes.over(this.#minute, minutes) }))
      .filter(({ failures }) => failures > 0)
      .sort((a, b) => b.failures - a.failures);
    return {
      accounts: hurt
        .slice(0, MOST_SHOWN)
        .map(({ account, version, failures, counts, inherited, lastFailures }) => ({
          account,
          version,
          failures,
          ...counts,
          missed: inherited,
          lastFailures: lastFailures
            .filter(({ time }) => time >= oldest)
            .map((failure) => ({ ...failure, time: new Date(failure.time).toISOString() }))
            .reverse(),
        })),
      more: Math.max(0, hurt.length - MOST_SHOWN),
      unattributed: this.#unattributed.over(this.#minute, minutes).counts,
    };
  }

  #follow(account: string, version: ApiVersion): Followed {
    const minutes = this.#followed.size < MOST_FOLLOWED ? new FailureMinutes() : this.#takeOver();
    const followed = { account, minutes, version, lastFailures: [] };
    this.#followed.set(account, followed);
    return followed;
  }

  /** The place of the account with the fewest failures. */
  #takeOver(): FailureMinutes {
    let least: Followed | undefined;
    for (const followed of this.#followed.values()) {
      if (least === undefined || followed.minutes.total < least.minutes.total) least = followed;
    }
    const { account, minutes } = least as Followed;
    this.#followed.delete(account);
    minutes.inherit();
    return minutes;
  }

  // A clock that was set back changes nothing until it has caught up.
  #advance(time: number): void {
    const minute = Math.floor(time / MINUTE_MS);
    if (minute <= this.#minute) return;
    this.#unattributed.advance(this.#minute, minute);
    for (const { account, minutes } of this.#followed.values()) {
      minutes.advance(this.#minute, minute);
      if (minutes.total === 0) this.#followed.delete(account);
    }
    this.#minute = minute;
  }
}

function failureOf(request: NylasRequestFacts, kind: FailureKind, time: number): KeptFailure {
  const { method, template, status, errorType, requestId, flowId } = request;
  return { time, kind, method, template, status, errorType, requestId, flowId };
}
