import { setTimeout as delay } from 'node:timers/promises';
import { announceScrapePort } from '@nylas-otel/node/parts';
import type { CommandContext } from '../commands/command.ts';
import { errorInWords, NylasOtelError } from '../errors.ts';
import type { ExitName } from '../exit-codes.ts';
import { problemLine } from '../options/config-problem.ts';
import { OPTION_KEYS, OPTIONS } from '../options/option-table.ts';
import type { OptionKey, Settings } from '../options/settings.ts';
import { Front, type Readiness } from './front.ts';
import { type Listener, listen } from './listener.ts';
import { Log, logDiagnostics } from './log.ts';
import type { Work } from './work.ts';

/** How long requests, handlers and jobs in hand may take to end. Kubernetes kills after 30 s by default. */
const GRACE_MS = 20_000;
/** How much longer a store may take to open when the process is told to end. */
const OPENING_MS = 5_000;
const BREATH_MS = 50;
const EXPORTER_NAME = 'nylas-otel-exporter';

/** What a reload cannot change: it was opened with the process. */
const FIXED: readonly OptionKey[] = [
  'metrics.host',
  'metrics.port',
  'store.database_url',
  'store.data_dir',
  'store.socket',
  'nylas.application',
  'webhooks.host',
  'webhooks.port',
  'admin.host',
  'admin.port',
];

/**
 * Runs the exporter until SIGTERM or SIGINT. `/metrics` answers before the rest is so much as loaded.
 *
 * @throws NylasOtelError where it cannot begin
 */
export async function runExporter(context: CommandContext): Promise<ExitName> {
  // Before anything is made that reads it: target_info would have the path of Node in it otherwise.
  if (!process.env.OTEL_RESOURCE_ATTRIBUTES?.includes('service.name=')) {
    process.env.OTEL_SERVICE_NAME ??= EXPORTER_NAME;
  }
  const exporter = new Exporter(context);
  // Told to end while its store does not open, it does not wait for that.
  await Promise.race([exporter.open(), exporter.ended]);
  return await exporter.ended;
}

class Exporter {
  readonly #context: CommandContext;
  readonly #log: Log;
  readonly #front: Front;
  #settings: Settings;
  #listener: Listener | undefined;
  #work: Work | undefined;
  #readiness: Readiness = { ready: false, reason: 'the store is being opened' };
  /** Signals are taken one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #ending = false;
  #opening: Promise<void> = Promise.resolve();
  readonly ended: Promise<ExitName>;
  #end: (exit: ExitName) => void = () => {};

  constructor(context: CommandContext) {
    this.#context = context;
    const { settings, output, redactor, now } = context;
    this.#settings = settings;
    this.#log = new Log({
      stream: output.stderr,
      redactor,
      now,
      level: settings['log.level'],
      format: output.json ? 'json' : settings['log.format'],
    });
    this.#front = new Front(settings, () => this.#readiness);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Opens the listener of the metrics, then starts the work behind it. */
  async open(): Promise<void> {
    logDiagnostics(this.#log);
    // What others of this machine see of the process: no paths of files that hold secrets.
    process.title = 'nylas-otel exporter';
    const port = this.#settings['metrics.port'];
    if (port !== false) {
      this.#listener = await listen(
        { host: this.#settings['metrics.host'], port, name: '/metrics', variable: 'NYLAS_OTEL_METRICS_PORT' },
        (request, response) => this.#front.handle(request, response),
      );
      announceScrapePort(this.#listener.port);
      const url = `${this.#listener.origin}${this.#settings['metrics.path']}`;
      this.#log.info(`metrics are served on ${url}`);
    }
    process.on('SIGHUP', () => this.#inTurn(() => this.#reload()));
    const { signal } = this.#context;
    signal.addEventListener('abort', () => this.#stop(String(signal.reason)), { once: true });
    this.#opening = this.#startWork();
    await this.#opening;
  }

  async #startWork(): Promise<void> {
    try {
      // A scrape that waits already is answered before some thousand modules are loaded.
      await delay(BREATH_MS);
      const { startWork } = await import('./work.ts');
      this.#work = await startWork(this.#settings, {
        log: this.#log,
        env: this.#context.env,
        cwd: this.#context.cwd,
        now: this.#context.now,
        listening: this.#listener?.origin,
      });
      if (this.#ending) return;
      this.#readiness = { ready: true };
      this.#log.info('ready');
    } catch (error) {
      if (this.#ending) return;
      await this.#listener?.close(0);
      throw error;
    }
  }

  #inTurn(step: () => Promise<void>): void {
    this.#turn = this.#turn.then(step).catch((error: unknown) => {
      this.#log.error(`a signal could not be handled (${errorInWords(error)})`);
    });
  }

  async #reload(): Promise<void> {
    if (this.#ending) return;
    const reading = await this.#context.readAgain();
    if (reading.problems.length > 0) {
      for (const problem of reading.problems) this.#log.error(`reload: ${problemLine(problem)}`);
      this.#log.error('the configuration cannot be used; the exporter goes on with the one it has');
      return;
    }
    const gone = goneSecrets(this.#settings, reading.settings);
    if (gone.length > 0) {
      // A file that is being written ends early; without these the exporter would serve strangers, or watch nothing.
      this.#log.error(
        `reload: ${gone.join(', ')} is no longer given. Is the file half-written? The exporter goes on with the configuration it has; to run without it takes a restart.`,
      );
      return;
    }
    try {
      checkExporterSettings(reading.settings);
    } catch (error) {
      if (!(error instanceof NylasOtelError)) throw error;
      this.#log.error(
        `reload: ${error.message} ${error.fix} The exporter goes on with the configuration it has.`,
      );
      return;
    }
    for (const warning of reading.warnings) this.#log.warn(warning);
    const changed = changedKeys(this.#settings, reading.settings);
    const fixed = changed.filter((key) => FIXED.includes(key));
    if (fixed.length > 0) this.#log.warn(`reload: ${fixed.join(', ')} changed, which takes a restart`);
    const kept = Object.fromEntries(fixed.map((key) => [key, this.#settings[key]]));
    const settings = { ...reading.settings, ...kept } as Settings;
    this.#settings = settings;
    this.#log.become(settings['log.level'], this.#context.output.json ? 'json' : settings['log.format']);
    this.#front.reload(settings);
    const taken = changed.filter((key) => !FIXED.includes(key));
    if (taken.length > 0) await this.#work?.reload(settings);
    this.#log.info(taken.length === 0 ? 'reloaded: nothing changed' : `reloaded: ${taken.join(', ')}`);
  }

  #stop(signal: string): void {
    if (this.#ending) return;
    this.#ending = true;
    this.#readiness = { ready: false, reason: 'the exporter is shutting down' };
    this.#log.info(`${signal}: finishing what is in hand`);
    this.#inTurn(async () => {
      try {
        // What is half open is closed in order too.
        await Promise.race([this.#opening, delay(OPENING_MS, undefined, { ref: false })]);
        await this.#work?.close(GRACE_MS);
      } catch (error) {
        this.#log.error(`not everything could be closed in order (${errorInWords(error)})`);
      }
      // Last: a scrape that comes now still gets its numbers.
      await this.#listener?.close(1_000);
      this.#log.info('stopped');
      this.#end('ok');
    });
  }
}

function changedKeys(before: Settings, after: Settings): OptionKey[] {
  return (Object.keys(after) as OptionKey[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
}

/** Secrets that were given and are not any more; one of two that stand for each other may take the other's place. */
function goneSecrets(before: Settings, after: Settings): OptionKey[] {
  const came = OPTION_KEYS.filter((key) => before[key] === undefined && after[key] !== undefined);
  const replaced = (key: OptionKey): boolean => {
    const section = key.slice(0, key.indexOf('.') + 1);
    return came.some((other) => OPTIONS[other].secret && other.startsWith(section));
  };
  return OPTION_KEYS.filter(
    (key) => OPTIONS[key].secret && before[key] !== undefined && after[key] === undefined && !replaced(key),
  );
}

/** What is wrong with settings of an exporter that each for itself can be used. */
export function checkExporterSettings(settings: Settings): void {
  if (settings['admin.port'] !== false && settings['admin.token'] === undefined) {
    throw new NylasOtelError(
      'usage',
      'The admin listener changes accounts and has no token.',
      'Set NYLAS_OTEL_ADMIN_TOKEN_FILE, or leave admin.port off: commands on this machine use the socket.',
    );
  }
  if (settings['webhooks.enabled'] && settings['webhooks.secret'] === undefined) {
    throw new NylasOtelError(
      'usage',
      'Webhooks are to be received and there is no secret to verify them with.',
      'Set NYLAS_WEBHOOK_SECRET, or NYLAS_WEBHOOK_SECRET_FILE with a path.',
    );
  }
  if (settings['repair.mode'] === 'on') {
    const missing = (['nylas.client_id', 'repair.reauth_redirect_uri', 'repair.notify_url'] as const).filter(
      (key) => settings[key] === undefined,
    );
    if (missing.length > 0) {
      throw new NylasOtelError(
        'usage',
        `Repair is on, but nobody could be asked to authenticate again: ${missing.join(', ')} is not given.`,
        'Give them, or leave repair at dry-run. repair.notify_url gets a POST with account, reason and address for each user to ask.',
      );
    }
  }
}
