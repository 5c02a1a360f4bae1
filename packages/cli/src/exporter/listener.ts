import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NylasOtelError } from '../errors.ts';

/** Where to listen, and the options that say so, for errors. */
export interface ListenAddress {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Name of the listener in errors and logs: `/metrics`, `webhooks`. */
  readonly name: string;
  /** The variable that another port is given by. */
  readonly variable: string;
}

/** Answers requests of one listener. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A listener that is open. */
export interface Listener {
  readonly origin: string;
  readonly port: number;
  /** Takes no more connections, lets requests in hand end for up to `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const IDLE_TIMEOUT_MS = 5_000;
const MOST_CONNECTIONS = 2_048;

/**
 * Opens a listener.
 *
 * @throws NylasOtelError when the address cannot be opened, with what to do
 */
export function listen(address: ListenAddress, handler: Handler): Promise<Listener> {
  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: IDLE_TIMEOUT_MS,
    },
    handler,
  );
  server.maxConnections = MOST_CONNECTIONS;
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, address)));
    server.listen({ host: address.host, port: address.port, exclusive: true }, () => {
      const { port } = server.address() as AddressInfo;
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      resolve({ origin: `http://${host}:${port}`, port, close: (graceMs) => closeServer(server, graceMs) });
    });
  });
}

/** Closes a server of any kind within `graceMs`. */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function listenError(
  error: NodeJS.ErrnoException,
  { host, port, name, variable }: ListenAddress,
): NylasOtelError {
  const where = `${name} cannot listen on ${host}:${port} (${error.code ?? error.name}).`;
  switch (error.code) {
    case 'EADDRINUSE':
      return new NylasOtelError(
        'busy',
        where,
        `Another process has the port, perhaps another exporter. Set ${variable} to a free one (0 takes any), or end the other.`,
        { cause: error },
      );
    case 'EACCES':
      return new NylasOtelError('usage', where, `Set ${variable} to a port above 1023.`, { cause: error });
    default:
      return new NylasOtelError(
        'usage',
        where,
        'Give a host that is an address of this machine: localhost, 0.0.0.0 or ::.',
        { cause: error },
      );
  }
}
