import { AsyncResource } from 'node:async_hooks';
import { addLogger, createEmitter, dropError } from '@nylas-otel/telemetry';
import { type Context, context as contextApi } from '@opentelemetry/api';
import { bodyKey } from '../envelope/dedupe-key.ts';
import { parseBytes } from '../envelope/parse-envelope.ts';
import type { EnvelopeFault } from '../envelope/webhook-event.ts';
import { NylasWebhookError } from '../errors.ts';
import type { ReceivedEvent } from '../inbox/inbox.ts';
import { SIGNATURE_HEADER } from '../signature/sign-webhook.ts';
import { verifySignature } from '../signature/verify-signature.ts';
import { SCOPE } from '../version.ts';
import { readChallenge } from './challenge.ts';
import { DeliveryTelemetry, traceparentOf } from './delivery-telemetry.ts';
import type { WebhookRequest, WebhookResponse } from './exchange.ts';
import { codeOf, failed, inboxBroken, inboxFailure, type Rejected, rejected } from './failures.ts';
import { DeliveriesInHand, type DeliveryInHand } from './in-hand.ts';
import { inflate, isGzip } from './inflate.ts';
import { DownClock, noteDelivery, showLiveness } from './liveness.ts';
import { readOptions, type WebhookOptions, type WebhookSettings } from './options.ts';
import {
  type EventVerdict,
  isDowntime,
  REJECTIONS,
  type RejectionReason,
  storedVerdict,
} from './status-policy.ts';

/** Plain numbers of a receiver, for a status page or a test. */
export interface WebhookReceiverStats {
  /** How many deliveries each secret has verified, in the order given: which one may be taken out after a rotation. */
  readonly secrets: readonly { readonly name: string; readonly verified: number }[];
  /** Deliveries and bytes in hand now. */
  readonly inFlight: { readonly deliveries: number; readonly bytes: number };
  /** Seconds in which deliveries could not be accepted. */
  readonly downtime: number;
}

/** Receives deliveries, whatever framework they come through. */
export interface WebhookReceiver {
  /** Takes one request to its answer. Never rejects. */
  receive(request: WebhookRequest): Promise<WebhookResponse>;
  /** {@link WebhookReceiver.receive} that calls back, once: without promises a delivery costs a tenth less. Never throws. */
  deliver(request: WebhookRequest, respond: (response: WebhookResponse) => void): void;
  stats(): WebhookReceiverStats;
  /** Answers 503 from now on and resolves when what is in hand is answered. The inbox is closed by its owner. */
  close(): Promise<void>;
}

/** What became of a delivery, before it is told as an HTTP answer. */
type Result = { readonly kind: 'stored'; readonly verdicts: readonly EventVerdict[] } | Rejected;

/** What a verified body holds. */
interface Opened {
  readonly kind: 'opened';
  readonly events: readonly ReceivedEvent[];
}

// A set-up that loses every event must be seen even where no logger was given; once a process is enough.
const LOUD: ReadonlySet<RejectionReason> = new Set<RejectionReason>(['body_already_parsed', 'body_changed']);
const warned = new Set<RejectionReason>();

type Arriving = { -readonly [Field in keyof ReceivedEvent]: ReceivedEvent[Field] };

const PROBE_MS = 5_000;

/**
 * Makes a receiver, for a framework that has no adapter here. The adapters make their own from the same options, or
 * share one that they are given.
 *
 * @throws {NylasWebhookError} `NYLAS_WEBHOOK_INVALID_OPTION`
 */
export function createWebhookReceiver(options: WebhookOptions): WebhookReceiver {
  return new Receiver(readOptions(options));
}

/** A receiver as it is given, or one made from options. */
export function receiverOf(given: WebhookOptions | WebhookReceiver): WebhookReceiver {
  return typeof (given as Partial<WebhookReceiver> | undefined)?.receive === 'function'
    ? (given as WebhookReceiver)
    : createWebhookReceiver(given as WebhookOptions);
}

class Receiver implements WebhookReceiver {
  readonly #settings: WebhookSettings;
  readonly #inHand: DeliveriesInHand;
  readonly #telemetry: DeliveryTelemetry;
  readonly #down: DownClock;
  readonly #undo: (() => void)[] = [];
  #probe: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(settings: WebhookSettings) {
    this.#settings = settings;
    this.#inHand = new DeliveriesInHand(settings);
    const emitter = createEmitter(SCOPE);
    this.#telemetry = new DeliveryTelemetry(emitter);
    this.#down = new DownClock(settings.inbox.check === undefined);
    this.#undo.push(showLiveness(emitter, this.#down));
    if (settings.logger !== undefined) this.#undo.push(addLogger(settings.logger));
  }

  receive(request: WebhookRequest): Promise<WebhookResponse> {
    return new Promise((resolve) => this.deliver(request, resolve));
  }

  deliver(request: WebhookRequest, respond: (response: WebhookResponse) => void): void {
    if (request.method !== 'POST') respond(this.#challenge(request));
    else this.#delivery(request, respond);
  }

  #challenge(request: WebhookRequest): WebhookResponse {
    if (request.method !== 'GET') return text(405, 'Nylas sends GET and POST.', { allow: 'GET, POST' });
    const started = performance.now();
    const challenge = readChallenge(request.query);
    if (challenge.kind === 'none') return text(400, 'This path takes webhooks of Nylas: no challenge given.');
    if (challenge.kind === 'refused') return text(400, 'The challenge is not one of Nylas.');
    this.#telemetry.delivered(200, 'challenge', 0, performance.now() - started, contextApi.active());
    return text(200, challenge.value);
  }

  stats(): WebhookReceiverStats {
    return {
      secrets: this.#settings.secrets.map(({ name, verified }) => ({ name, verified })),
      inFlight: { deliveries: this.#inHand.size, bytes: this.#inHand.bytes },
      downtime: this.#down.total(Date.now()) / 1_000,
    };
  }

  async close(): Promise<void> {
    if (!this.#closed) {
      this.#closed = true;
      clearTimeout(this.#probe);
      for (const step of this.#undo) step();
    }
    if (this.#inHand.size === 0) return;
    await new Promise<void>((resolve) => {
      const before = this.#idle;
      this.#idle = () => {
        before?.();
        resolve();
      };
    });
  }

  #delivery(request: WebhookRequest, respond: (response: WebhookResponse) => void): void {
    const started = performance.now();
    // Captured now: later steps run in whatever context the socket or the inbox happens to be in.
    const context = contextApi.active();
    if (this.#closed) {
      respond(this.#reject('inbox_closed', undefined, 0, context));
      return;
    }
    let delivery: DeliveryInHand;
    try {
      delivery = this.#inHand.enter(started);
    } catch (error) {
      respond(this.#answer(failed(error), started, context));
      return;
    }
    const receivedAt = Date.now();
    const finish = (result: Result): void => {
      // A reader that tells twice is heard once.
      if (delivery.hasLeft) return;
      this.#inHand.leave(delivery);
      if (this.#inHand.size === 0) this.#idle?.();
      respond(this.#answer(result, started, context));
    };
    const arrived = (body: Uint8Array): void => {
      if (delivery.hasLeft) return;
      const result = this.#take(request, body, receivedAt, delivery, context);
      if (result instanceof Promise) void result.then(finish);
      else finish(result);
    };
    // The body ends in the socket's context; a host's own (and so the parent of the inbox's spans) is the one of now.
    const scope = new AsyncResource('NylasWebhookDelivery');
    const lost = (error: unknown): void =>
      finish(codeOf(error) === 'NYLAS_WEBHOOK_DEADLINE' ? rejected('body_timeout') : failed(error));
    try {
      request.readBody(delivery, (body) => scope.runInAsyncScope(arrived, undefined, body), lost);
    } catch (error) {
      lost(error);
    }
  }

  #answer(result: Result, started: number, context: Context): WebhookResponse {
    const durationMs = performance.now() - started;
    if (result.kind === 'rejected') return this.#reject(result.reason, result.error, durationMs, context);
    if (this.#down.down) this.#down.succeed(Date.now());
    const { status, outcome } = storedVerdict(result.verdicts);
    this.#telemetry.delivered(status, outcome, result.verdicts.length, durationMs, context);
    return ACCEPTED;
  }

  // From the body to the verdicts at once where nothing has to be waited for: each promise costs turns of the queue.
  #take(
    request: WebhookRequest,
    body: Uint8Array,
    receivedAt: number,
    delivery: DeliveryInHand,
    context: Context,
  ): Result | Promise<Result> {
    try {
      const opened = this.#open(request, body, receivedAt, delivery, context);
      if (!(opened instanceof Promise)) return this.#store(opened, delivery, context);
      return opened.then((later) => this.#store(later, delivery, context)).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #store(opened: Opened | Rejected, delivery: DeliveryInHand, context: Context): Result | Promise<Result> {
    if (opened.kind === 'rejected') return opened;
    const { events } = opened;
    try {
      const answer = this.#settings.inbox.accept(events, delivery);
      if (Array.isArray(answer)) return this.#stored(events, answer, context);
      return delivery
        .race(answer as Promise<readonly EventVerdict[]>)
        .then((verdicts) => this.#stored(events, verdicts, context))
        .catch(atInbox);
    } catch (error) {
      return atInbox(error);
    }
  }

  /** Verifies and reads a body: at once, but for one that has to be inflated or kept in quarantine. */
  #open(
    request: WebhookRequest,
    body: Uint8Array,
    receivedAt: number,
    delivery: DeliveryInHand,
    context: Context,
  ): Opened | Rejected | Promise<Opened | Rejected> {
    const fault = verifySignature(body, request.header(SIGNATURE_HEADER), this.#settings.secrets);
    if (fault !== undefined) {
      return fault === 'signature_mismatch' && wasInflated(body, request)
        ? rejected('body_changed', bodyChanged())
        : rejected(fault);
    }
    noteDelivery(receivedAt);
    if (isGzip(body)) return this.#inflate(body, receivedAt, delivery, context);
    return this.#decode(body, body, receivedAt, delivery, context);
  }

  async #inflate(
    body: Uint8Array,
    receivedAt: number,
    delivery: DeliveryInHand,
    context: Context,
  ): Promise<Opened | Rejected> {
    const inflated = await inflate(body, this.#settings.maxInflatedBytes);
    if (inflated.kind === 'inflated_too_large') return rejected('inflated_too_large');
    if (inflated.kind === 'bad_gzip') return await this.#quarantine('bad_gzip', body, receivedAt, delivery);
    delivery.take(inflated.body.length);
    return await this.#decode(inflated.body, body, receivedAt, delivery, context);
  }

  #decode(
    plain: Uint8Array,
    body: Uint8Array,
    receivedAt: number,
    delivery: DeliveryInHand,
    context: Context,
  ): Opened | Rejected | Promise<Opened | Rejected> {
    const { events, fault } = parseBytes(plain);
    const traceparent = traceparentOf(context);
    // Ours alone until the inbox has them, so they are completed in place.
    for (const event of events as Arriving[]) {
      event.receivedAt = receivedAt;
      if (traceparent !== undefined) event.delivery = traceparent;
    }
    const opened: Opened = { kind: 'opened', events: events as ReceivedEvent[] };
    if (fault === undefined) return opened;
    // First what cannot be read: when this fails nothing is stored, and the retry finds everything new.
    return this.#quarantine(fault, body, receivedAt, delivery).then((result) =>
      events.length === 0 ? result : opened,
    );
  }

  #stored(events: readonly ReceivedEvent[], verdicts: readonly EventVerdict[], context: Context): Result {
    // An inbox that breaks its contract must not have deliveries acknowledged that it may not hold.
    if (!Array.isArray(verdicts) || verdicts.length !== events.length)
      throw inboxBroken(new TypeError('Inbox.accept must resolve with one verdict an event.'));
    this.#telemetry.stored(events, verdicts, Date.now(), context);
    return { kind: 'stored', verdicts };
  }

  async #quarantine(
    fault: EnvelopeFault,
    body: Uint8Array,
    receivedAt: number,
    delivery: DeliveryInHand,
  ): Promise<Rejected> {
    const { inbox } = this.#settings;
    try {
      const kept = { key: bodyKey(body), fault, body, receivedAt };
      await delivery.race(inbox.quarantine(kept, delivery));
    } catch (error) {
      throw inboxFailure(error);
    }
    return rejected(fault);
  }

  #reject(
    reason: RejectionReason,
    error: NylasWebhookError | undefined,
    durationMs: number,
    context: Context,
  ): WebhookResponse {
    const verdict = REJECTIONS[reason];
    const status = reason === 'body_aborted' ? undefined : verdict.status;
    this.#telemetry.delivered(status, verdict.outcome, 0, durationMs, context);
    this.#telemetry.rejected(verdict, reason, context);
    if (isDowntime(reason)) this.#failed();
    else if (verdict.outcome === 'unreadable') this.#down.succeed(Date.now());
    if (error !== undefined) this.#tell(reason, error);
    if (verdict.status === 200) return ACCEPTED;
    const headers = verdict.status === 503 ? { 'retry-after': this.#settings.retryAfter } : {};
    // A mistake in the set-up is explained to whoever tries the path by hand; Nylas does not read it.
    return text(verdict.status, LOUD.has(reason) ? (error?.message ?? reason) : reason, headers);
  }

  #tell(reason: RejectionReason, error: NylasWebhookError): void {
    try {
      if (LOUD.has(reason) && !warned.has(reason)) {
        warned.add(reason);
        process.emitWarning(error.message, { type: 'NylasWebhookWarning', code: error.code });
      }
      this.#settings.onError?.(error);
    } catch (thrown) {
      dropError('webhooks', thrown);
    }
  }

  /** Starts or goes on with downtime; an inbox that can be asked says when it is over. */
  #failed(): void {
    this.#down.fail(Date.now());
    if (this.#probe === undefined && !this.#closed) this.#probeLater();
  }

  #probeLater(): void {
    const { inbox } = this.#settings;
    if (inbox.check === undefined) return;
    this.#probe = setTimeout(() => {
      Promise.resolve()
        .then(() => inbox.check?.())
        .then(
          () => {
            this.#probe = undefined;
            this.#down.succeed(Date.now());
          },
          () => {
            this.#probe = undefined;
            if (this.#down.down && !this.#closed) this.#probeLater();
          },
        );
    }, PROBE_MS);
    this.#probe.unref();
  }
}

function atInbox(error: unknown): Rejected {
  return failed(inboxFailure(error));
}

function wasInflated(body: Uint8Array, request: WebhookRequest): boolean {
  return !isGzip(body) && /gzip/i.test(request.header('content-encoding') ?? '');
}

function bodyChanged(): NylasWebhookError {
  return new NylasWebhookError(
    'NYLAS_WEBHOOK_BODY_CHANGED',
    'A compressed delivery arrived inflated or garbled, so its signature cannot be verified: Nylas signs the gzip bytes. ' +
      'Whatever reads the body before us (express.raw(), a proxy, API Gateway) must leave it alone: mount the receiver ' +
      'before body parsers, set `inflate: false`, or declare binary media types (API Gateway).',
  );
}

function text(status: number, body: string, more: Record<string, string> = {}): WebhookResponse {
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      // Compression would chunk the challenge, which Nylas refuses.
      'cache-control': 'no-store, no-transform',
      ...more,
    },
    body,
  };
}

// Nothing is said of a body that there is not; most answers are this one.
const ACCEPTED: WebhookResponse = { status: 200, headers: { 'content-length': '0' }, body: '' };
