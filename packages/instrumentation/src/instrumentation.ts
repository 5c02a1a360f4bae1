import {
  bindLoggerProvider,
  bindTracerProvider,
  instrumentHub,
  type LoggerProviderLike,
  unbindLoggerProvider,
  unbindTracerProvider,
} from '@nylas-otel/telemetry';
import type { MeterProvider, TracerProvider } from '@opentelemetry/api';
import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { type NylasInstrumentationConfig, resolveConfig } from './config.ts';
import { requestTelemetry } from './request-telemetry.ts';
import { patchDeltaStream } from './sdk/nylas-connection.ts';
import { patchNylas } from './sdk/patch-nylas.ts';
import { SCOPE } from './version.ts';

/**
 * OpenTelemetry instrumentation of the Nylas API: patches the `nylas` SDK 6, 7 and 8 as it is loaded, and follows every
 * request to a Nylas host through undici and node:http, whoever sends it. Works on the 2.x and the 3.x line of
 * OpenTelemetry. Usually made by {@link withNylas}.
 */
export class NylasInstrumentation extends InstrumentationBase<NylasInstrumentationConfig> {
  /**
   * @param config see {@link NylasInstrumentationConfig}
   * @throws NylasConfigError for an option that cannot be used
   */
  constructor(config: NylasInstrumentationConfig = {}) {
    resolveConfig(config);
    super(SCOPE.name, SCOPE.version, config);
  }

  protected init(): InstrumentationNodeModuleDefinition[] {
    const undo = new WeakMap<object, () => void>();
    const patch = <T extends object>(exports: T, patcher: () => (() => void) | undefined): T => {
      const unpatch = patcher();
      if (unpatch === undefined)
        this._diag.warn('the loaded "nylas" has a shape that is not known; not patched');
      else undo.set(exports, unpatch);
      return exports;
    };
    const unpatch = (exports?: object): void => {
      if (exports !== undefined) undo.get(exports)?.();
    };
    return [
      new InstrumentationNodeModuleDefinition(
        'nylas',
        ['>=6 <9'],
        (exports: object, version?: string) => patch(exports, () => patchNylas(exports, version)),
        unpatch,
        [
          // The streams of nylas 6 fetch by themselves, past its connection.
          new InstrumentationNodeModuleFile(
            'nylas/lib/models/delta-stream.js',
            ['>=6 <7'],
            (exports: object, version?: string) => patch(exports, () => patchDeltaStream(exports, version)),
            unpatch,
          ),
        ],
      ),
      new InstrumentationNodeModuleDefinition('undici', ['>=6 <9'], (exports: object) => {
        requestTelemetry().undiciLoaded(exports);
        return exports;
      }),
    ];
  }

  override enable(): void {
    super.enable();
    requestTelemetry().start(this, resolveConfig(this.getConfig()));
  }

  override disable(): void {
    super.disable();
    requestTelemetry().stop(this);
    instrumentHub.unbind(this);
    unbindTracerProvider(this);
    unbindLoggerProvider(this);
  }

  override setConfig(config: NylasInstrumentationConfig = {}): void {
    const resolved = resolveConfig(config);
    super.setConfig(config);
    requestTelemetry().reconfigure(this, resolved);
  }

  override setMeterProvider(meterProvider: MeterProvider): void {
    super.setMeterProvider(meterProvider);
    instrumentHub.bind(this, meterProvider);
  }

  override setTracerProvider(tracerProvider: TracerProvider): void {
    super.setTracerProvider(tracerProvider);
    bindTracerProvider(this, tracerProvider);
  }

  /** Called by SDKs with logs. Takes the provider of either line of the logs API. */
  override setLoggerProvider(loggerProvider: LoggerProviderLike): void {
    bindLoggerProvider(this, loggerProvider);
  }
}

/**
 * Starts the request instrumentation without an OpenTelemetry SDK: for services whose metrics go elsewhere (prom-client).
 *
 * @returns what stops it and leaves nothing behind
 * @throws NylasConfigError for an option that cannot be used
 */
export function startNylasInstrumentation(config: NylasInstrumentationConfig = {}): { stop(): void } {
  const instrumentation = new NylasInstrumentation(config);
  return { stop: () => instrumentation.disable() };
}
