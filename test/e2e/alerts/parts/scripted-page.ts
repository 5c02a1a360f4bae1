import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A page of metrics whose values a test sets. */
export interface ScriptedPage extends AsyncDisposable {
  readonly url: string;
  set(series: string, value: number): void;
  remove(series: string): void;
}

/** Serves one on loopback. */
export async function startScriptedPage(): Promise<ScriptedPage> {
  const values = new Map<string, number>();
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end([...values].map(([name, value]) => `${name} ${value}\n`).join(''));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    set: (series, value) => void values.set(series, value),
    remove: (series) => void values.delete(series),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
