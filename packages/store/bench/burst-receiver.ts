import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { nylasWebhooks } from '@nylas-otel/webhooks';
import { type OpenStoreOptions, openStore } from '../src/index.ts';

/** To this process: what it is to do. */
export type ReceiverOrder =
  | {
      readonly kind: 'open';
      readonly store: OpenStoreOptions;
      readonly secret: string;
      /** Whether events are handled meanwhile, in the same process. */
      readonly work: boolean;
    }
  | { readonly kind: 'watch' | 'report' | 'close' };

/** From this process. */
export interface ReceiverReport {
  readonly port: number;
  /** Most MiB above what it had when it was told to watch. */
  readonly memory: number;
  /** Seconds of CPU since then. */
  readonly cpu: number;
}

const MIB = 1024 * 1024;

let port = 0;
let close = async (): Promise<void> => {};
let before = 0;
let most = 0;
let cpu = process.cpuUsage();
let watch: NodeJS.Timeout | undefined;

process.on('message', async (order: ReceiverOrder) => {
  if (order.kind === 'open') {
    const store = await openStore(order.store);
    if (order.work) await store.inbox.work({ onEvent: () => {} });
    const server = createServer(
      nylasWebhooks({ secret: order.secret, inbox: store.inbox, maxInFlight: 20_000 }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
    close = async () => {
      server.closeAllConnections();
      server.close();
      await store.close({ graceMs: 0 });
    };
  }
  if (order.kind === 'watch') {
    globalThis.gc?.();
    before = most = process.memoryUsage.rss();
    cpu = process.cpuUsage();
    watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 50);
  }
  if (order.kind === 'report') clearInterval(watch);
  if (order.kind === 'close') await close();
  const { user, system } = process.cpuUsage(cpu);
  process.send?.({
    port,
    memory: Math.round((most - before) / MIB),
    cpu: Math.round((user + system) / 10_000) / 100,
  } satisfies ReceiverReport);
});
