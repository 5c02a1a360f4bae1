import { connect } from 'node:net';

const PROBE_TIMEOUT_MS = 1_000;

/** Where an OTLP exporter sends to. */
export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
}

/** OTLP's three signals, as in the names of the environment variables. */
export type OtlpSignal = 'TRACES' | 'METRICS' | 'LOGS';

/**
 * The address that the OTLP exporter of a signal connects to, from the standard variables; undefined where that cannot
 * be said (a proxy, a Unix socket, a service name that gRPC resolves).
 */
export function collectorAddress(
  signal: OtlpSignal,
  protocol: string,
  env: NodeJS.ProcessEnv = process.env,
): CollectorAddress | undefined {
  if (env.NODE_USE_ENV_PROXY || env.http_proxy || env.HTTP_PROXY || env.https_proxy || env.HTTPS_PROXY)
    return undefined;
  const endpoint =
    env[`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`]?.trim() || env.OTEL_EXPORTER_OTLP_ENDPOINT?.trim();
  if (!endpoint) return { host: 'localhost', port: protocol === 'grpc' ? 4317 : 4318 };
  // gRPC also takes `host:port` without a scheme.
  const url = URL.parse(endpoint.includes('://') ? endpoint : `http://${endpoint}`);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port };
}

/** True when something accepts connections there. Never rejects and never keeps the process alive. */
export function listens({ host, port }: CollectorAddress): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.unref();
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}
