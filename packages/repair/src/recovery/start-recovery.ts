import { processRuntime, type Runtime } from '@nylas-otel/accounts/tracking';
import { dropError } from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { forgetGaps, gapsIn, type LedgerGap, moveGaps } from './gap-ledger.ts';
import { noteDowntime, noteSilence } from './gap-sources.ts';
import { keepAll } from './keeper.ts';
import { KeeperTurns } from './keeper-turns.ts';
import { type Lease, takeLease } from './lease.ts';
import {
  type GapSettings,
  type RecoverySettings,
  readGapSettings,
  readRecoverySettings,
  type StartRecoveryOptions,
} from './options.ts';
import { lossesCounted, reachOf } from './reach.ts';
import { carryOn, type RecoveryReport } from './recovery-run.ts';
import { bornAtZero, showGaps } from './recovery-telemetry.ts';
import { addRun, forgetRuns, moveRun, runsIn, type StoredRun, sumRun } from './run-ledger.ts';
import { windowsOf } from './windows.ts';

/** Recovery that goes on by itself. */
export interface Recovery {
  /**
   * Looks for gaps and makes up for those that are over and settled, now and in this process; what the job does by itself.
   * Undefined when there was nothing to do, or another process is at it.
   */
  recoverNow(): Promise<RecoveryReport | undefined>;
  /** Takes inventories and cursors that are due, now and in this process; what the job does by itself. */
  keepNow(): Promise<void>;
  close(): Promise<void>;
}

const LOOK_S = 30;
const KEEP_S = 900;
const KEPT_MS = 30 * 86_400_000;
const MOST_REST_MS = 6 * 86_400_000;

/**
 * Makes up for missed webhooks without being asked: notes gaps (own downtime, destinations that failed, silence), reads what
 * they hid when they are over, and keeps what it takes to do so. With several processes one works at a time.
 *
 * @throws {NylasAccountsConfigError} for options that cannot be used
 */
export function startRecovery(options: StartRecoveryOptions): Recovery {
  return startRecoveryWith(options, processRuntime);
}

/** {@link startRecovery} with time and chance passed in. */
export function startRecoveryWith(options: StartRecoveryOptions, runtime: Runtime): Recovery {
  const settings = readRecoverySettings('startRecovery', options, runtime);
  return new Background(settings, readGapSettings(options));
}

class Background implements Recovery {
  readonly #settings: RecoverySettings;
  readonly #options: GapSettings;
  readonly #closing = new AbortController();
  readonly #hide: () => void;
  readonly #jobs: Promise<readonly (() => Promise<void>)[]>;
  readonly #look: NodeJS.Timeout;
  #oldest: number | undefined;
  #closed: Promise<void> | undefined;

  constructor(settings: RecoverySettings, options: GapSettings) {
    this.#settings = settings;
    this.#options = options;
    const { store, connection, runtime } = settings;
    const { version } = connection.profile;
    bornAtZero(lossesCounted(version, settings));
    this.#hide = showGaps({
      application: connection.application,
      version,
      oldest: () => this.#oldest,
      now: () => runtime.now(),
    });
    // On every replica, so that all show the same.
    this.#look = setInterval(() => void this.#readOldest().catch(dropStoreError), LOOK_S * 500);
    this.#look.unref();
    this.#jobs = Promise.all([
      store.jobs.every(
        `recovery-${version}`,
        LOOK_S,
        async ({ signal }) => void (await this.#recover(signal)),
      ),
      store.jobs.every(`recovery-keeper-${version}`, KEEP_S, ({ signal }) => this.#keep(signal)),
    ]);
    this.#jobs.catch(dropStoreError);
  }

  recoverNow(): Promise<RecoveryReport | undefined> {
    return this.#recover(this.#closing.signal);
  }

  keepNow(): Promise<void> {
    return this.#keep(this.#closing.signal);
  }

  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#closing.abort();
      clearInterval(this.#look);
      this.#hide();
      for (const stop of await this.#jobs.catch(() => [])) await stop();
    })();
    return this.#closed;
  }

  async #keep(jobSignal: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#closing.signal, jobSignal]);
    await this.#noteGaps();
    await keepAll(this.#settings, new KeeperTurns(this.#settings, signal, () => this.#isWorkedOn()));
  }

  /** True while there is something to make up for: what was noted before it must stay, and recovery needs the limits. */
  async #isWorkedOn(): Promise<boolean> {
    const { store, connection, runtime } = this.#settings;
    const { version } = connection.profile;
    // One that never ends must not keep lists from being taken for ever.
    const oldest = runtime.now() - MOST_REST_MS;
    const runs = await runsIn(store, 'running');
    if (runs.some(({ plan }) => plan.version === version && plan.createdAt > oldest)) return true;
    // Cursors are kept beside those from before.
    const states = version === 'v3' ? (['open', 'waiting'] as const) : (['waiting'] as const);
    for (const state of states)
      if ((await gapsIn(store, state)).some((gap) => gap.version === version && gap.from > oldest))
        return true;
    return false;
  }

  async #recover(jobSignal: AbortSignal): Promise<RecoveryReport | undefined> {
    const { store, connection } = this.#settings;
    const { version } = connection.profile;
    await this.#noteGaps();
    if (!(await this.#hasWork())) return undefined;
    const lease = await takeLease(store, version);
    if (lease === undefined) return undefined;
    try {
      const signal = AbortSignal.any([this.#closing.signal, jobSignal, lease.signal]);
      const run = await this.#nextRun();
      return run === undefined ? undefined : await this.#carryOn(run, lease, signal);
    } finally {
      await lease.release();
      await this.#readOldest();
    }
  }

  async #noteGaps(): Promise<void> {
    const { store, connection, runtime } = this.#settings;
    const { leastMs, silence } = this.#options;
    const { version } = connection.profile;
    const now = runtime.now();
    await noteDowntime(store, version, now, leastMs);
    if (silence !== false) await noteSilence(store, version, now, silence);
    await forgetGaps(store, now - KEPT_MS);
    await forgetRuns(store, now - KEPT_MS);
  }

  async #hasWork(): Promise<boolean> {
    const { store } = this.#settings;
    await this.#readOldest();
    const waiting = await Promise.all([
      runsIn(store, 'running'),
      gapsIn(store, 'waiting'),
      runsIn(store, 'postponed'),
    ]);
    return waiting.some((all) => all.length > 0);
  }

  /** A run that was begun, else one for gaps that are over, else one whose accounts may be back. */
  async #nextRun(): Promise<StoredRun | undefined> {
    const { store, connection, runtime, resources, unfiltered } = this.#settings;
    const { version } = connection.profile;
    const now = runtime.now();
    const ours = ({ plan }: StoredRun): boolean => plan.version === version && !plan.dryRun;
    const begun = (await runsIn(store, 'running')).find(ours);
    if (begun !== undefined) return begun;
    const gaps = (await gapsIn(store, 'waiting')).filter((gap) =>
      isSettled(gap, version, now - this.#options.settleMs),
    );
    const first = gaps[0];
    if (first === undefined) return await this.#runWithAccountsBack();
    const plan = {
      version,
      createdAt: now,
      windows: windowsOf(
        gaps.map(({ from, to }) => ({ from, to: to ?? now })),
        now,
        reachOf(version),
      ),
      gaps: gaps.map(({ key }) => key),
      resources: [...resources],
      unfiltered,
      dryRun: false,
    };
    const id = `gap:${version}:${first.from}:${now}`;
    await store.transaction(async (tx) => {
      await addRun(tx, id, plan);
      await moveGaps(tx, plan.gaps, 'running');
    });
    return { id, plan, state: 'running' };
  }

  async #runWithAccountsBack(): Promise<StoredRun | undefined> {
    const { store, connection, runtime } = this.#settings;
    const { version } = connection.profile;
    for (const run of await runsIn(store, 'postponed')) {
      if (run.plan.version !== version) continue;
      if (run.plan.createdAt < runtime.now() - reachOf(version)) {
        await moveRun(store, run, 'done');
        continue;
      }
      for (const id of (await sumRun(store, run.id)).postponed) {
        const state = (await store.accounts.get(id))?.state;
        if (state === 'running' || state === 'partial') return run;
      }
    }
    return undefined;
  }

  async #carryOn(run: StoredRun, lease: Lease, signal: AbortSignal): Promise<RecoveryReport> {
    const { store } = this.#settings;
    const report = await carryOn(this.#settings, run, {
      lease,
      signal,
      onProgress: this.#options.onProgress,
    });
    if (report.failed.length > 0)
      diag.warn(
        `Recovery of missed Nylas webhooks: ${report.failed.length} accounts could not be read; it tries again.`,
      );
    if (!report.complete) return report;
    const { recovered, known, unrecoverable, unknowable, postponed } = report;
    await store.transaction(async (tx) => {
      await moveGaps(tx, run.plan.gaps, 'done');
      const data = {
        run: run.id,
        recovered,
        known,
        unrecoverable,
        unknowable,
        postponed: postponed.length,
      };
      await tx.journal.append([{ kind: 'recovery', accountId: undefined, data }]);
    });
    return report;
  }

  async #readOldest(): Promise<void> {
    const { store, connection } = this.#settings;
    const { version } = connection.profile;
    const all = await Promise.all(
      (['open', 'waiting', 'running'] as const).map((state) => gapsIn(store, state)),
    );
    const starts = all.flat().filter((gap) => gap.version === version);
    this.#oldest = starts.length === 0 ? undefined : Math.min(...starts.map(({ from }) => from));
  }
}

function isSettled({ to, version }: LedgerGap, ours: string, before: number): boolean {
  return version === ours && to !== undefined && to <= before;
}

function dropStoreError(error: unknown): void {
  dropError('store', error);
}
