import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Settings } from '../options.ts';
import { type Certificate, makeCertificate } from './certificate.ts';
import type { NodeRequest, NodeResponse } from './exchange.ts';

/** The open listeners of a simulator. */
export interface Listeners {
  readonly url: string;
  readonly tlsUrl: string | undefined;
  readonly http2Url: string | undefined;
  readonly ca: string | undefined;
  close(): Promise<void>;
}

/** Longer than clients keep idle connections, so that they, not we, decide: no resets between two requests. */
const KEEP_ALIVE_MS = 75_000;

/** The part of node:http, node:https and node:http2 servers that listeners need. */
interface AnyServer {
  listen(port: number, host: string, ready: () => void): unknown;
  address(): AddressInfo | string | null;
  close(done: () => void): unknown;
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
  on(event: 'clientError', listener: (error: Error, socket: Socket) => void): unknown;
  once(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** Opens the plain listener and, where asked for, the TLS and HTTP/2 ones. */
export async function openListeners(
  settings: Settings,
  handle: (request: NodeRequest, response: NodeResponse) => void,
): Promise<Listeners> {
  const open: { readonly server: AnyServer; readonly sockets: Set<Socket> }[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(
      open.map(
        ({ server, sockets }) =>
          new Promise<void>((resolve) => {
            server.close(() => resolve());
            for (const socket of sockets) socket.destroy();
          }),
      ),
    );
  };
  const start = async (server: AnyServer, port: number, scheme: string): Promise<string> => {
    const sockets = new Set<Socket>();
    server.on('connection', (socket) => {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    server.on('clientError', (_error, socket) => {
      if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
      else socket.destroy();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, settings.host, () => {
        server.off('error', reject);
        resolve();
      });
    });
    open.push({ server, sockets });
    const { port: actual } = server.address() as AddressInfo;
    const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
    return `${scheme}://${host}:${actual}`;
  };
  const onRequest = handle as RequestListener<typeof IncomingMessage, typeof ServerResponse>;
  const timing = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0, headersTimeout: 60_000 };
  try {
    const url = await start(createServer(timing, onRequest), settings.port, 'http');
    const certificate: Certificate | undefined =
      settings.tls || settings.http2 ? await makeCertificate(settings.host) : undefined;
    const tlsUrl =
      settings.tls && certificate !== undefined
        ? await start(
            createTlsServer({ ...timing, key: certificate.key, cert: certificate.cert }, onRequest),
            0,
            'https',
          )
        : undefined;
    let http2Url: string | undefined;
    if (settings.http2 && certificate !== undefined) {
      const server = createSecureServer({ key: certificate.key, cert: certificate.cert, allowHTTP1: true });
      server.on('request', handle);
      server.on('sessionError', () => undefined);
      http2Url = await start(server as unknown as AnyServer, 0, 'https');
    }
    return { url, tlsUrl, http2Url, ca: certificate?.ca, close };
  } catch (error) {
    await close();
    throw error;
  }
}
