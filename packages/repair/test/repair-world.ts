import type { AccountState } from '@nylas-otel/nylas-api';
import { DEFAULT_POLICY, type RepairPolicy } from '../src/machine/repair-policy.ts';
import type { RepairState } from '../src/machine/repair-state.ts';
import { effects } from '../src/runner/effects.ts';
import { RepairRunner } from '../src/runner/repair-runner.ts';
import { DurableTracker } from '../src/tracking/durable-tracker.ts';
import { Process } from './crash.ts';
import { FakeDatabase } from './fake-store.ts';
import { NylasModel } from './nylas-model.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** One account, its Nylas, a database and the processes that repair it, with the clock in hand. */
export class RepairWorld {
  now = Date.UTC(2026, 0, 1);
  readonly id = 'account-1';
  readonly database = new FakeDatabase(() => this.now);
  readonly nylas = new NylasModel(this.id, () => this.now);
  readonly policy: RepairPolicy;
  hold: 'operator' | undefined;
  #process = new Process();

  constructor(policy: Partial<RepairPolicy> = {}) {
    this.policy = { ...DEFAULT_POLICY, version: 'v2', dryRun: false, revokeTokens: true, ...policy };
  }

  /** What the repair record holds. */
  get repair(): RepairState | undefined {
    return this.database.record<RepairState>('repair', this.id)?.value;
  }

  /** Lines of the journal, oldest first. */
  get journal(): string[] {
    return this.database.tables.journal.map(({ data }) =>
      [data.event, data.effect ?? data.step, data.outcome ?? data.state ?? data.why]
        .filter(Boolean)
        .join(' '),
    );
  }

  /** The account comes to a state at Nylas, which tells us. */
  async becomes(state: AccountState): Promise<void> {
    this.nylas.state = state;
    await this.hear();
  }

  /** We hear how the account is. */
  async hear(): Promise<void> {
    await this.#tracker(new Process()).apply([
      {
        reading: {
          id: this.id,
          email: 'user@example.org',
          provider: 'google',
          state: this.nylas.state,
          raw: '',
        },
        time: this.now,
        signal: 'poll',
      },
    ]);
  }

  /** The user authenticates again. */
  async authenticates(): Promise<void> {
    this.nylas.token = `token-${this.now}`;
    await this.becomes('running');
  }

  /** Does what is due. */
  async work(): Promise<void> {
    await this.runner().run(new AbortController().signal);
  }

  /** Does what is due in a process that may die of it. @returns true when it has died */
  async workIn(process: Process): Promise<boolean> {
    await Promise.race([this.runner(process).run(new AbortController().signal), process.death]);
    return process.dead;
  }

  /** Time passes, with work every half minute. */
  async pass(ms: number, step = 30_000): Promise<void> {
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + step);
      await this.work();
    }
  }

  runner(process: Process = this.#process): RepairRunner {
    const store = this.database.open(process);
    return new RepairRunner({
      store,
      effects: effects({
        nylas: this.nylas.api(process),
        people: this.nylas.people(process),
        now: () => this.now,
      }),
      control: { hold: async () => this.hold },
      observer: { action: (_account, _step, _effect, work) => work() },
      policy: this.policy,
      now: () => this.now,
      tokenMark: async () => this.nylas.token,
      tracker: this.#tracker(process),
      actionsPerMinute: 60,
    });
  }

  #tracker(process: Process): DurableTracker {
    const silent = { transition: () => {}, wantReread: () => {} };
    return new DurableTracker(this.database.open(process), silent, () => this.now);
  }
}
