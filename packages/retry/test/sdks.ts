import { createRequire } from 'node:module';
import Nylas7 from 'nylas7';
import Nylas8 from 'nylas8';
import Nylas79 from 'nylas79';

const require = createRequire(import.meta.url);

/** The SDK 8 class; SDK 7 has the same face where these tests use it. */
export type NylasClass = typeof Nylas8.default;

const required = (name: string): NylasClass => {
  const loaded = require(name) as NylasClass & { default?: NylasClass };
  return loaded.default ?? loaded;
};

/** The v3 SDKs as applications load them: each has its own transport. */
export const V3_SDKS: readonly (readonly [name: string, sdk: NylasClass])[] = [
  ['SDK 8, ES module', Nylas8 as unknown as NylasClass],
  ['SDK 8, CommonJS', required('nylas8')],
  ['SDK 7.13, ES module (node-fetch 3)', Nylas7 as unknown as NylasClass],
  ['SDK 7.13, CommonJS', required('nylas7')],
  [
    'SDK 7.9, ES module (node-fetch 2)',
    ((Nylas79 as { default?: unknown }).default ?? Nylas79) as NylasClass,
  ],
  ['SDK 7.9, CommonJS (node-fetch 2)', required('nylas79')],
];

/** An error of any SDK, by the fields that tests look at. */
export interface SdkError extends Error {
  readonly statusCode?: number;
  readonly type?: string;
  readonly attempts?: readonly { readonly status: number; readonly retryAfterMs?: number }[];
  readonly retryAt?: Date;
}

/** What a promise was rejected with; fails when it was not. */
export async function rejection(promise: Promise<unknown>): Promise<SdkError> {
  const value = await promise.then(
    (resolved) => ({ resolved }),
    (error: SdkError) => error,
  );
  if (value instanceof Error) return value;
  throw new Error(`resolved with ${JSON.stringify(value)?.slice(0, 200)} instead of being rejected`);
}
