import { isSpanContextValid, type MeterProvider, trace } from '@opentelemetry/api';
import type { Attempt } from '../requests/attempt.ts';

/** What we need of an `@opentelemetry/instrumentation` instance, on the 2.x and the 3.x line. */
export interface InstrumentationLike {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  getConfig(): object;
  setConfig(config: object): void;
  setMeterProvider(provider: MeterProvider): void;
}

/** Replaces options of a config by versions that pass over Nylas hosts. */
export type Chain<C extends object> = (config: C) => C;

/**
 * An HTTP instrumentation whose instance the user handed us: its ignore hook is chained so that it passes over Nylas
 * hosts, now and after every later `setConfig`; {@link release} puts everything back.
 */
export class HeldInstrumentation<C extends object> {
  readonly instance: InstrumentationLike;
  readonly #chain: Chain<C>;
  /** The configuration as the user last set it. */
  userConfig: C;

  constructor(
    instance: InstrumentationLike,
    chain: Chain<C>,
    onMeterProvider: (provider: MeterProvider) => void,
    onConfig: () => void = () => {},
  ) {
    this.instance = instance;
    this.#chain = chain;
    this.userConfig = instance.getConfig() as C;
    const { setConfig, setMeterProvider } = instance;
    // `setConfig` replaces the whole object, our chain included, so it is chained itself.
    instance.setConfig = (config: object) => {
      setConfig.call(instance, config);
      this.userConfig = instance.getConfig() as C;
      setConfig.call(instance, this.#chain(this.userConfig));
      onConfig();
    };
    instance.setMeterProvider = (provider: MeterProvider) => {
      setMeterProvider.call(instance, provider);
      onMeterProvider(provider);
    };
    setConfig.call(instance, chain(this.userConfig));
  }

  /** Undoes the chaining; the user's last configuration stays. */
  release(): void {
    const overlaid = this.instance as { setConfig?: unknown; setMeterProvider?: unknown };
    delete overlaid.setConfig;
    delete overlaid.setMeterProvider;
    this.instance.setConfig(this.userConfig);
  }
}

/** True when the attempt's caller has no valid span, for `requireParentfor...` options. */
export function hasNoParent(attempt: Attempt): boolean {
  const parent = trace.getSpanContext(attempt.context);
  return parent === undefined || !isSpanContextValid(parent);
}
