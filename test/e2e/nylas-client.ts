import { instrumentNylas } from '@nylas-otel/instrumentation';
import type { Simulator } from '@nylas-otel/simulator';
import Nylas8 from 'nylas8';

type Call = (options: object) => Promise<unknown>;

/** What the end-to-end tests use of the real SDK 8. */
export interface NylasClient {
  readonly messages: { readonly list: Call; readonly find: Call; readonly send: Call };
  readonly threads: { readonly list: Call };
  readonly events: { readonly list: Call };
}

/** A client of the real SDK 8 for the simulator, instrumented as without a loader hook. */
export function nylasClient(simulator: Pick<Simulator, 'apiKey' | 'url'>): NylasClient {
  // The package's types describe its CommonJS face.
  const Nylas = Nylas8 as unknown as new (config: object) => NylasClient;
  return instrumentNylas(new Nylas({ apiKey: simulator.apiKey, apiUri: simulator.url, timeout: 5 }));
}
