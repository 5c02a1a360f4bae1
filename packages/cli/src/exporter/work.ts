import { scrapeGate } from '@nylas-otel/node/parts';
import type { NylasStore } from '@nylas-otel/store';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import {
  type ControlSocket,
  controlHandler,
  type Dispatch,
  openControlSocket,
} from '../control/control-server.ts';
import { errorInWords, isDiskFull, NylasOtelError } from '../errors.ts';
import { dispatcher } from '../operations/dispatcher.ts';
import { OPTION_KEYS, OPTIONS } from '../options/option-table.ts';
import type { Settings } from '../options/settings.ts';
import { openState, storeInWords } from '../state/open-state.ts';
import { socketPath } from '../state/state-paths.ts';
import { type Listener, listen } from './listener.ts';
import type { Log } from './log.ts';
import { startTelemetry, type Telemetry } from './telemetry.ts';
import { startWatches, type Watches } from './watches.ts';

/** What the work of an exporter needs of its surroundings. */
export interface WorkWorld {
  readonly log: Log;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  readonly now: () => number;
  /** Origin of the metrics. */
  readonly listening: string | undefined;
}

/** Everything behind `/metrics`: store, watches, webhooks, commands. */
export interface Work {
  /** Takes other settings; what is fixed at the start stays. */
  reload(settings: Settings): Promise<void>;
  close(graceMs: number): Promise<void>;
}

/**
 * Opens the store and starts to work.
 *
 * @throws NylasOtelError where something cannot be opened; what was opened before is closed again
 */
export async function startWork(settings: Settings, world: WorkWorld): Promise<Work> {
  const work = new RunningWork(settings, world);
  try {
    await work.start();
    return work;
  } catch (error) {
    await work.close(0);
    throw error;
  }
}

class RunningWork implements Work {
  readonly #world: WorkWorld;
  readonly #closing = new AbortController();
  readonly #startedAt: number;
  #settings: Settings;
  #store: NylasStore | undefined;
  #telemetry: Telemetry | undefined;
  #watches: Watches | undefined;
  #socket: ControlSocket | undefined;
  #admin: Listener | undefined;
  #webhooks: Listener | undefined;
  #receive: ReturnType<typeof nylasWebhooks> | undefined;

  constructor(settings: Settings, world: WorkWorld) {
    this.#settings = settings;
    this.#world = world;
    this.#startedAt = world.now();
  }

  async start(): Promise<void> {
    const { env, cwd, log } = this.#world;
    this.#telemetry = await startTelemetry(this.#settings, env, log);
    const opening = openState(this.#settings, env, cwd);
    // Its failure is thrown below, after what is opened meanwhile.
    opening.catch(() => {});
    // A command that comes meanwhile waits for the store, instead of finding its folder in use.
    const dispatch = this.#dispatcher(opening);
    await this.#openSocket(dispatch);
    await this.#openAdmin(dispatch);
    this.#store = await opening;
    log.info(`the store is open: ${storeInWords(this.#settings, env, cwd)}`);
    this.#watches = await startWatches(this.#settings, this.#store, log);
    await this.#openWebhooks();
  }

  async reload(settings: Settings): Promise<void> {
    this.#settings = settings;
    const store = this.#store as NylasStore;
    await this.#watches?.close();
    this.#watches = await startWatches(settings, store, this.#world.log);
    this.#receive = this.#webhooks === undefined ? undefined : this.#receiver();
  }

  async close(graceMs: number): Promise<void> {
    // Deliveries first: what arrives now is answered 503 by whoever stands before us, and sent again.
    await Promise.all([this.#webhooks?.close(graceMs), this.#admin?.close(1_000)]);
    this.#closing.abort();
    await this.#socket?.close(1_000);
    await this.#watches?.close();
    await this.#store?.close({ graceMs });
    await this.#telemetry?.shutdown();
  }

  #dispatcher(opening: Promise<NylasStore>): Dispatch {
    const { env, cwd, now } = this.#world;
    return dispatcher(async (call) => ({
      settings: this.#settings,
      store: await opening,
      env,
      cwd,
      now,
      secrets: secretsOf(this.#settings),
      signal: AbortSignal.any([call.signal, this.#closing.signal]),
      progress: (report) => call.progress(report),
      exporter: { status: () => this.#status(), monitor: this.#watches?.monitor },
    }));
  }

  async #status(): Promise<object> {
    return {
      pid: process.pid,
      startedAt: this.#startedAt,
      metrics:
        this.#world.listening === undefined
          ? null
          : `${this.#world.listening}${this.#settings['metrics.path']}`,
      webhooks:
        this.#webhooks === undefined ? null : `${this.#webhooks.origin}${this.#settings['webhooks.path']}`,
      admin: this.#admin?.origin ?? null,
      rss: process.memoryUsage.rss(),
      ...(await this.#watches?.status()),
    };
  }

  async #openSocket(dispatch: Dispatch): Promise<void> {
    const { env, cwd, log } = this.#world;
    const path = socketPath(this.#settings, env, cwd);
    if (path === undefined) return;
    try {
      this.#socket = await openControlSocket(path, dispatch);
      log.info(`commands are taken at ${path}`);
    } catch (error) {
      if (error instanceof NylasOtelError) throw error;
      // A read-only file system is no reason not to watch accounts.
      log.warn(
        `commands on this machine cannot reach the exporter: ${path} cannot be made (${errorInWords(error)}). Set NYLAS_OTEL_SOCKET to a path that can be written, or to off.`,
      );
    }
  }

  async #openAdmin(dispatch: Dispatch): Promise<void> {
    const port = this.#settings['admin.port'];
    const bearer = this.#settings['admin.token'];
    if (port === false || bearer === undefined) return;
    const address = {
      host: this.#settings['admin.host'],
      port,
      name: 'the admin listener',
      variable: 'NYLAS_OTEL_ADMIN_PORT',
    };
    this.#admin = await listen(address, (request, response) => {
      // Made for each request, so that a reload changes the token.
      const gate = scrapeGate({ bearer: this.#settings['admin.token'] ?? bearer });
      controlHandler(dispatch, gate)(request, response);
    });
    this.#world.log.info(`commands with the admin token are taken at ${this.#admin.origin}`);
  }

  async #openWebhooks(): Promise<void> {
    const port = this.#settings['webhooks.port'];
    if (!this.#settings['webhooks.enabled'] || port === false) return;
    this.#receive = this.#receiver();
    const path = this.#settings['webhooks.path'];
    const address = {
      host: this.#settings['webhooks.host'],
      port,
      name: 'webhooks',
      variable: 'NYLAS_OTEL_WEBHOOKS_PORT',
    };
    this.#webhooks = await listen(address, (request, response) => {
      const wanted = URL.parse(request.url ?? '/', 'http://localhost')?.pathname;
      if (wanted === path && this.#receive !== undefined) this.#receive(request, response);
      else response.writeHead(404, { 'content-type': 'text/plain' }).end('Not Found\n');
    });
    this.#world.log.info(`webhooks are received at ${this.#webhooks.origin}${path}`);
  }

  #receiver(): ReturnType<typeof nylasWebhooks> {
    const { log, env, cwd } = this.#world;
    return nylasWebhooks({
      secret: [...(this.#settings['webhooks.secret'] ?? [])],
      inbox: (this.#store as NylasStore).inbox,
      onError: (error) =>
        isDiskFull(error)
          ? log.error(
              `a delivery was answered with 503, so that it comes again: the disk of the store is full (${storeInWords(this.#settings, env, cwd)}). Make room; nothing needs a restart.`,
            )
          : log.warn(`a delivery was not stored: ${error.message}`),
    });
  }
}

/** The secrets among settings. */
function secretsOf(settings: Settings): string[] {
  return OPTION_KEYS.filter((key) => OPTIONS[key].secret).flatMap((key) => {
    const value = settings[key];
    return value === undefined ? [] : Array.isArray(value) ? value.map(String) : [String(value)];
  });
}
