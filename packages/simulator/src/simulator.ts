import type { SimulatorClock } from './clock/clock.ts';
import type { FaultControl } from './faults/fault-rule.ts';
import { openListeners } from './http/listeners.ts';
import type { RequestLog } from './http/request-log.ts';
import { Router } from './http/router.ts';
import type { Accounts } from './lifecycle/accounts.ts';
import type { Grants } from './lifecycle/grants.ts';
import type { NoticeLog } from './notices/notice.ts';
import { resolveOptions, type SimulatorOptions } from './options.ts';
import { Pipeline } from './pipeline.ts';
import { compileRoutes } from './routes.ts';
import type { SentMessage } from './sent-log.ts';
import { type StatusControl, statusControl } from './status-page/status-control.ts';
import { statusRoutes } from './status-page/status-routes.ts';
import type { TrafficControl } from './traffic/traffic.ts';
import type { WebhookControl } from './webhooks/webhooks.ts';
import { derivedSecrets, World } from './world.ts';

/** A running local Nylas. */
export interface Simulator extends AsyncDisposable {
  /** Origin of the plain listener, such as `http://127.0.0.1:41234`; v3 under `/v3`, v2 at the root. */
  readonly url: string;
  /** Origin of the TLS listener (HTTP/1.1), when option `tls` is on. */
  readonly tlsUrl: string | undefined;
  /** Origin of the TLS listener that speaks HTTP/2, when option `http2` is on. */
  readonly http2Url: string | undefined;
  /** PEM of the authority that signed the TLS certificates; trust it in the client. */
  readonly ca: string | undefined;
  /** The v3 API key that is accepted. */
  readonly apiKey: string;
  /** The application's client id. */
  readonly clientId: string;
  /** The v2 client secret that is accepted. */
  readonly clientSecret: string;
  /** Simulated time: scale it, step it. */
  readonly clock: SimulatorClock;
  /** The v3 grants, their true states and their life. */
  readonly grants: Grants;
  /** The v2 accounts, their true states and their life. */
  readonly accounts: Accounts;
  /** Makes mailboxes change, and knows every change. */
  readonly traffic: TrafficControl;
  /** Sends notifications, and knows what became of each. */
  readonly webhooks: WebhookControl;
  /** The status page and what it says. */
  readonly status: StatusControl;
  /** Everything Nylas had to tell since the start, oldest first, whether or not anybody was subscribed. */
  readonly notices: NoticeLog;
  /** Switches faults on and off. */
  readonly faults: FaultControl;
  /** What arrived. */
  readonly requests: RequestLog;
  /** What the simulated providers accepted for sending, oldest first, whatever the client was told. */
  readonly sent: readonly SentMessage[];
  /** Errors of the simulator itself, kept over resets; empty unless it has a bug. */
  readonly defects: readonly unknown[];
  /** Back to the state right after the start, with the listeners left open. */
  reset(): void;
  /** Ends every connection, also those with unanswered requests, and closes the listeners. Can be called twice. */
  close(): Promise<void>;
}

/**
 * Starts a local Nylas.
 * @throws {SimulatorError} when an option is not valid
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const settings = resolveOptions(options, derivedSecrets);
  const world = new World(settings);
  const pipeline = new Pipeline(world, new Router([...compileRoutes(), ...statusRoutes()]));
  const listeners = await openListeners(settings, pipeline.handle);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= listeners.close().then(() => world.close());
    return closing;
  };
  return {
    url: listeners.url,
    tlsUrl: listeners.tlsUrl,
    http2Url: listeners.http2Url,
    ca: listeners.ca,
    apiKey: settings.apiKey,
    clientId: settings.clientId,
    clientSecret: settings.clientSecret,
    clock: world.clock,
    grants: world.grants,
    accounts: world.accounts,
    traffic: world.traffic,
    webhooks: world.webhooks,
    status: statusControl(world.status, listeners.url),
    notices: world.notices,
    faults: world.faults,
    requests: world.requests,
    get sent(): readonly SentMessage[] {
      return world.sent.list();
    },
    defects: world.defects,
    reset: () => world.reset(),
    close,
    [Symbol.asyncDispose]: close,
  };
}
