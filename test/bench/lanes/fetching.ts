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
  let requests = 0;
  const { inJob, spans } = await instrument(name, host);
  const urls = Array.from(
    { length: 64 },
    (_, i) => `http://${host}/v3/grants/1e9f8e1a-0000-4000-8000-0000000000${i + 10}/messages?limit=50`,
  );
  const one = async (url: string) => {
    const response = await fetch(url, {
      headers: { authorization: 'Bearer nyk_1', accept: 'application/json' },
    });
    await response.text();
    requests++;
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
    check: async () => ({ requests, spans: await spans() }),
  };
});

/** A process that is instrumented. */
interface Instrumented {
  /** Runs work under a span of the service. */
  inJob(work: () => Promise<unknown>): Promise<unknown>;
  /** How many HTTP requests got a span so far. */
  spans(): Promise<number>;
}

async function instrument(name: string, host: string): Promise<Instrumented> {
  if (name === 'dd-trace') {
    const tracer = loadPeer('dd-trace') as DdTrace;
    tracer.init({
      url: `http://${host}`,
      startupLogs: false,
      telemetry: { enabled: false },
      remoteConfig: { enabled: false },
    });
    return { inJob: (work) => tracer.trace('job', work), spans: await tracedOf(host, 'x-datadog-trace-id') };
  }
  if (name === 'sentry') {
    const sentry = loadPeer('@sentry/node') as Sentry;
    sentry.init({ dsn: `http://key@${host}/1`, tracesSampleRate: 1 });
    return {
      inJob: (work) => sentry.startSpan({ name: 'job' }, work),
      spans: await tracedOf(host, 'sentry-trace'),
    };
  }
  const exporter = new CountingExporter();
  const setup = setupOf(name);
  const sdk = startSdk(exporter, setup.processors());
  for (const instrumentation of setup.instrumentations({ hosts: [{ host }] })) {
    instrumentation.setTracerProvider(sdk.tracerProvider);
    instrumentation.setMeterProvider(sdk.meterProvider);
  }
  const tracer = trace.getTracer('bench');
  return {
    async inJob(work) {
      const span = tracer.startSpan('job');
      try {
        return await context.with(trace.setSpan(context.active(), span), work);
      } finally {
        span.end();
      }
    },
    async spans() {
      await sdk.flush();
      const scopes = [...exporter.byScope].filter(([scope]) => scope !== 'bench');
      return scopes.reduce((sum, [, count]) => sum + count, 0);
    },
  };
}

/** Counts, at the server, the requests that an agent put its header on; those of processes before are left out. */
async function tracedOf(host: string, header: string): Promise<() => Promise<number>> {
  const count = async () => {
    const counts = (await (await fetch(`http://${host}/traced`)).json()) as Record<string, number>;
    return counts[header] ?? 0;
  };
  const before = await count();
  return async () => (await count()) - before;
}
