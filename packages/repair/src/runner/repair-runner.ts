import type { AccountUpdate, NylasStore, StoredAccount, StoredRecord } from '@nylas-otel/store';
import { dropError } from '@nylas-otel/telemetry';
import { advance } from '../machine/advance.ts';
import type { RepairPolicy } from '../machine/repair-policy.ts';
import { type Fact, type Intent, type Move, newRepair, type RepairState } from '../machine/repair-state.ts';
import type { DurableTracker } from '../tracking/durable-tracker.ts';
import type { RepairControl } from './control.ts';
import { type EffectResult, type Effects, notBegunInTime } from './effects.ts';
import { REPAIRS, writeMove } from './repair-records.ts';
import type { RepairObserver } from './repair-telemetry.ts';

/** What a runner works with. */
export interface RunnerParts {
  readonly store: NylasStore;
  readonly effects: Effects;
  readonly control: Pick<RepairControl, 'hold'>;
  readonly observer: Pick<RepairObserver, 'action'>;
  readonly policy: RepairPolicy;
  readonly now: () => number;
  /** A mark of the account's access token; undefined where there is none. */
  readonly tokenMark: (account: StoredAccount) => Promise<string | undefined>;
  /** Takes what reads have found. */
  readonly tracker: Pick<DurableTracker, 'applyIn'>;
  /** Restarts, prompts, revocations and escalations a minute. */
  readonly actionsPerMinute: number;
}

const BATCH = 100;
const SIDE_BY_SIDE = 4;
// More than this is not the work of one look: a machine that runs in circles must not take the process with it.
const MOST_LOOKS_AT_ONE = 10;

/**
 * Carries repairs on: takes what is due, commits the next state with the intent, acts, commits the result. Any number of
 * runners may work on one store: a step belongs to whoever commits its intent.
 */
export class RepairRunner {
  readonly #parts: RunnerParts;
  /** When the last actions were begun, within the minute. */
  #actions: number[] = [];

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Looks at every account that is due. */
  async run(signal: AbortSignal): Promise<void> {
    const looks = new Map<string, number>();
    for (;;) {
      const due = await this.#repairs().due(this.#parts.now(), BATCH);
      const todo = due.filter(({ key }) => (looks.get(key) ?? 0) < MOST_LOOKS_AT_ONE);
      if (todo.length === 0 || signal.aborted) return;
      const keys = todo.map(({ key }) => key);
      await Promise.all(
        Array.from({ length: SIDE_BY_SIDE }, async () => {
          for (let key = keys.shift(); key !== undefined && !signal.aborted; key = keys.shift()) {
            looks.set(key, (looks.get(key) ?? 0) + 1);
            await this.#lookSafely(key);
          }
        }),
      );
    }
  }

  async #lookSafely(id: string): Promise<void> {
    try {
      await this.look(id);
    } catch (error) {
      dropError('repair', error);
    }
  }

  /** Looks at one account and does what is to be done. */
  async look(id: string): Promise<void> {
    const record = await this.#repairs().get(id);
    if (record === undefined) return;
    const account = await this.#parts.store.accounts.get(id);
    const move = await this.#decide(record.value, { kind: 'look', account }, account);
    if (await this.#commit(record, move)) await this.#follow(id, move);
  }

  /** Tells of something that an operator or the host has said; makes a repair of the account if there is none. */
  async tell(
    account: StoredAccount,
    fact: Extract<Fact, { kind: 'restart' | 'reauthenticated' }>,
  ): Promise<void> {
    const { id, state } = account;
    for (;;) {
      const record = await this.#repairs().get(id);
      if (record === undefined) {
        await this.#repairs().add(id, newRepair(state, this.#parts.now()), { tag: 'damping' });
        continue;
      }
      const move = await this.#decide(record.value, fact, account);
      if (await this.#commit(record, move)) return;
    }
  }

  /** Acts as long as there is something to do. */
  async #follow(id: string, first: Move): Promise<void> {
    let move: Move | undefined = first;
    while (move?.effect !== undefined && move.next?.intent !== undefined) {
      const { next }: Move = move;
      const intent = next.intent as Intent;
      // As it is now: a reading may just have brought its address.
      const known = (await this.#parts.store.accounts.get(id)) ?? unknownAccount(id);
      move = await this.#settle(id, intent, await this.#act(next, intent, known));
    }
  }

  #act(state: RepairState, intent: Intent, account: StoredAccount): Promise<EffectResult> {
    const { effects, observer, now } = this.#parts;
    if (intent.effect !== 'read' && intent.effect !== 'upgrade') this.#actions.push(now());
    return observer.action(account, state.step, intent.effect, async () => {
      // What is begun late may end after the intent counts as lost, and then be done twice.
      if (now() > intent.at + (intent.until - intent.at) / 4) return notBegunInTime(now());
      return await effects.carryOut(state, intent, account);
    });
  }

  /** Commits the result of an effect; undefined when the intent was given up for lost meanwhile. */
  async #settle(id: string, intent: Intent, result: EffectResult): Promise<Move | undefined> {
    for (;;) {
      const record = await this.#repairs().get(id);
      const open = record?.value.intent;
      if (record === undefined || open?.id !== intent.id || open.at !== intent.at) {
        await this.#parts.store.journal.append([
          {
            kind: 'repair',
            accountId: id,
            data: { event: 'late', effect: intent.effect, outcome: result.outcome },
          },
        ]);
        return undefined;
      }
      const account = await this.#parts.store.accounts.get(id);
      const move = lookSoon(
        await this.#decide(record.value, result.fact, account),
        account,
        this.#parts.now(),
      );
      if (await this.#commit(record, move, result)) return move;
    }
  }

  async #decide(state: RepairState, fact: Fact, account: StoredAccount | undefined): Promise<Move> {
    const { control, policy, now, tokenMark } = this.#parts;
    const hold = await control.hold();
    const setting = {
      now: now(),
      // What was confirmed is done; only new accounts wait for their turn.
      hold: hold ?? (fact.kind === 'look' && this.#atPace() ? ('pace' as const) : undefined),
      tokenMark: account !== undefined && comparesTokens(state) ? await tokenMark(account) : undefined,
    };
    return advance(state, fact, setting, policy);
  }

  #atPace(): boolean {
    const { now, actionsPerMinute } = this.#parts;
    const since = now() - 60_000;
    this.#actions = this.#actions.filter((at) => at > since);
    return this.#actions.length >= actionsPerMinute;
  }

  async #commit(record: StoredRecord<RepairState>, move: Move, result?: EffectResult): Promise<boolean> {
    const { store, tracker } = this.#parts;
    const { found } = result ?? {};
    const told = await store.transaction(async (tx) => {
      const update: AccountUpdate[] =
        found === undefined || result === undefined
          ? []
          : [{ reading: found.reading, time: result.at, signal: 'poll' }];
      const { tell } = await tracker.applyIn(tx, update, record.key);
      return (await writeMove(tx, record, move, result)) ? tell : undefined;
    });
    told?.();
    return told !== undefined;
  }

  #repairs() {
    return this.#parts.store.records<RepairState>(REPAIRS);
  }
}

/** Steps at which a new access token means something. */
function comparesTokens({ step, intent }: RepairState): boolean {
  return step === 'awaiting_reauth' || intent?.effect === 'read';
}

// It came back while something was under way: nothing else will say so again.
function lookSoon(move: Move, account: StoredAccount | undefined, now: number): Move {
  const { next, effect, due } = move;
  const waits = effect === undefined && next !== undefined && WAIT_FOR_NEWS.has(next.step);
  return waits && account?.state === 'running' && (due === undefined || due > now)
    ? { ...move, due: now }
    : move;
}

const WAIT_FOR_NEWS: ReadonlySet<RepairState['step']> = new Set([
  'awaiting_reauth',
  'escalated',
  'confirming',
  'planned',
]);

// An account that Nylas no longer has may still be owed an upgrade.
function unknownAccount(id: string): StoredAccount {
  return {
    id,
    email: undefined,
    provider: 'unknown',
    state: 'unknown',
    raw: 'other',
    since: 0,
    time: 0,
    brokenSince: undefined,
    brokenState: undefined,
  };
}
