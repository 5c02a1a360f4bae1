import type { RetryReason } from '@nylas-otel/nylas-api';
import { guarded } from '@nylas-otel/telemetry';
import { NylasDeadlineError, NylasHeldBackError } from '../errors.ts';
import type { RetryRequest, Settings } from '../options.ts';
import { equalJitter } from '../policy/backoff.ts';
import { type Decision, decide, type StopReason } from '../policy/decide.ts';
import { KEY_LIFETIME_MS, type SendState } from '../policy/idempotent-send.ts';
import { answered, type Verdict } from '../policy/verdict.ts';
import { limitAttempt } from './attempt-limit.ts';
import { runAttempt } from './attempt-scope.ts';
import { type Attempted, type Call, gateKey, isIdempotentSend } from './call.ts';
import { beginOperation, type CallOperation } from './call-operation.ts';
import type { Pass } from './gatekeeper.ts';
import type { Slot } from './mailbox-limiter.ts';
import { type AttemptReport, attachReport, reportAttempt } from './report.ts';
import { bothSignals, currentLimits, mayListen } from './retry-limits.ts';
import { countExhausted, countRetry } from './retry-metrics.ts';
import { sleep } from './wait-line.ts';

/** Why a call may not go on. */
interface Halt {
  readonly halt: 'deadline' | 'queue' | 'budget' | 'aborted' | 'key_expired';
  readonly retryAt?: number | undefined;
}

interface Admission {
  readonly pass: Pass;
  readonly slot: Slot;
}

/** The reasons that mean: it might have passed, but we may not try on. */
const EXHAUSTED: ReadonlySet<StopReason> = new Set([
  'attempts',
  'deadline',
  'budget',
  'queue',
  'key_expired',
]);

/**
 * Makes a call: attempts, waits and gives up by the policy. The first attempt begins before this function returns
 * wherever nothing holds it back.
 *
 * @returns what the last attempt gave; rejects with what it threw
 */
export async function runCall<T>(call: Call<T>, settings: Settings, host?: string): Promise<T> {
  return new CallRun(call, settings, host).run();
}

/** One call on its way. */
class CallRun<T> {
  readonly #call: Call<T>;
  readonly #settings: Settings;
  readonly #deadline: number;
  readonly #deadlineMs: number;
  readonly #attemptsAllowed: number;
  readonly #signal: AbortSignal | undefined;
  readonly #gateKey: string;
  readonly #request: RetryRequest;
  readonly #operation: CallOperation;
  readonly #reports: AttemptReport[] = [];
  #send: SendState | undefined;
  /** Attempts that only asked whether a send still runs: they do not count. */
  #polls = 0;
  #last: Attempted<T> | undefined;

  constructor(call: Call<T>, settings: Settings, host: string | undefined) {
    const { clock } = settings.state;
    const limits = currentLimits();
    const { route } = call;
    const left = limits?.until === undefined ? Number.POSITIVE_INFINITY : limits.until - performance.now();
    this.#call = call;
    this.#settings = settings;
    this.#deadlineMs = Math.min(settings.deadlineMs, limits?.deadlineMs ?? Number.POSITIVE_INFINITY);
    this.#deadline = clock.now() + Math.min(settings.deadlineMs, left);
    this.#attemptsAllowed = Math.min(settings.attempts, limits?.attempts ?? settings.attempts);
    this.#signal = bothSignals(call.signal, limits?.signal);
    mayListen(this.#signal);
    this.#gateKey = gateKey(route, call.application, call.account);
    this.#request = {
      version: route.version,
      method: route.method,
      template: route.template,
      resource: route.resource,
      operation: route.operation,
    };
    if (settings.sends && call.replayable && isIdempotentSend(route))
      this.#send = this.#newSend(call.givenKey);
    this.#operation = beginOperation(route, host);
  }

  async run(): Promise<T> {
    const { clock } = this.#settings.state;
    let waitedMs = 0;
    let resend: RetryReason | undefined;
    for (;;) {
      const admitted = this.#admit();
      const admission = admitted instanceof Promise ? await admitted : admitted;
      if ('halt' in admission) return this.#halt(admission);
      if (resend !== undefined) {
        this.#last?.discard();
        this.#operation.announceResend(resend);
        countRetry(this.#call.route, resend, waitedMs);
      }
      const attempted = await this.#attempt(admission, waitedMs);
      if (attempted === 'cut') return this.#cut();
      this.#last = attempted;
      const decision = this.#decide(attempted.verdict);
      if (decision.action === 'done') return this.#finish(attempted, undefined, undefined);
      if (decision.action === 'stop') return this.#finish(attempted, decision.why, decision.retryAt);

      const failedAt = clock.now();
      this.#operation.failed(attempted.verdict);
      this.#tellRetry(attempted.verdict, decision);
      const halt = await this.#waitFor(decision);
      if (halt !== undefined) return this.#halt(halt);
      waitedMs = clock.now() - failedAt;
      resend = decision.reason;
    }
  }

  /** Passes gate and limiter: at once where nothing is limited. */
  #admit(): Admission | Halt | Promise<Admission | Halt> {
    const { state } = this.#settings;
    if (this.#signal?.aborted === true) return { halt: 'aborted' };
    const pass = state.gates.enter(this.#gateKey, this.#deadline, this.#signal);
    if (pass instanceof Promise) return this.#admitSlowly(pass);
    if ('refused' in pass) return { halt: pass.refused, retryAt: pass.retryAt };
    const slot = state.mailboxes.enter(this.#call.account, this.#deadline, this.#signal);
    if (slot instanceof Promise) return this.#admitSlowly(Promise.resolve(pass), slot);
    return this.#stillAllowed({ pass, slot });
  }

  async #admitSlowly(
    passing: Promise<Pass | { refused: 'deadline' | 'queue'; retryAt: number } | 'aborted'>,
    waitingSlot?: Promise<Slot | 'deadline' | 'aborted'>,
  ): Promise<Admission | Halt> {
    const { state } = this.#settings;
    const pass = await passing;
    if (pass === 'aborted') return { halt: 'aborted' };
    if ('refused' in pass) return { halt: pass.refused, retryAt: pass.retryAt };
    const slot = await (waitingSlot ??
      state.mailboxes.enter(this.#call.account, this.#deadline, this.#signal));
    if (typeof slot === 'string') {
      pass.leave('not_sent');
      return { halt: slot };
    }
    return this.#stillAllowed({ pass, slot });
  }

  /** A wait may have taken the time that a key or a deadline had left. */
  #stillAllowed(admission: Admission): Admission | Halt {
    const now = this.#settings.state.clock.now();
    const halt: Halt | undefined =
      this.#signal?.aborted === true
        ? { halt: 'aborted' }
        : now >= this.#deadline
          ? { halt: 'deadline' }
          : this.#send !== undefined && now > this.#send.firstSentAt + KEY_LIFETIME_MS
            ? { halt: 'key_expired' }
            : undefined;
    if (halt === undefined) return admission;
    admission.pass.leave('not_sent');
    admission.slot.leave();
    return halt;
  }

  async #attempt({ pass, slot }: Admission, waitedMs: number): Promise<Attempted<T> | 'cut'> {
    const { clock } = this.#settings.state;
    const startedAt = clock.now();
    const limit = limitAttempt(
      clock,
      this.#deadline,
      this.#signal,
      () => new NylasDeadlineError(this.#deadlineMs),
    );
    const send = this.#send;
    if (send !== undefined && send.firstSentAt === Number.POSITIVE_INFINITY)
      this.#send = { ...send, firstSentAt: startedAt };
    const attempting = runAttempt(() =>
      this.#operation.run(() =>
        this.#call.attempt({
          idempotencyKey: this.#call.givenKey === undefined ? send?.key : undefined,
          signal: limit?.signal,
          remainingMs: this.#deadline - startedAt,
        }),
      ),
    );
    let outcome: Attempted<T> | 'cut';
    try {
      outcome = await (limit === undefined ? attempting : Promise.race([attempting, limit.cut]));
    } catch (error) {
      // A fault of a face or of a hook: the caller must see it, and the gate must not wait for it.
      pass.leave('not_sent');
      throw error;
    } finally {
      limit?.release();
      slot.leave();
    }
    if (outcome === 'cut') {
      pass.leave('not_sent');
      // Nobody waits for it any more.
      attempting.then(
        (late) => late.discard(),
        () => undefined,
      );
      return 'cut';
    }
    this.#account(outcome.verdict, pass);
    this.#reports.push(
      reportAttempt(outcome.verdict, this.#reports.length + 1, startedAt, clock.now(), waitedMs),
    );
    return outcome;
  }

  /** Tells gate and budget what an attempt came to. */
  #account(verdict: Verdict, pass: Pass): void {
    const { state, throttleDelayMs, maxDelayMs } = this.#settings;
    const limited = verdict.status === 429 || (verdict.status === 503 && verdict.retryAfterMs !== undefined);
    if (limited) {
      const now = state.clock.now();
      state.gates.limited(this.#gateKey, verdict.rateLimitSource ?? 'unknown', (level) =>
        verdict.retryAfterMs === undefined
          ? now + equalJitter(level, throttleDelayMs, maxDelayMs, state.random)
          : now + verdict.retryAfterMs,
      );
    }
    pass.leave(limited ? 'limited' : verdict.status === 0 ? 'not_sent' : 'answered');
    // Comes once for a call: nothing follows such an answer.
    if (answered(verdict)) state.budget.answered();
  }

  #decide(verdict: Verdict): Decision {
    const { state, methods, resend } = this.#settings;
    if (verdict.stillRunning && this.#send !== undefined) this.#polls++;
    const optedIn = (): boolean =>
      resend !== undefined && guarded('hook', () => resend(this.#request) === true, false);
    return decide(
      {
        verdict,
        methodAllowed: methods.has(this.#request.method) || (this.#send === undefined && optedIn()),
        replayable: this.#call.replayable,
        send: this.#send,
        keyIsCallers: this.#call.givenKey !== undefined,
        attempts: this.#reports.length - this.#polls,
        resends: this.#reports.length - 1,
        now: state.clock.now(),
        deadline: this.#deadline,
      },
      this.#attemptsAllowed === this.#settings.attempts
        ? this.#settings
        : { ...this.#settings, attempts: this.#attemptsAllowed },
      state.random,
    );
  }

  /** Waits as decided, and for the budget. */
  async #waitFor(decision: Extract<Decision, { action: 'retry' }>): Promise<Halt | undefined> {
    const { state } = this.#settings;
    const gateOpens = state.gates.closedUntil(this.#gateKey);
    if (gateOpens !== undefined && gateOpens >= this.#deadline)
      return { halt: 'deadline', retryAt: gateOpens };
    if (!state.budget.hasRoom(decision.kind)) return { halt: 'budget' };
    if (!(await sleep(state.clock, decision.delayMs, this.#signal))) return { halt: 'aborted' };
    const taken = await state.budget.take(decision.kind, this.#deadline, this.#signal);
    if (taken !== 'taken') return { halt: taken };
    if (this.#send !== undefined) {
      this.#send =
        decision.key === 'new' ? this.#newSend(undefined) : { ...this.#send, doubtful: decision.doubtful };
    }
    return undefined;
  }

  #newSend(givenKey: string | undefined): SendState {
    // Counts from the moment it is sent.
    const firstSentAt = Number.POSITIVE_INFINITY;
    return { key: givenKey ?? this.#settings.idempotencyKey(), firstSentAt, doubtful: false };
  }

  /** May not go on: gives the caller the last answer or error, or says why there is none. */
  #halt({ halt, retryAt }: Halt): T {
    if (halt === 'aborted') return this.#abort();
    const last = this.#last;
    if (last !== undefined) return this.#finish(last, halt, retryAt);
    const error =
      retryAt === undefined
        ? new NylasDeadlineError(this.#deadlineMs)
        : new NylasHeldBackError(retryAt, halt === 'queue' ? 'queue' : 'deadline');
    this.#end(HELD_BACK, halt, retryAt);
    attachReport(error, { attempts: this.#reports, stopped: halt, retryAt: toDate(retryAt) });
    throw error;
  }

  /** An attempt had to end before it was over. */
  #cut(): T {
    if (this.#signal?.aborted === true) return this.#abort();
    const last = this.#last;
    // After a resend the answer that was discarded is gone; errors stay.
    const error = last?.subject instanceof Error ? last.subject : new NylasDeadlineError(this.#deadlineMs);
    this.#end(last?.verdict ?? CUT, 'deadline', undefined);
    attachReport(error, { attempts: this.#reports, stopped: 'deadline', retryAt: undefined });
    throw error;
  }

  #abort(): never {
    const reason: unknown = this.#signal?.reason;
    this.#last?.discard();
    this.#end(CANCELLED, 'aborted', undefined);
    attachReport(reason, { attempts: this.#reports, stopped: 'aborted', retryAt: undefined });
    throw reason;
  }

  #finish(attempted: Attempted<T>, stopped: StopReason | undefined, retryAt: number | undefined): T {
    this.#end(attempted.verdict, stopped, retryAt);
    if (stopped !== undefined || this.#reports.length > 1)
      attachReport(attempted.subject, { attempts: this.#reports, stopped, retryAt: toDate(retryAt) });
    return attempted.finish();
  }

  #end(verdict: Verdict, stopped: StopReason | undefined, retryAt: number | undefined): void {
    const { onGiveUp } = this.#settings;
    if (stopped !== undefined && EXHAUSTED.has(stopped)) {
      countExhausted(this.#call.route, verdict.retryReason ?? 'rate_limited');
      if (onGiveUp !== undefined) {
        const event = {
          request: this.#request,
          attempts: this.#reports.length,
          reason: stopped,
          retryAt: toDate(retryAt),
        };
        guarded('hook', () => onGiveUp(event), undefined);
      }
    }
    this.#operation.end(verdict, Math.max(1, this.#reports.length));
  }

  #tellRetry(verdict: Verdict, decision: Extract<Decision, { action: 'retry' }>): void {
    const { onRetry } = this.#settings;
    if (onRetry === undefined) return;
    const event = {
      request: this.#request,
      attempt: this.#reports.length,
      reason: decision.reason,
      status: verdict.status,
      errorType: verdict.errorType,
      delayMs: decision.delayMs,
    };
    guarded('hook', () => onRetry(event), undefined);
  }
}

const NO_ANSWER = {
  status: 0,
  retryable: false,
  providerCaused: false,
  rateLimitSource: undefined,
  retryAfterMs: undefined,
  replayed: false,
  stillRunning: false,
  requestId: undefined,
} as const;
const HELD_BACK: Verdict = {
  ...NO_ANSWER,
  outcome: 'rate_limited',
  errorType: 'rate_limit_error',
  retryReason: 'rate_limited',
};
const CUT: Verdict = { ...NO_ANSWER, outcome: 'timeout', errorType: 'timeout', retryReason: 'timeout' };
const CANCELLED: Verdict = {
  ...NO_ANSWER,
  outcome: 'cancelled',
  errorType: undefined,
  retryReason: undefined,
};

function toDate(time: number | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}
