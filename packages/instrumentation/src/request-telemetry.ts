import type { RequestOptions } from 'node:http';
import {
  addLogger,
  announceInstrumentation,
  guarded,
  processState,
  setCorrelationMode,
} from '@nylas-otel/telemetry';
import { diag } from '@opentelemetry/api';
import { type ResolvedConfig, resolveConfig } from './config.ts';
import { HurtingAccounts } from './hurting/hurting-accounts.ts';
import type { HurtingReport } from './hurting/hurting-report.ts';
import { HeldHttp } from './ownership/held-http.ts';
import type { InstrumentationLike } from './ownership/held-instrumentation.ts';
import { HeldUndici } from './ownership/held-undici.ts';
import { Ownership } from './ownership/ownership.ts';
import { attributeLayouts } from './requests/attribute-layouts.ts';
import { RequestMetrics } from './requests/request-metrics.ts';
import { RequestRecorder } from './requests/request-recorder.ts';
import { Targets } from './requests/targets.ts';
import { OperationSubscriber } from './sdk/operation-subscriber.ts';
import { DispatchContext } from './transport/dispatch-context.ts';
import { HttpTransport } from './transport/http.ts';
import { UndiciTransport } from './transport/undici.ts';

interface Running {
  readonly stop: () => void;
}

/**
 * The request telemetry of a process: one, whoever starts it and however many copies of this package are loaded. It runs
 * while at least one owner (an instrumentation, `instrumentNylas`, a bridge) wants it, with the newest owner's
 * configuration.
 */
export class RequestTelemetry {
  readonly #owners = new Map<object, ResolvedConfig>();
  readonly #instances = new Map<object, InstrumentationLike[]>();
  readonly #undiciModules = new Set<object>();
  readonly #metrics = new RequestMetrics();
  readonly #hurting = new HurtingAccounts();
  readonly #layouts = attributeLayouts;
  #dispatch: DispatchContext | undefined;
  #running: Running | undefined;
  #config: ResolvedConfig = resolveConfig();
  targets: Targets = new Targets();

  /** Layouts of span attributes that are kept alive (see {@link attributeLayouts}). */
  get layouts(): readonly object[] {
    return this.#layouts;
  }

  /** The configuration in force. */
  get config(): ResolvedConfig {
    return this.#config;
  }

  /** True while spans of other instrumentations are to be enriched. */
  get enriching(): boolean {
    return this.#running !== undefined && this.#config.mode !== 'off';
  }

  /** Which accounts are hurting now. */
  hurting(): HurtingReport {
    return this.#hurting.report();
  }

  /** Runs for `owner`, with its configuration. */
  start(owner: object, config: ResolvedConfig): void {
    if (this.#owners.size > 0 && !this.#owners.has(owner)) {
      diag.debug('nylas-otel: request telemetry was already running; the newest configuration is in force.');
    }
    this.#owners.delete(owner);
    this.#owners.set(owner, config);
    this.#restart();
  }

  /** Takes a new configuration of an owner that runs. */
  reconfigure(owner: object, config: ResolvedConfig): void {
    if (!this.#owners.has(owner)) return;
    this.#owners.set(owner, config);
    this.#restart();
  }

  /** Runs for `owner` with its defaults, unless somebody configured it already. */
  startIfIdle(owner: object): void {
    if (this.#owners.size === 0) this.start(owner, resolveConfig());
  }

  /** Ends for `owner`; the last one leaves nothing behind. */
  stop(owner: object): void {
    this.#instances.delete(owner);
    if (this.#owners.delete(owner)) this.#restart();
  }

  /** Takes over HTTP instrumentations of the user at Nylas hosts, for as long as `owner` runs. */
  hold(owner: object, instances: InstrumentationLike[]): void {
    this.#instances.set(owner, instances);
    if (this.#running !== undefined) this.#restart();
  }

  /** A copy of npm's undici was loaded: its queues and retries keep the caller's context from now on. */
  undiciLoaded(undici: object): void {
    this.#undiciModules.add(undici);
    this.#dispatch?.patchModule(undici);
  }

  #restart(): void {
    this.#running?.stop();
    this.#running = undefined;
    const config = [...this.#owners.values()].at(-1);
    if (config !== undefined) this.#running = this.#run(config);
  }

  #run(config: ResolvedConfig): Running {
    this.#config = config;
    const targets = new Targets(config.hosts);
    this.targets = targets;
    setCorrelationMode(config.correlation);
    const recorder = new RequestRecorder(config, this.#metrics, this.#hurting);
    const ownership = new Ownership(config);
    const undici = new HeldUndici(
      (request) => targets.find(request.origin) !== undefined,
      config.recordHttpClientDuration,
    );
    const http = new HeldHttp(
      (options) => targets.find(originOf(options)) !== undefined,
      config.recordHttpClientDuration,
    );
    if (config.mode === 'auto' || config.mode === 'own') {
      for (const instance of new Set([...this.#instances.values()].flat())) {
        if (instance.instrumentationName === '@opentelemetry/instrumentation-undici') undici.hold(instance);
        else if (instance.instrumentationName === '@opentelemetry/instrumentation-http') http.hold(instance);
      }
    }
    const dispatch = new DispatchContext(targets);
    dispatch.patchGlobalDispatchers();
    for (const undiciModule of this.#undiciModules) dispatch.patchModule(undiciModule);
    this.#dispatch = dispatch;
    const parts = [
      new UndiciTransport(config, targets, recorder, ownership, undici),
      new HttpTransport(config, targets, recorder, ownership, http),
      new OperationSubscriber(config, targets),
    ];
    for (const part of parts) part.start();
    const withdraw = announceInstrumentation();
    const removeLogger = config.logger === undefined ? () => {} : addLogger(config.logger);
    return {
      stop: () => {
        for (const part of parts) part.stop();
        dispatch.stop();
        this.#dispatch = undefined;
        guarded('hook', () => undici.release(), undefined);
        guarded('hook', () => http.release(), undefined);
        removeLogger();
        withdraw();
      },
    };
  }
}

/** The process's request telemetry, shared by all copies of this package. */
export function requestTelemetry(): RequestTelemetry {
  return processState('request-telemetry', () => new RequestTelemetry());
}

// `http.request` options, as the stock instrumentation passes them to its ignore hook.
function originOf(options: RequestOptions): string {
  const protocol = options.protocol ?? (options.port === 443 || options.port === '443' ? 'https:' : 'http:');
  const host = options.hostname ?? options.host ?? 'localhost';
  return options.port === undefined || options.port === null
    ? `${protocol}//${host}`
    : `${protocol}//${host}:${options.port}`;
}
