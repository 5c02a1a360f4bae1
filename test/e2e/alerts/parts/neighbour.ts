import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How a neighbour is. `hangs`: it takes requests and does not answer until it is well again. */
export type Health = 'well' | 'fails' | 'hangs';

/** A service that ours call: whatever asks people to sign in, or the CRM that handlers write to. */
export interface Neighbour extends AsyncDisposable {
  readonly url: string;
  be(health: Health): void;
}

/** Starts one on loopback. */
export async function startNeighbour(): Promise<Neighbour> {
  let health: Health = 'well';
  const held = new Set<() => void>();
  const server = createServer((request, response) => {
    const answer = (): void => void response.writeHead(health === 'fails' ? 500 : 200).end();
    request.resume().once('end', () => {
      if (health === 'hangs') held.add(answer);
      else answer();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    be(next) {
      health = next;
      if (next === 'hangs') return;
      for (const answer of held) answer();
      held.clear();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
