import { once } from 'node:events';
import { createServer } from 'node:http';
import { label, SeriesWriter } from '@nylas-otel/grafana';
import type { MetricName } from '@nylas-otel/semantic-conventions';

type Attributes = Readonly<Record<string, string>>;

/** A `/metrics` page whose values a test sets: what a sidecar would say when something happens to accounts or webhooks. */
export interface ScriptedExporter extends AsyncDisposable {
  readonly url: string;
  set(metric: MetricName, attributes: Attributes, value: number | (() => number)): void;
  /** A bucket or count of a histogram, or a label OpenTelemetry adds. */
  setSeries(name: string, value: number | (() => number)): void;
  add(metric: MetricName, attributes: Attributes, amount: number): void;
  remove(metric: MetricName, attributes: Attributes): void;
}

export async function startScriptedExporter(): Promise<ScriptedExporter> {
  const values = new Map<string, number | (() => number)>();
  const names = new SeriesWriter('suffixed');
  const series = (metric: MetricName, attributes: Attributes): string =>
    names.of(metric, ...Object.entries(attributes).map(([name, value]) => `${label(name)}="${value}"`));
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(
      [...values].map(([name, value]) => `${name} ${typeof value === 'number' ? value : value()}\n`).join(''),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  return {
    url: `http://127.0.0.1:${address.port}/metrics`,
    set: (metric, attributes, value) => void values.set(series(metric, attributes), value),
    setSeries: (name, value) => void values.set(name, value),
    add(metric, attributes, amount) {
      const name = series(metric, attributes);
      const before = values.get(name) ?? 0;
      values.set(name, (typeof before === 'number' ? before : before()) + amount);
    },
    remove: (metric, attributes) => void values.delete(series(metric, attributes)),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
