import { type Simulator, startSimulator } from '@nylas-otel/simulator';
import { afterAll, beforeAll } from 'vitest';
import { type Example, startExample } from './start-example.ts';

/** An example and the simulator it asks; both are there from the first test of the file to the last. */
export interface ExampleBesideSimulator {
  readonly simulator: Simulator;
  readonly service: Example;
}

/**
 * Starts an example that asks a simulator, around the tests of the file it is called in. It exports neither traces nor logs.
 *
 * @param folder of the example
 * @param args of Node
 * @param environment what it is to know of the simulator
 * @param prepare what has to be done before it can start
 */
export function exampleBesideSimulator(
  folder: string,
  args: readonly string[],
  environment: (simulator: Simulator) => Readonly<Record<string, string>>,
  prepare?: () => void | Promise<void>,
): ExampleBesideSimulator {
  let simulator: Simulator;
  let service: Example;

  beforeAll(async () => {
    await prepare?.();
    simulator = await startSimulator({ limits: false });
    service = await startExample(folder, args, {
      OTEL_TRACES_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
      ...environment(simulator),
    });
  }, 180_000);
  afterAll(async () => {
    await service?.stop();
    await simulator?.close();
  });

  return {
    get simulator() {
      return simulator;
    },
    get service() {
      return service;
    },
  };
}
