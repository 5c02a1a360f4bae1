import type { SimulatorOptions } from '../options.ts';
import { type Simulator, startSimulator } from '../simulator.ts';
import { SimulatorError } from '../simulator-error.ts';
import type { FaultScript } from './fault-scripts.ts';

/** A simulator with what tests need beside it. */
export interface NylasSimulator extends Simulator {
  /** Lets something go wrong: `nylas.play(rateLimited('provider', { retryAfter: 30 }), grantExpires())`. */
  play(...scripts: readonly FaultScript[]): void;
  /** Variables for code that is configured by its environment. */
  environment(): Readonly<
    Record<'NYLAS_API_KEY' | 'NYLAS_API_URI' | 'NYLAS_CLIENT_ID' | 'NYLAS_CLIENT_SECRET', string>
  >;
}

/**
 * Starts a Nylas for a test; bodies of requests are recorded. Close it afterwards, or say `await using`.
 * @throws {SimulatorError} when an option is not valid
 */
export async function startNylasSimulator(options: SimulatorOptions = {}): Promise<NylasSimulator> {
  const simulator = await startSimulator({ recordBodies: true, ...options });
  return Object.defineProperties({} as NylasSimulator, {
    ...Object.getOwnPropertyDescriptors(simulator),
    play: {
      enumerable: true,
      value: (...scripts: readonly FaultScript[]): void => {
        for (const one of scripts) one.play(simulator);
      },
    },
    environment: {
      enumerable: true,
      value: () => ({
        NYLAS_API_KEY: simulator.apiKey,
        NYLAS_API_URI: simulator.url,
        NYLAS_CLIENT_ID: simulator.clientId,
        NYLAS_CLIENT_SECRET: simulator.clientSecret,
      }),
    },
  });
}

/** The hooks of a test runner. */
export interface TestHooks {
  beforeAll(run: () => Promise<void>): unknown;
  afterEach(run: () => void): unknown;
  afterAll(run: () => Promise<void>): unknown;
}

/**
 * A simulator for all tests of a file: started before them, back to its start after each, closed at the end.
 *
 * @param hooks `beforeAll`, `afterEach` and `afterAll` of your runner. Default: the global ones, which Jest has, and
 * vitest with `globals: true`.
 * @returns gives the simulator, from the first hook on
 * @throws {SimulatorError} code `invalid_option` when there are no hooks
 * @example const nylas = useNylasSimulator({ grants: 1 });
 */
export function useNylasSimulator(
  options: SimulatorOptions = {},
  hooks: TestHooks = globalThis as unknown as TestHooks,
): () => NylasSimulator {
  for (const name of ['beforeAll', 'afterEach', 'afterAll'] as const) {
    if (typeof hooks[name] !== 'function') {
      throw new SimulatorError(
        'invalid_option',
        `there is no global ${name}; pass { beforeAll, afterEach, afterAll } of your test runner as the second argument`,
      );
    }
  }
  let running: NylasSimulator | undefined;
  hooks.beforeAll(async () => {
    running = await startNylasSimulator(options);
  });
  hooks.afterEach(() => running?.reset());
  hooks.afterAll(async () => running?.close());
  return () => {
    if (running === undefined)
      throw new SimulatorError(
        'closed',
        'the simulator starts in beforeAll; ask for it in hooks and tests only',
      );
    return running;
  };
}

/**
 * A fixture for vitest: every test that asks for it gets a simulator of its own.
 * @example const test = base.extend({ nylas: nylasFixture({ grants: 1 }) });
 */
export function nylasFixture(
  options: SimulatorOptions = {},
): (context: object, use: (nylas: NylasSimulator) => Promise<void>) => Promise<void> {
  // The runner reads this function's text: without a pattern it refuses it.
  // biome-ignore lint/correctness/noEmptyPattern: as above
  return async ({}, use) => {
    const nylas = await startNylasSimulator(options);
    try {
      await use(nylas);
    } finally {
      await nylas.close();
    }
  };
}
