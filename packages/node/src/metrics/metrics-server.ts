import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { diag } from '@opentelemetry/api';
import { answer } from './metrics-handler.ts';
import { pathOf } from './scrape-paths.ts';
import type { ServedEndpoints } from './served-endpoints.ts';

/** Where a {@link MetricsServer} listens. */
export interface MetricsServerAddress {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** Path of the metrics. */
  readonly path: string;
}

const REQUEST_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 5_000;
const MOST_CONNECTIONS = 64;

/** Serves endpoints on a port of their own. Never keeps the process alive and never throws into it. */
export class MetricsServer {
  readonly #address: MetricsServerAddress;
  readonly #server: Server;
  readonly #listening: Promise<string | undefined>;

  constructor(served: ServedEndpoints, address: MetricsServerAddress) {
    this.#address = address;
    this.#server = createServer(
      {
        requestTimeout: REQUEST_TIMEOUT_MS,
        headersTimeout: REQUEST_TIMEOUT_MS,
        keepAliveTimeout: IDLE_TIMEOUT_MS,
        connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
      },
      (request, response) => {
        const endpoint = served.get(pathOf(request.url));
        if (endpoint !== undefined) void answer(endpoint, request, response);
        else
          response
            .writeHead(404, { 'content-type': 'text/plain; charset=utf-8' })
            .end(`Not Found: the metrics are at ${address.path}\n`);
      },
    );
    this.#server.maxConnections = MOST_CONNECTIONS;
    // A scraper's kept-alive connection must not keep the host alive either.
    this.#server.on('connection', (socket) => socket.unref());
    this.#listening = this.#listen();
  }

  /** The URL of the metrics once the port is open; undefined when it could not be opened. */
  get url(): Promise<string | undefined> {
    return this.#listening;
  }

  /** The port that is open. */
  get port(): number | undefined {
    return (this.#server.address() as AddressInfo | null)?.port;
  }

  /** Closes the port and its connections. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #listen(): Promise<string | undefined> {
    const { port, host, path } = this.#address;
    const server = this.#server;
    return new Promise((resolve) => {
      server.on('error', (error: NodeJS.ErrnoException) => {
        diag.error(
          `nylas-otel: /metrics is not served on ${host}:${port}: ${fixFor(error, port)} The process goes on without it.`,
        );
        resolve(undefined);
      });
      // Exclusive: workers of a cluster would otherwise share the port, and a scrape would meet a random one of them.
      server.listen({ port, host, exclusive: true }, () => {
        const url = `http://${urlHost(host)}:${this.port ?? port}${path}`;
        diag.info(`nylas-otel: /metrics is served on ${url}`);
        resolve(url);
      });
      server.unref();
    });
  }
}

function fixFor(error: NodeJS.ErrnoException, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} is in use (EADDRINUSE). Set NYLAS_OTEL_METRICS_PORT to a free port (0 takes any), or to "off" and mount nylasTelemetry() in your own server.`;
    case 'EACCES':
      return `this user may not open port ${port} (EACCES). Set NYLAS_OTEL_METRICS_PORT to a port above 1023.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EADDRNOTAVAIL':
      return `the host is not an address of this machine (${error.code}). Set NYLAS_OTEL_METRICS_HOST to one: localhost, 0.0.0.0 or ::.`;
    default:
      return `${error.code ?? error.name}. Set NYLAS_OTEL_METRICS_PORT and NYLAS_OTEL_METRICS_HOST to an address that can be opened.`;
  }
}

function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
