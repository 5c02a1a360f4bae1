import { answerControl } from './control/control-routes.ts';
import { FAULTS, type FaultEffect, HOP } from './faults/fault-catalogue.ts';
import type { FaultOptions } from './faults/fault-rule.ts';
import { admit, identify } from './http/credentials.ts';
import { Exchange, type NodeRequest, type NodeResponse } from './http/exchange.ts';
import { type Reply, v2Error } from './http/reply.ts';
import { ReplyCache } from './http/reply-cache.ts';
import { hasBody, parseJsonObject, readBody } from './http/request-body.ts';
import type { Router } from './http/router.ts';
import { resetConnection, sendReply } from './http/send-reply.ts';
import { answerOnce } from './idempotency.ts';
import { withProviderHeaders } from './provider-headers.ts';
import type { World } from './world.ts';

/** A fault that a request was hit by. */
interface Hit {
  readonly effect: FaultEffect;
  readonly options: FaultOptions;
}

const NO_OPTIONS: FaultOptions = {};
const CONTROL_PREFIX = '/__sim';

/**
 * The way of a request: route, faults, credentials and states, limits, body, route function, answer. Read it from
 * `handle` downwards. GET requests run through it in one go, without a promise.
 */
export class Pipeline {
  readonly #world: World;
  readonly #router: Router;
  readonly #cache: ReplyCache;

  constructor(world: World, router: Router) {
    this.#world = world;
    this.#router = router;
    this.#cache = new ReplyCache(world.mailboxes);
  }

  /** Takes a request from any listener. Never throws. */
  handle = (request: NodeRequest, response: NodeResponse): void => {
    // A client that goes away in the middle of its request or of our answer is no error of ours.
    request.on('error', ignore);
    response.on('error', ignore);
    let x: Exchange;
    try {
      x = new Exchange(this.#world, request, response);
    } catch (error) {
      this.#world.defects.push(error);
      resetConnection(response);
      return;
    }
    if (x.path.startsWith(CONTROL_PREFIX)) {
      void this.#control(x);
      return;
    }
    try {
      this.#begin(x);
    } catch (error) {
      this.#crashed(x, error);
    }
  };

  async #control(x: Exchange): Promise<void> {
    try {
      if (hasBody(x.request)) {
        const bytes = await readBody(x.request);
        if (!(bytes instanceof Buffer)) return;
        x.bytes = bytes;
      }
      sendReply(x, await answerControl(x));
    } catch (error) {
      this.#crashed(x, error);
    }
  }

  #begin(x: Exchange): void {
    this.#world.clock.runDue();
    const match = this.#router.find(x.method, x.path);
    if (match !== undefined) {
      x.route = match.route;
      x.params = match.params;
      x.record.template = match.route.template;
    }
    identify(x);
    const hit = this.#world.faults.any ? this.#pickFault(x) : undefined;
    this.#world.requests.arrived(x.record);
    switch (hit?.effect.kind) {
      case 'silence':
        x.request.resume();
        return;
      case 'reset':
        resetConnection(x.response);
        return;
      case 'reply':
        this.#answerFault(x, hit.effect, hit.options);
        return;
      default:
        this.#admit(x, hit);
    }
  }

  #pickFault(x: Exchange): Hit | undefined {
    const rule = this.#world.faults.pick(x);
    if (rule === undefined || (rule.fault === 'redirect' && x.search.includes(HOP))) return undefined;
    x.record.fault = rule.fault;
    return { effect: FAULTS[rule.fault], options: rule.options ?? NO_OPTIONS };
  }

  #answerFault(x: Exchange, effect: Extract<FaultEffect, { kind: 'reply' }>, options: FaultOptions): void {
    const answer = (): Reply => effect.reply(x, options);
    if (effect.stored === true && x.route?.limit === 'send' && x.grant !== undefined && hasBody(x.request)) {
      // Nylas keeps provider errors under the idempotency key, so the retry with the same key gets them again.
      const { id } = x.grant;
      this.#withBody(x, { effect, options }, () => answerOnce(x, id, answer));
      return;
    }
    this.#finish(x, answer(), { effect, options });
  }

  #admit(x: Exchange, hit: Hit | undefined): void {
    const { route } = x;
    const refusal = route === undefined ? unknownRoute(x) : (admit(x) ?? this.#limit(x));
    if (route === undefined || refusal !== undefined) {
      this.#finish(x, refusal as Reply, hit);
    } else if (route.json !== 'never' && hasBody(x.request)) {
      this.#withBody(x, hit, () => route.handle(x));
    } else if (route.json === 'required') {
      this.#finish(x, unreadable(x), hit);
    } else {
      this.#run(x, hit, () => this.#cache.answer(x, () => route.handle(x)));
    }
  }

  /** Counts the request; where it takes one of few places, it gives it back when the connection is done with it. */
  #limit(x: Exchange): Reply | undefined {
    const admission = this.#world.limiter.admit(x);
    if (admission.refusal !== undefined) return admission.refusal;
    const { slot } = admission;
    if (slot !== undefined) x.response.once('close', () => this.#world.limiter.release(slot));
    return undefined;
  }

  /** Reads the body, parses it where the route wants JSON, and goes on. */
  #withBody(x: Exchange, hit: Hit | undefined, produce: () => Reply | Promise<Reply>): void {
    void readBody(x.request).then((bytes) => {
      if (bytes === 'aborted') return;
      if (bytes === 'too_large') {
        this.#finish(x, x.refuse(413, 'invalid_request_error', 'Request entity too large'), hit);
        return;
      }
      x.bytes = bytes;
      x.record.bodyBytes = bytes.length;
      if (bytes.length > 0 && x.route?.raw !== true && !isMultipart(x)) {
        const body = parseJsonObject(bytes);
        if (body === undefined) {
          this.#finish(x, unreadable(x), hit);
          return;
        }
        x.body = body;
        if (this.#world.settings.recordBodies) x.record.body = body;
      }
      this.#run(x, hit, produce);
    });
  }

  #run(x: Exchange, hit: Hit | undefined, produce: () => Reply | Promise<Reply>): void {
    try {
      const reply = produce();
      if (!(reply instanceof Promise)) {
        this.#finish(x, reply, hit);
        return;
      }
      reply.then(
        (value) => this.#finish(x, value, hit),
        (error: unknown) => this.#crashed(x, error),
      );
    } catch (error) {
      this.#crashed(x, error);
    }
  }

  /** Lets the fault have the last word, waits as long as the provider takes, and sends. */
  #finish(x: Exchange, made: Reply, hit: Hit | undefined): void {
    let reply = x.route?.proxied === true ? withProviderHeaders(x, made) : made;
    let ms = x.route === undefined ? 0 : this.#world.nextLatency();
    if (hit !== undefined) {
      const { effect, options } = hit;
      if (effect.kind === 'accept_then') reply = effect.reply(x, options);
      else if (effect.kind === 'ending')
        reply = { ...reply, wire: { how: effect.how, afterBytes: options.bytes } };
      else if (effect.kind === 'early_hints') writeEarlyHints(x.response);
      ms += options.ms ?? (effect.kind === 'delay' ? effect.defaultMs : 0);
    }
    if (ms > 0) setTimeout(() => this.#send(x, reply), ms).unref();
    else this.#send(x, reply);
  }

  #send(x: Exchange, reply: Reply): void {
    try {
      sendReply(x, reply);
    } catch (error) {
      this.#crashed(x, error);
    }
    x.whenAnswered?.();
  }

  /** A fault of the simulator itself: answered as Nylas would, and kept, so that a test can insist on none. */
  #crashed(x: Exchange, error: unknown): void {
    this.#world.defects.push(error);
    if (x.response.headersSent) {
      resetConnection(x.response);
      return;
    }
    sendReply(x, x.refuse(500, 'api.internal_error', 'Internal error, contact administrator'));
  }
}

function ignore(): void {}

function isMultipart(x: Exchange): boolean {
  return (x.header('content-type') ?? '').startsWith('multipart/');
}

function unknownRoute(x: Exchange): Reply {
  return x.version === 'v3'
    ? x.fail(404, 'not_found_error', 'requested object not found')
    : v2Error(404, 'api_error', 'The requested URL was not found on the server.');
}

function unreadable(x: Exchange): Reply {
  return x.refuse(400, 'invalid_request_error', 'error parsing request body');
}

function writeEarlyHints(response: NodeResponse): void {
  if ('stream' in response) response.stream?.additionalHeaders({ ':status': 103, link: HINT });
  else response.writeEarlyHints({ link: HINT });
}
const HINT = '</v3/style.css>; rel=preload; as=style';
