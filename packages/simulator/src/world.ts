import { Clock } from './clock/clock.ts';
import { Mailboxes, type Owner } from './data/mailbox.ts';
import { hashOf, hex8, RandomStream, stableUuid, uuidFrom } from './data/random.ts';
import { type V2Kinds, v2Kinds } from './data/v2-objects.ts';
import { type V3Kinds, v3Kinds } from './data/v3-objects.ts';
import { FaultSwitches } from './faults/fault-switches.ts';
import { RequestRing } from './http/request-log.ts';
import { IdempotencyStore } from './idempotency.ts';
import { Accounts } from './lifecycle/accounts.ts';
import { Grants } from './lifecycle/grants.ts';
import { Limiter } from './limits/limiter.ts';
import { NoticeBoard, type NoticeDraft } from './notices/notice.ts';
import type { Settings } from './options.ts';
import { SentLog } from './sent-log.ts';
import { StatusPage } from './status-page/status-page.ts';
import { Authorizations } from './stores/authorizations.ts';
import { DeltaJournal } from './stores/delta-journal.ts';
import { ChangeLog } from './traffic/change-log.ts';
import { Ledger } from './traffic/ledger.ts';
import { Traffic } from './traffic/traffic.ts';
import { Webhooks } from './webhooks/webhooks.ts';

/** Keys derived from a seed, for options that name none. */
export function derivedSecrets(seed: number): { apiKey: string; clientId: string; clientSecret: string } {
  const part = (n: number): string => hex8(hashOf(seed, 500, n));
  return {
    apiKey: `nyk_v0_${part(1)}${part(2)}${part(3)}${part(4)}`,
    clientId: stableUuid(seed, 500, 5),
    clientSecret: `${part(6)}${part(7)}${part(8)}`,
  };
}

/** Everything a simulator knows: its settings, its state, its ground truth. */
export class World {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly now: () => number;
  readonly notices: NoticeBoard;
  readonly grants: Grants;
  readonly accounts: Accounts;
  readonly authorizations: Authorizations;
  readonly mailboxes: Mailboxes;
  readonly v3: V3Kinds;
  readonly v2: V2Kinds;
  readonly deltas: DeltaJournal;
  readonly changes: ChangeLog;
  readonly traffic: Traffic;
  readonly webhooks: Webhooks;
  readonly status: StatusPage;
  readonly faults: FaultSwitches;
  readonly limiter: Limiter;
  readonly idempotency: IdempotencyStore;
  readonly requests: RequestRing;
  readonly sent: SentLog;
  /** What went wrong in the simulator itself; empty unless it has a bug. */
  readonly defects: unknown[] = [];
  /** Ids of open scheduler sessions. */
  readonly sessions: Set<string> = new Set();
  /** The application as an owner of objects: webhooks, connectors, redirect URIs. */
  readonly application: Owner;
  #ids: RandomStream;
  #jitter: RandomStream;

  constructor(settings: Settings) {
    this.settings = settings;
    const clock = new Clock(settings.clock, (error) => this.defects.push(error));
    this.clock = clock;
    this.now = () => clock.now();
    const { seed, epoch } = settings;
    const count = (wanted: number | readonly unknown[]): number =>
      typeof wanted === 'number' ? wanted : wanted.length;
    const notices = new NoticeBoard(seed, this.now);
    this.notices = notices;
    const publish = (notice: NoticeDraft): void => notices.publish(notice);
    this.grants = new Grants(seed, epoch - count(settings.grants), {
      clock,
      publish,
      restored: (grant, expiredAt) => this.webhooks.restored(grant, expiredAt),
    });
    this.accounts = new Accounts(seed, epoch - count(settings.accounts), {
      clock,
      publish,
      resumed: (account) => this.traffic.resume(account),
    });
    this.authorizations = new Authorizations(seed, this.now);
    this.mailboxes = new Mailboxes(seed);
    this.v3 = v3Kinds(settings);
    this.v2 = v2Kinds(settings);
    this.deltas = new DeltaJournal(seed, this.now);
    this.changes = new ChangeLog();
    const ledger = new Ledger(this.changes, this.deltas, this.now, publish);
    this.mailboxes.onWrite((write) => ledger.record(write));
    const { grants, accounts, mailboxes, v3, v2, changes: log } = this;
    this.traffic = new Traffic({ seed, clock, grants, accounts, mailboxes, v3, v2, ledger, log });
    this.faults = new FaultSwitches(seed);
    this.limiter = new Limiter(settings.limits, this.now);
    this.idempotency = new IdempotencyStore(this.now);
    this.requests = new RequestRing(settings.requestLog);
    this.sent = new SentLog();
    this.application = {
      id: settings.clientId,
      key: hashOf(seed, 600),
      email: '',
      name: 'Simulated application',
      provider: 'nylas',
    };
    this.status = new StatusPage(seed, clock);
    const { application, changes } = this;
    const { clientSecret, webhooks } = settings;
    this.webhooks = new Webhooks({
      seed,
      application,
      clientSecret,
      clock,
      grants,
      accounts,
      notices,
      changes,
      settings: webhooks,
    });
    this.#ids = new RandomStream(seed);
    this.#jitter = new RandomStream(seed + 1);
    this.#populate();
  }

  /** Back to the state right after the start: same grants, no faults, nothing logged, nothing sent. */
  reset(): void {
    this.clock.clear();
    this.notices.clear();
    this.grants.clear();
    this.accounts.clear();
    this.authorizations.clear();
    this.mailboxes.clear();
    this.changes.clear();
    this.traffic.clear();
    this.webhooks.clear();
    this.status.clear();
    this.deltas.clear();
    this.faults.clear();
    this.faults.rewind();
    this.limiter.clear();
    this.idempotency.clear();
    this.requests.clear();
    this.sent.clear();
    this.sessions.clear();
    this.#ids = new RandomStream(this.settings.seed);
    this.#jitter = new RandomStream(this.settings.seed + 1);
    this.#populate();
  }

  /** Ends what waits. */
  close(): void {
    this.clock.close();
    this.webhooks.close();
    this.requests.close();
  }

  /** A request id as Nylas prints them: ten digits and a UUID. */
  nextRequestId(): string {
    const ids = this.#ids;
    const digits = 1_000_000_000 + (ids.nextInteger() % 1_000_000_000);
    return `${digits}-${uuidFrom(ids.nextInteger(), ids.nextInteger(), ids.nextInteger(), ids.nextInteger())}`;
  }

  /** Milliseconds the simulated provider takes for the next answer. */
  nextLatency(): number {
    const { minMs, maxMs } = this.settings.latency;
    return maxMs === minMs ? minMs : minMs + this.#jitter.next() * (maxMs - minMs);
  }

  /** Unix seconds of the simulator's clock. */
  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  #populate(): void {
    const { grants, accounts } = this.settings;
    this.notices.muted = true;
    if (typeof grants === 'number') for (let i = 0; i < grants; i++) this.grants.create();
    else for (const seed of grants) this.grants.create(seed);
    if (typeof accounts === 'number') for (let i = 0; i < accounts; i++) this.accounts.create();
    else for (const seed of accounts) this.accounts.create(seed);
    this.notices.muted = false;
  }
}
