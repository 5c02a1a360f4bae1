import { WEBHOOK_TRIGGERS } from '@nylas-otel/nylas-api';
import { webhookSender } from '@nylas-otel/webhooks';
import type { Clock } from '../clock/clock.ts';
import type { Owner } from '../data/mailbox.ts';
import type { Accounts } from '../lifecycle/accounts.ts';
import type { Grants } from '../lifecycle/grants.ts';
import type { Notice, NoticeBoard } from '../notices/notice.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { Grant } from '../stores/grant-store.ts';
import type { Change, ChangeLog } from '../traffic/change-log.ts';
import {
  type Delivery,
  type DeliveryFilter,
  DeliveryLog,
  type LossReason,
  type OpenDelivery,
} from './delivery-log.ts';
import type { Destination, DestinationFields, DestinationStatus } from './destination.ts';
import { DestinationStore } from './destination-store.ts';
import { Dispatcher, type Target } from './dispatcher.ts';
import { Health } from './health.ts';
import { type SendOptions, sendMadeUp } from './made-up-notices.ts';
import { Postman } from './post.ts';
import {
  checkWebhookOptions,
  type WebhookDeliveryOptions,
  type WebhookSettings,
} from './webhook-settings.ts';
import { REPLAYED_WITHIN_MS, Withheld } from './withheld.ts';

/** A destination as a test makes one. */
export interface SubscribeOptions extends DestinationFields {
  readonly url: string;
  /** Default `v3`. */
  readonly version?: 'v2' | 'v3';
  /** Default: every documented one of the version. */
  readonly triggers?: readonly string[];
}

/** What an outage drops; everything where nothing is said. */
export interface OutageOptions {
  readonly version?: 'v2' | 'v3';
  readonly destinationId?: string;
}

/** A mail that Nylas writes when a destination is failing or failed. */
export interface DestinationMail {
  /** Simulated Unix milliseconds. */
  readonly time: number;
  readonly destinationId: string;
  readonly status: 'failing' | 'failed';
  readonly to: readonly unknown[];
}

/** Sends notifications, and knows what became of each. */
export interface WebhookControl {
  /**
   * Adds a destination as a client of the API would, the challenge included.
   * @throws {SimulatorError} code `invalid_request` when the challenge is not answered to the letter
   */
  subscribe(options: SubscribeOptions): Promise<Destination>;
  /** Every destination, oldest first. */
  destinations(): readonly Destination[];
  /**
   * Sets the status of a destination without a challenge and without a word.
   * @throws {SimulatorError} code `not_found`
   */
  setStatus(id: string, status: DestinationStatus): Destination;
  /** Removes a destination; false when there was none. */
  remove(id: string): boolean;
  /** Changes how notifications travel, until the next reset. */
  tune(options: WebhookDeliveryOptions): void;
  /** From now on nothing is sent: what would have been is lost, and noted as such. */
  startOutage(options?: OutageOptions): void;
  /** Sends again what happens from now on. */
  endOutage(): void;
  /**
   * Tells something made up, to whoever is subscribed: `send('message.opened', { count: 1000 })` is a burst.
   * @throws {SimulatorError} code `invalid_request` when the trigger is no documented one
   */
  send(trigger: string, options?: SendOptions): void;
  /** The ground truth of deliveries, oldest first. */
  deliveries(filter?: DeliveryFilter): readonly Delivery[];
  /** The changes that somebody was subscribed to and no destination will ever hear of. */
  missed(): readonly Change[];
  /** How many notices wait for their grant to come back, of one grant or all. */
  withheld(grantId?: string): number;
  /** What Nylas wrote to the addresses of destinations. */
  mails(): readonly DestinationMail[];
}

/** What webhooks work with. */
export interface WebhookParts {
  readonly seed: number;
  readonly application: Owner;
  readonly clientSecret: string;
  readonly clock: Clock;
  readonly grants: Grants;
  readonly accounts: Accounts;
  readonly notices: NoticeBoard;
  readonly changes: ChangeLog;
  readonly settings: WebhookSettings;
}

const CHALLENGE_LENGTH = 18;

/** From a notice to whoever is subscribed. */
export class Webhooks implements WebhookControl {
  readonly store: DestinationStore;
  readonly #parts: WebhookParts;
  readonly #log = new DeliveryLog();
  readonly #withheld = new Withheld();
  readonly #postman = new Postman();
  readonly #dispatcher: Dispatcher;
  readonly #health = new Map<string, Health>();
  readonly #batches = new Map<string, { notice: Notice; delivery: OpenDelivery }[]>();
  #mails: DestinationMail[] = [];
  #outage: OutageOptions | undefined;
  #settings: WebhookSettings;
  #challenges = 0;

  constructor(parts: WebhookParts) {
    const { seed, application, clientSecret, clock, notices } = parts;
    this.#parts = parts;
    this.#settings = parts.settings;
    this.store = new DestinationStore(application, clientSecret, () => Math.floor(clock.now() / 1000));
    this.#dispatcher = new Dispatcher({
      seed,
      applicationId: application.id,
      clock,
      postman: this.#postman,
      log: this.#log,
      settings: () => this.#settings,
      obstacle: (destination) => this.#obstacle(destination),
      answered: (destination, ok) => this.#answered(destination, ok),
    });
    notices.onNotice((notice) => this.#take(notice));
  }

  get settings(): WebhookSettings {
    return this.#settings;
  }

  async subscribe(options: SubscribeOptions): Promise<Destination> {
    const { version = 'v3', ...fields } = options;
    if (!URL.canParse(options.url)) throw new SimulatorError('invalid_request', 'url is not a URL');
    const triggers = options.triggers ?? WEBHOOK_TRIGGERS[version];
    const unknown = triggers.find((one) => !WEBHOOK_TRIGGERS[version].includes(one));
    if (unknown !== undefined)
      throw new SimulatorError('invalid_request', `${unknown} is no trigger of ${version}`);
    if (!(await this.challenge(options.url)))
      throw new SimulatorError('invalid_request', 'the receiver did not answer the challenge to the letter');
    return this.store.add(version, { ...fields, triggers });
  }

  destinations(): readonly Destination[] {
    return this.store.list();
  }

  setStatus(id: string, status: DestinationStatus): Destination {
    const destination = this.#find(id);
    if (destination === undefined)
      throw new SimulatorError('not_found', `there is no destination ${id}; see webhooks.destinations()`);
    this.activate(destination, status);
    return destination;
  }

  remove(id: string): boolean {
    const destination = this.#find(id);
    if (destination === undefined) return false;
    this.store.remove(destination);
    this.#health.delete(id);
    return true;
  }

  tune(options: WebhookDeliveryOptions): void {
    checkWebhookOptions('webhooks', options);
    this.#settings = { ...this.#settings, ...options };
  }

  startOutage(options: OutageOptions = {}): void {
    this.#outage = options;
  }

  endOutage(): void {
    this.#outage = undefined;
  }

  send(trigger: string, options: SendOptions = {}): void {
    sendMadeUp(this.#parts, trigger, options);
  }

  deliveries(filter?: DeliveryFilter): readonly Delivery[] {
    return this.#log.list(filter);
  }

  missed(): readonly Change[] {
    const missed = this.#log.missedChanges();
    return this.#parts.changes.list().filter((change) => missed.has(change.serial));
  }

  withheld(grantId?: string): number {
    return this.#withheld.count(grantId);
  }

  mails(): readonly DestinationMail[] {
    return this.#mails.slice();
  }

  /** Asks a receiver for the challenge; true when it is not to be asked. */
  challenge(url: string): Promise<boolean> {
    const { challenge, timeoutMs } = this.#settings;
    if (!challenge) return Promise.resolve(true);
    const value = `challenge${this.#challenges++}`.padEnd(CHALLENGE_LENGTH, '0');
    const { get } = this.#postman;
    return webhookSender({ url, secret: 'none is needed', timeout: timeoutMs, fetch: get }).challenge(value);
  }

  /** Sets a status; an active destination starts with a clean record. */
  activate(destination: Destination, status: DestinationStatus): void {
    if (status !== destination.status) this.#health.delete(destination.id);
    this.store.setStatus(destination, status);
  }

  /** Posts one notification outside of everything, as a test event is. */
  post(url: string, secret: string, notification: object): Promise<{ readonly status: number }> {
    const parcel = { url, secret, compressed: false, json: JSON.stringify(notification) };
    return this.#postman.post(parcel, this.#settings.timeoutMs);
  }

  /** A grant has access again: within 72 hours it gets what it missed, after that it never will. */
  restored(grant: Grant, expiredAt: number): void {
    const late = this.#parts.clock.now() - expiredAt >= REPLAYED_WITHIN_MS;
    for (const notice of this.#withheld.take(grant.id))
      this.#route(notice, late ? 'grant_expired' : undefined);
  }

  /** Back to the beginning, without destinations. */
  clear(): void {
    this.store.clear();
    this.#log.clear();
    this.#withheld.clear();
    this.#dispatcher.clear();
    this.#health.clear();
    this.#batches.clear();
    this.#mails = [];
    this.#outage = undefined;
    this.#settings = this.#parts.settings;
    this.#challenges = 0;
  }

  /** Ends every connection. */
  close(): void {
    this.#dispatcher.clear();
    this.#postman.close();
  }

  #find(id: string): Destination | undefined {
    return this.store.get('v3', id) ?? this.store.get('v2', id);
  }

  #take(notice: Notice): void {
    if (notice.version === 'v3' && hasNoAccess(this.#parts.grants, notice)) this.#withheld.keep(notice);
    else this.#route(notice);
  }

  #route(notice: Notice, lost?: LossReason): void {
    const targets: Target[] = [];
    for (const destination of this.store.list(notice.version)) {
      if (!destination.triggers.includes(notice.trigger)) continue;
      const reason = lost ?? this.#obstacle(destination);
      const delivery = entry(notice, destination, reason);
      this.#log.add(delivery);
      if (reason !== undefined) continue;
      if (notice.version === 'v2') this.#queue(destination, notice, delivery);
      else targets.push({ destination, deliveries: [delivery] });
    }
    if (targets.length > 0) this.#dispatcher.dispatch({ version: 'v3', notices: [notice], targets });
  }

  /** v2 puts what happens at one time into one notification. */
  #queue(destination: Destination, notice: Notice, delivery: OpenDelivery): void {
    const batch = this.#batches.get(destination.id);
    if (batch !== undefined) {
      batch.push({ notice, delivery });
      if (batch.length >= this.#settings.batch) this.#flush(destination);
      return;
    }
    this.#batches.set(destination.id, [{ notice, delivery }]);
    this.#parts.clock.after(0, () => this.#flush(destination));
  }

  #flush(destination: Destination): void {
    const batch = this.#batches.get(destination.id);
    if (batch === undefined) return;
    this.#batches.delete(destination.id);
    this.#dispatcher.dispatch({
      version: 'v2',
      notices: batch.map((one) => one.notice),
      targets: [{ destination, deliveries: batch.map((one) => one.delivery) }],
    });
  }

  #obstacle(destination: Destination): LossReason | undefined {
    const { version, id, status } = destination;
    const outage = this.#outage;
    if (this.#find(id) !== destination) return 'deleted';
    if (status === 'pause' || status === 'inactive') return 'paused';
    if (status === 'failed') return 'failed';
    if (version === 'v2' && this.store.list('v2').some((one) => one.status === 'failed'))
      return 'application_stopped';
    const inOutage =
      outage !== undefined && (outage.version ?? version) === version && (outage.destinationId ?? id) === id;
    return inOutage ? 'outage' : undefined;
  }

  #answered(destination: Destination, ok: boolean): void {
    let health = this.#health.get(destination.id);
    if (health === undefined) {
      health = new Health();
      this.#health.set(destination.id, health);
    }
    health.note(ok, this.#parts.clock.now());
    this.#judge(destination, health);
  }

  #judge(destination: Destination, health: Health): void {
    const { clock } = this.#parts;
    if (this.#health.get(destination.id) !== health) return;
    const status = health.judge(destination.status, clock.now());
    if (status !== destination.status) {
      this.store.setStatus(destination, status);
      if (status === 'failing' || status === 'failed') {
        const { id, emails } = destination;
        this.#mails.push({ time: clock.now(), destinationId: id, status, to: emails });
      }
    }
    const at = health.nextCheck(status);
    if (at === undefined || at <= clock.now() || health.checkAt === at) return;
    health.checkAt = at;
    clock.schedule(at, () => this.#judge(destination, health));
  }
}

function entry(notice: Notice, destination: Destination, reason: LossReason | undefined): OpenDelivery {
  return {
    noticeId: notice.id,
    trigger: notice.trigger,
    accountId: notice.accountId,
    destinationId: destination.id,
    change: notice.change,
    time: notice.time,
    duplicate: false,
    attempts: [],
    outcome: reason === undefined ? 'pending' : 'lost',
    reason,
  };
}

/** Objects of an expired grant are out of Nylas's sight; tracking is not. */
function hasNoAccess(grants: Grants, { subject, accountId }: Notice): boolean {
  return subject === 'object' && grants.get(accountId)?.expired === true;
}
