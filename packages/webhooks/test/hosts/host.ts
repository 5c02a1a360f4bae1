import type { AddressInfo, Server } from 'node:net';
import type { WebhookReceiver } from '../../src/index.ts';

/** A framework with the receiver mounted at /webhooks/nylas, listening on loopback. */
export interface Host {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a framework around a receiver. */
export type StartHost = (receiver: WebhookReceiver) => Promise<Host>;

export const PATH = '/webhooks/nylas';

/** Waits for a server to listen on a port of its own. */
export async function listening(server: Server): Promise<Host> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return hostOf(server);
}

/** A server that listens already. */
export function hostOf(server: Server): Host {
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        (server as { closeAllConnections?(): void }).closeAllConnections?.();
      }),
  };
}
