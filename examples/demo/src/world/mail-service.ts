import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '@nylas-otel/simulator';
import { Child } from './child-process.ts';

/** The service of `examples/express-opentelemetry`, in its own process. */
export interface MailService extends AsyncDisposable {
  readonly url: string;
  /** The newest lines of its log, oldest first. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** The text of its page of Nylas metrics. */
  nylasMetrics(): Promise<string>;
  /** The text of its own page of metrics. */
  ownMetrics(): Promise<string>;
}

/** Seconds after which the service's Nylas client gives a request up. */
export const NYLAS_TIMEOUT = 2;
/** Seconds between its looks at all accounts: as short as they can be, so that nobody has to wait. */
export const SWEEP_SECONDS = 10;

const FOLDER = dirname(
  fileURLToPath(import.meta.resolve('@nylas-otel/example-express-opentelemetry/package.json')),
);
const MOST_LINES = 5_000;

/**
 * Starts the service.
 *
 * @param nylas the Nylas it is to talk to
 * @param collector where its spans go
 */
export async function startMailService(nylas: Simulator, collector: string): Promise<MailService> {
  const log: Record<string, unknown>[] = [];
  let listening: (port: unknown) => void = () => undefined;
  const port = new Promise<unknown>((resolve) => {
    listening = resolve;
  });
  const child = new Child(
    'The mail service',
    process.execPath,
    ['--import', './src/telemetry.ts', 'src/server.ts'],
    { cwd: FOLDER, env: environment(nylas, collector) },
    (line) => {
      const entry = parsed(line);
      if (entry === undefined) return;
      log.push(entry);
      if (log.length > MOST_LINES) log.shift();
      if (entry.msg === 'listening') listening(entry.port);
    },
  );
  try {
    const url = `http://127.0.0.1:${await child.started(port)}`;
    const page = async (path: string) => (await fetch(url + path)).text();
    return {
      url,
      log,
      nylasMetrics: () => page('/metrics/nylas'),
      ownMetrics: () => page('/metrics'),
      [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
    };
  } catch (error) {
    await child[Symbol.asyncDispose]();
    throw error;
  }
}

/** The standard variables of OpenTelemetry, and the service's own. Those of this shell stay out. */
function environment(nylas: Simulator, collector: string): NodeJS.ProcessEnv {
  const tokens = nylas.accounts.list().map(({ id, accessToken }) => [id, accessToken]);
  return {
    PATH: process.env.PATH,
    PORT: '0',
    NYLAS_API_KEY: nylas.apiKey,
    NYLAS_API_URI: nylas.url,
    NYLAS_TIMEOUT: String(NYLAS_TIMEOUT),
    NYLAS_CLIENT_ID: nylas.clientId,
    NYLAS_CLIENT_SECRET: nylas.clientSecret,
    NYLAS_API_SERVER: nylas.url,
    NYLAS_HOSTS: new URL(nylas.url).host,
    LEGACY_TOKENS: JSON.stringify(Object.fromEntries(tokens)),
    ACCOUNT_SWEEP_SECONDS: String(SWEEP_SECONDS),
    OTEL_EXPORTER_OTLP_ENDPOINT: collector,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '250',
  };
}

function parsed(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
