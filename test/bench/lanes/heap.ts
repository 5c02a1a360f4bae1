import { type LaneWork, serveLane } from '../measure/lane-process.ts';
import { nylasExchanges } from '../replay/exchanges.ts';
import { type Ending, replay } from '../replay/replay.ts';
import { CountingExporter, startSdk } from '../telemetry/sdk.ts';
import { setupOf } from '../telemetry/setups.ts';

const BURST = 256;

// In 20 requests: what leaves something behind, if anything does.
const ENDINGS: readonly Ending[] = [
  ...Array<Ending>(16).fill('trailers'),
  'unread',
  'unread',
  'error',
  'nothing',
];

/**
 * Replays requests that are all different (grants that are addresses, unknown paths, failures, bodies nobody reads,
 * requests that never end) and weighs the heap. Argument: the setup's name. Needs `--expose-gc`.
 */
await serveLane(([setupName]): LaneWork => {
  const setup = setupOf(setupName);
  const sdk = startSdk(new CountingExporter(), setup.processors());
  for (const instrumentation of setup.instrumentations({})) {
    instrumentation.setTracerProvider(sdk.tracerProvider);
    instrumentation.setMeterProvider(sdk.meterProvider);
  }
  const exchanges = nylasExchanges();
  const failures = exchanges.filter(({ status }) => status >= 400);
  let next = 0;
  const one = () => {
    // Many failures, so that what is remembered of them is soon as much as it may be.
    const exchange = next % 5 === 0 ? failures[next % failures.length]! : exchanges[next % exchanges.length]!;
    replay({ ...exchange, path: pathOf(next, exchange.path) }, ENDINGS[next % ENDINGS.length]);
    next++;
  };
  return {
    async run(times) {
      for (let done = 0; done < times; ) {
        const stop = Math.min(times, done + BURST);
        for (; done < stop; done++) one();
        await new Promise(setImmediate);
      }
    },
    async check() {
      await sdk.scrape();
      await sdk.flush();
      for (let i = 0; i < 3; i++) {
        globalThis.gc?.();
        await new Promise(setImmediate);
      }
      return {
        heap: process.memoryUsage().heapUsed,
        counted: await sdk.total('nylas.client.requests'),
        errors: await sdk.total('nylas.telemetry.errors'),
      };
    },
  };
});

function pathOf(n: number, path: string): string {
  switch (n % 4) {
    case 0:
      return `/v3/grants/person${n}@example.com/messages/${n}?search_query_native=${n}`;
    case 1:
      return `/v3/nothing${n}/${n}`;
    default:
      return path;
  }
}
