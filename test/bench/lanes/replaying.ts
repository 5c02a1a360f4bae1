import { context, trace } from '@opentelemetry/api';
import { type LaneWork, serveLane } from '../measure/lane-process.ts';
import { nylasExchanges } from '../replay/exchanges.ts';
import { installReplayAgent, replay, replayDispatched } from '../replay/replay.ts';
import { CountingExporter, startSdk } from '../telemetry/sdk.ts';
import { setupOf } from '../telemetry/setups.ts';

// Requests between two turns of the event loop: the batch processor's queue takes 2,048 spans.
const BURST = 256;
/** Nylas requests under one span of the service. */
const PER_JOB = 8;
/** Requests between two scrapes, which are part of the cost. */
const SCRAPE_EVERY = 16_384;

/**
 * Replays requests to Nylas under a setup. Arguments: the setup's name; `channels` (events only) or `dispatch` (through
 * undici's dispatchers).
 */
await serveLane(([setupName, way]): LaneWork => {
  const exporter = new CountingExporter();
  const setup = setupOf(setupName);
  if (way === 'dispatch') installReplayAgent();
  const sdk = startSdk(exporter, setup.processors());
  for (const instrumentation of setup.instrumentations({})) {
    instrumentation.setTracerProvider(sdk.tracerProvider);
    instrumentation.setMeterProvider(sdk.meterProvider);
  }
  const exchanges = nylasExchanges();
  const one = way === 'dispatch' ? replayDispatched : replay;
  const tracer = trace.getTracer('bench');
  let next = 0;
  let scraped = 0;
  const job = () => {
    const span = tracer.startSpan('job');
    context.with(trace.setSpan(context.active(), span), () => {
      for (let i = 0; i < PER_JOB; i++) one(exchanges[next++ % exchanges.length]!);
    });
    span.end();
  };
  return {
    async run(times) {
      for (let done = 0; done < times; ) {
        const stop = Math.min(times, done + BURST);
        for (; done < stop; done += PER_JOB) job();
        await new Promise(setImmediate);
      }
      if (next - scraped >= SCRAPE_EVERY) {
        scraped = next;
        await sdk.scrape();
      }
    },
    async check() {
      await sdk.flush();
      const spans = exporter.byScope;
      return {
        jobs: spans.get('bench') ?? 0,
        stockSpans: spans.get('@opentelemetry/instrumentation-undici') ?? 0,
        ourSpans: spans.get('@nylas-otel/instrumentation') ?? 0,
        counted: await sdk.total('nylas.client.requests'),
        timed: await sdk.total('nylas.client.request.duration'),
        httpTimed: await sdk.total('http.client.request.duration'),
        errors: await sdk.total('nylas.telemetry.errors'),
      };
    },
  };
});
