import type { OpenTelemetryLine } from './axes.ts';

/** What else an application may have that traces requests. */
export interface Neighbour {
  readonly name: string;
  /** Installed beside the application's own packages. */
  readonly packages: (line: OpenTelemetryLine) => Readonly<Record<string, string>>;
  /** The file in `fixtures/app` that starts it together with us. */
  readonly telemetry: string;
}

export const NEIGHBOURS: readonly Neighbour[] = [
  {
    name: '@opentelemetry/auto-instrumentations-node',
    packages: (line) => ({
      '@opentelemetry/auto-instrumentations-node': line.name === '2.x' ? '0.81.2' : '0.82.0',
    }),
    telemetry: 'neighbour-auto-instrumentations.cjs',
  },
  {
    name: '@sentry/node, OpenTelemetry mode',
    packages: () => ({ '@sentry/node': '11.12.0' }),
    telemetry: 'neighbour-sentry.cjs',
  },
  { name: 'dd-trace', packages: () => ({ 'dd-trace': '6.21.0' }), telemetry: 'neighbour-dd-trace.cjs' },
  { name: 'our instrumentation, registered twice', packages: () => ({}), telemetry: 'neighbour-twice.cjs' },
  { name: 'another version of our packages', packages: () => ({}), telemetry: 'neighbour-other-version.cjs' },
];
