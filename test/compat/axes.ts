/** Versions of Node, installed through the `node` package. The first of each line is the oldest that we claim. */
export const NODES = ['20.19.0', '22.15.0', '24.21.0', '26.10.0'] as const;
export type NodeVersion = (typeof NODES)[number];

/** A line of OpenTelemetry JS: the packages that an application has, at one version set. */
export interface OpenTelemetryLine {
  readonly name: '2.x' | '3.x';
  /** Oldest Node that OpenTelemetry itself allows. */
  readonly oldestNode: readonly [major: number, minor: number];
  readonly packages: Readonly<Record<string, string>>;
}

export const OPENTELEMETRY: readonly OpenTelemetryLine[] = [
  {
    name: '2.x',
    oldestNode: [18, 19],
    packages: {
      '@opentelemetry/api': '1.9.1',
      '@opentelemetry/instrumentation': '0.223.0',
      '@opentelemetry/instrumentation-http': '0.223.0',
      '@opentelemetry/instrumentation-undici': '0.33.0',
      '@opentelemetry/sdk-metrics': '2.12.0',
      '@opentelemetry/sdk-node': '0.223.0',
    },
  },
  {
    name: '3.x',
    oldestNode: [22, 15],
    packages: {
      '@opentelemetry/api': '1.10.0',
      '@opentelemetry/instrumentation': '0.301.1',
      '@opentelemetry/instrumentation-http': '0.301.0',
      '@opentelemetry/instrumentation-undici': '0.34.0',
      '@opentelemetry/sdk-metrics': '3.1.1',
      '@opentelemetry/sdk-node': '0.301.0',
    },
  },
];

/** Versions of the `nylas` SDK: the newest of each line, and the oldest that we claim. */
export const SDKS = ['6.0.0', '6.11.1', '7.0.0', '7.13.3', '8.0.0', '8.4.0'] as const;
export type SdkVersion = (typeof SDKS)[number];

/** True for the SDKs that speak API v2. */
export function speaksV2(sdk: SdkVersion): boolean {
  return sdk.startsWith('6.');
}

/** Tools of users, each installed once, apart from the applications. */
export const TOOLS = {
  esbuild: '0.28.2',
  jest: '30.5.2',
  typescript: '5.9.3',
  vitest: '5.1.1',
} as const;
export type ToolName = keyof typeof TOOLS;
