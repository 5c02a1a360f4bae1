import { type LaneWork, serveLane } from '../measure/lane-process.ts';
import { foreignExchanges } from '../replay/exchanges.ts';
import { installLightAgent, replayLight, replayLightDispatched } from '../replay/light-request.ts';
import { CountingExporter, startSdk } from '../telemetry/sdk.ts';
import { setupOf } from '../telemetry/setups.ts';

const BURST = 512;

/** Replays requests to hosts that are not Nylas. Arguments: the setup's name; `channels` or `dispatch`. */
await serveLane(([setupName, way]): LaneWork => {
  const exporter = new CountingExporter();
  const setup = setupOf(setupName);
  if (way === 'dispatch') installLightAgent();
  const sdk = startSdk(exporter, setup.processors());
  for (const instrumentation of setup.instrumentations({})) {
    instrumentation.setTracerProvider(sdk.tracerProvider);
    instrumentation.setMeterProvider(sdk.meterProvider);
  }
  const exchanges = foreignExchanges();
  const one = way === 'dispatch' ? replayLightDispatched : replayLight;
  let next = 0;
  return {
    async run(times) {
      for (let done = 0; done < times; ) {
        const stop = Math.min(times, done + BURST);
        for (; done < stop; done++) one(exchanges[next++ % exchanges.length]!);
        await new Promise(setImmediate);
      }
    },
    async check() {
      await sdk.flush();
      return {
        stockSpans: exporter.byScope.get('@opentelemetry/instrumentation-undici') ?? 0,
        ourSpans: exporter.byScope.get('@nylas-otel/instrumentation') ?? 0,
        counted: await sdk.total('nylas.client.requests'),
        errors: await sdk.total('nylas.telemetry.errors'),
      };
    },
  };
});
