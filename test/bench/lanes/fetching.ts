import { context, trace } from '@opentelemetry/api';
import { type LaneWork, serveLane } from '../measure/lane-process.ts';
import { loadPeer } from '../peers/peers.ts';
import { CountingExporter, startSdk } from '../telemetry/sdk.ts';
import { setupOf } from '../telemetry/setups.ts';

interface DdTrace {
  init(options: object): unknown;
  trace<T>(name: string, work: () => T): T;
}
interface Sentry {
  init(options: object): unknown;
  startSpan<T>(options: object, work: () => T): T;
}

/** Requests at a time, as a service has them. */
const PER_JOB = 8;

/**
 * Sends real fetches to a local server under a setup. Arguments: the setup's name, `dd-trace` or `sentry`; the server's
 * host.
 */
await serveLane(async ([name = '', host = '']): Promise<LaneWork> => {
  const facts: Record<string, number> = { requests: 0 };
  const inJob = await instrument(name, host, facts);
  const urls = Array.from(
    { length: 64 },
    (_, i) => `http://${host}/v3/grants/1e9f8e1a-0000-4000-8000-0000000000${i + 10}/messages?limit=50`,
  );
  const one = async (url: string) => {
    const response = await fetch(url, {
      headers: { authorization: 'Bearer nyk_1', accept: 'application/json' },
    });
    await response.text();
    facts.requests = (facts.requests ?? 0) + 1;
  };
  let next = 0;
  return {
    async run(times) {
      for (let done = 0; done < times; done += PER_JOB) {
        await inJob(() =>
          Promise.all(Array.from({ length: PER_JOB }, () => one(urls[next++ % urls.length]!))),
        );
      }
    },
    async check() {
      return facts;
    },
  };
});

type InJob = (work: () => Promise<unknown>) => Promise<unknown>;

async function instrument(name: string, host: string, facts: Record<string, number>): Promise<InJob> {
  if (name === 'dd-trace') {
    const tracer = loadPeer('dd-trace') as DdTrace;
    tracer.init({
      url: `http://${host}`,
      startupLogs: false,
      telemetry: { enabled: false },
      remoteConfig: { enabled: false },
    });
    return (work) => tracer.trace('job', work);
  }
  if (name === 'sentry') {
    const sentry = loadPeer('@sentry/node') as Sentry;
    sentry.init({ dsn: `http://key@${host}/1`, tracesSampleRate: 1 });
    return (work) => sentry.startSpan({ name: 'job' }, work);
  }
  const exporter = new CountingExporter();
  const setup = setupOf(name);
  const sdk = startSdk(exporter, setup.processors());
  for (const instrumentation of setup.instrumentations({ hosts: [{ host }] })) {
    instrumentation.setTracerProvider(sdk.tracerProvider);
    instrumentation.setMeterProvider(sdk.meterProvider);
  }
  Object.defineProperty(facts, 'spans', {
    enumerable: true,
    get: () =>
      [...exporter.byScope].reduce((sum, [scope, count]) => (scope === 'bench' ? sum : sum + count), 0),
  });
  const tracer = trace.getTracer('bench');
  return async (work) => {
    const span = tracer.startSpan('job');
    try {
      return await context.with(trace.setSpan(context.active(), span), work);
    } finally {
      span.end();
    }
  };
}
