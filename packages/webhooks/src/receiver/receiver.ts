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
import { ACCEPTED, text } from './answers.ts';
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
type Result = Stored | Rejected;

interface Stored {
  readonly kind: 'stored';
  readonly events: readonly ReceivedEvent[];
  readonly verdicts: readonly EventVerdict[];
}

/** A delivery on its way to its answer. */
interface Delivery {
  readonly request: WebhookRequest;
  readonly respond: (response: WebhookResponse) => void;
  readonly inHand: DeliveryInHand;
  /** A reading of `performance.now()`. */
  readonly started: number;
  /** Unix time in milliseconds. */
  readonly receivedAt: number;
  readonly context: Context;
}

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
    const receivedAt = Date.now();
    let inHand: DeliveryInHand;
    try {
      inHand = this.#inHand.enter(started);
    } catch (error) {
      respond(this.#answer(failed(error), receivedAt, started, context));
      return;
    }
    const delivery: Delivery = { request, respond, inHand, started, receivedAt, context };
    // The body ends in the socket's context; a host's own (and so the parent of the inbox's spans) is the one of now.
    const scope = new AsyncResource('NylasWebhookDelivery');
    try {
      request.readBody(
        inHand,
        (body) => scope.runInAsyncScope(this.#arrived, this, delivery, body),
        (error) => this.#lost(delivery, error),
      );
    } catch (error) {
      this.#lost(delivery, error);
    }
  }

  #arrived(delivery: Delivery, body: Uint8Array): void {
    if (delivery.inHand.hasLeft) return;
    const result = this.#take(delivery, body);
    if (result instanceof Promise) void result.then((later) => this.#finish(delivery, later));
    else this.#finish(delivery, result);
  }

  #lost(delivery: Delivery, error: unknown): void {
    const isLate = codeOf(error) === 'NYLAS_WEBHOOK_DEADLINE';
    this.#finish(delivery, isLate ? rejected('body_timeout') : failed(error));
  }

  #finish({ inHand, respond, receivedAt, started, context }: Delivery, result: Result): void {
    // A reader that tells twice is heard once.
    if (inHand.hasLeft) return;
    this.#inHand.leave(inHand);
    if (this.#inHand.size === 0) this.#idle?.();
    respond(this.#answer(result, receivedAt, started, context));
  }

  #answer(result: Result, receivedAt: number, started: number, context: Context): WebhookResponse {
    const durationMs = performance.now() - started;
    if (result.kind === 'rejected') return this.#reject(result.reason, result.error, durationMs, context);
    const now = receivedAt + durationMs;
    if (this.#down.down) this.#down.succeed(now);
    const { events, verdicts } = result;
    const { status, outcome } = storedVerdict(verdicts);
    this.#telemetry.stored(events, verdicts, now, context);
    this.#telemetry.delivered(status, outcome, verdicts.length, durationMs, context);
    return ACCEPTED;
  }

  // From the body to the verdicts at once where nothing has to be waited for: each promise costs turns of the queue.
  #take(delivery: Delivery, body: Uint8Array): Result | Promise<Result> {
    try {
      const opened = this.#open(delivery, body);
      if (!(opened instanceof Promise)) return this.#store(delivery, opened);
      return opened.then((later) => this.#store(delivery, later)).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #store({ inHand }: Delivery, opened: Opened | Rejected): Result | Promise<Result> {
    if (opened.kind === 'rejected') return opened;
    const { events } = opened;
    try {
      const answer = this.#settings.inbox.accept(events, inHand);
      if (Array.isArray(answer)) return stored(events, answer);
      return inHand
        .race(answer as Promise<readonly EventVerdict[]>)
        .then((verdicts) => stored(events, verdicts))
        .catch(atInbox);
    } catch (error) {
      return atInbox(error);
    }
  }

  /** Verifies and reads a body: at once, but for one that has to be inflated or kept in quarantine. */
  #open(delivery: Delivery, body: Uint8Array): Opened | Rejected | Promise<Opened | Rejected> {
    const { request, receivedAt } = delivery;
    const fault = verifySignature(body, request.header(SIGNATURE_HEADER), this.#settings.secrets);
    if (fault !== undefined) {
      return fault === 'signature_mismatch' && wasInflated(body, request)
        ? rejected('body_changed', bodyChanged())
        : rejected(fault);
    }
    noteDelivery(receivedAt);
    return isGzip(body) ? this.#inflate(delivery, body) : this.#decode(delivery, body, body);
  }

  async #inflate(delivery: Delivery, body: Uint8Array): Promise<Opened | Rejected> {
    const inflated = await inflate(body, this.#settings.maxInflatedBytes);
    if (inflated.kind === 'inflated_too_large') return rejected('inflated_too_large');
    if (inflated.kind === 'bad_gzip') return await this.#quarantine(delivery, 'bad_gzip', body);
    delivery.inHand.take(inflated.body.length);
    return await this.#decode(delivery, inflated.body, body);
  }

  #decode(
    delivery: Delivery,
    plain: Uint8Array,
    body: Uint8Array,
  ): Opened | Rejected | Promise<Opened | Rejected> {
    const { events, fault } = parseBytes(plain);
    const traceparent = traceparentOf(delivery.context);
    // Ours alone until the inbox has them, so they are completed in place.
    for (const event of events as Arriving[]) {
      event.receivedAt = delivery.receivedAt;
      if (traceparent !== undefined) event.delivery = traceparent;
    }
    const opened: Opened = { kind: 'opened', events: events as ReceivedEvent[] };
    if (fault === undefined) return opened;
    // First what cannot be read: when this fails nothing is stored, and the retry finds everything new.
    return this.#quarantine(delivery, fault, body).then((result) => (events.length === 0 ? result : opened));
  }

  async #quarantine(
    { inHand, receivedAt }: Delivery,
    fault: EnvelopeFault,
    body: Uint8Array,
  ): Promise<Rejected> {
    const { inbox } = this.#settings;
    try {
      await inHand.race(inbox.quarantine({ key: bodyKey(body), fault, body, receivedAt }, inHand));
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

/** @throws {NylasWebhookError} `NYLAS_WEBHOOK_INBOX_BROKEN` */
function stored(events: readonly ReceivedEvent[], verdicts: readonly EventVerdict[]): Stored {
  // An inbox that breaks its contract must not have deliveries acknowledged that it may not hold.
  if (!Array.isArray(verdicts) || verdicts.length !== events.length)
    throw inboxBroken(new TypeError('Inbox.accept must resolve with one verdict an event.'));
  return { kind: 'stored', events, verdicts };
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
