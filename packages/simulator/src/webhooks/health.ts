import type { DestinationStatus } from './destination.ts';

const MINUTE = 60_000;
/** Nylas judges a destination by its last 15 minutes, */
const WINDOW_MS = 15 * MINUTE;
/** and gives up after 72 hours, */
const GIVE_UP_MS = 72 * 60 * MINUTE;
/** when so much of it failed. */
const FAILING_SHARE = 0.95;

interface Count {
  ok: number;
  bad: number;
}

const fails = ({ ok, bad }: Count): boolean => bad > 0 && bad / (ok + bad) >= FAILING_SHARE;

/**
 * How a destination does: active, failing when 95 % of 15 minutes were no 200, failed when that went on for 72 hours;
 * active again when it recovers within them. No timers: `nextCheck` says when to ask.
 */
export class Health {
  readonly #minutes = new Map<number, Count>();
  #badSince: number | undefined;
  #failingSince: number | undefined;
  #whileFailing: Count = { ok: 0, bad: 0 };
  /** The check that is arranged. */
  checkAt: number | undefined;

  /** Takes the answer to an attempt. */
  note(ok: boolean, now: number): void {
    const minute = Math.floor(now / MINUTE);
    let count = this.#minutes.get(minute);
    if (count === undefined) {
      count = { ok: 0, bad: 0 };
      this.#minutes.set(minute, count);
    }
    count[ok ? 'ok' : 'bad']++;
    if (this.#failingSince !== undefined) this.#whileFailing[ok ? 'ok' : 'bad']++;
    if (fails(this.#recent(now))) this.#badSince ??= now;
    else this.#badSince = undefined;
  }

  /** The status at a time, given the one before. */
  judge(status: DestinationStatus, now: number): DestinationStatus {
    if (status === 'active') {
      if (this.#badSince === undefined || now - this.#badSince < WINDOW_MS) return 'active';
      this.#failingSince = now;
      this.#whileFailing = { ok: 0, bad: 0 };
      return 'failing';
    }
    if (status !== 'failing') return status;
    this.#failingSince ??= now;
    const recent = this.#recent(now);
    if (recent.ok > 0 && !fails(recent)) return this.#recovered();
    if (now - this.#failingSince < GIVE_UP_MS) return 'failing';
    return fails(this.#whileFailing) ? 'failed' : 'failing';
  }

  /** When the status may change without another attempt; undefined when it will not. */
  nextCheck(status: DestinationStatus): number | undefined {
    if (status === 'active' && this.#badSince !== undefined) return this.#badSince + WINDOW_MS;
    return status === 'failing' && this.#failingSince !== undefined
      ? this.#failingSince + GIVE_UP_MS
      : undefined;
  }

  #recovered(): DestinationStatus {
    this.#badSince = undefined;
    this.#failingSince = undefined;
    return 'active';
  }

  #recent(now: number): Count {
    const sum = { ok: 0, bad: 0 };
    const first = Math.floor((now - WINDOW_MS) / MINUTE);
    for (const [minute, { ok, bad }] of this.#minutes) {
      if (minute < first) this.#minutes.delete(minute);
      else {
        sum.ok += ok;
        sum.bad += bad;
      }
    }
    return sum;
  }
}
