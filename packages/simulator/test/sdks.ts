import { createRequire } from 'node:module';
import Nylas7 from 'nylas7';
import Nylas8 from 'nylas8';

const require = createRequire(import.meta.url);

/**
 * The SDK 8 class; SDK 7 has the same face where these tests use it. The package declares CommonJS types for its ES
 * module, so the compiler sees the class one `default` too deep.
 */
export type NylasClass = typeof Nylas8.default;
/** A client of SDK 7 or 8. */
export type NylasClient = InstanceType<NylasClass>;

const required = (name: string): NylasClass => {
  const loaded = require(name) as NylasClass & { default?: NylasClass };
  return loaded.default ?? loaded;
};

/** The v3 SDKs as applications load them: each module format has its own transport. */
export const V3_SDKS: readonly (readonly [name: string, sdk: NylasClass])[] = [
  ['SDK 8, ES module', Nylas8 as unknown as NylasClass],
  ['SDK 8, CommonJS', required('nylas8')],
  ['SDK 7, ES module', Nylas7 as unknown as NylasClass],
  ['SDK 7, CommonJS', required('nylas7')],
];

/** An error of any SDK, by the fields that tests look at. */
export interface SdkError extends Error {
  readonly statusCode?: number;
  readonly type?: string;
  readonly requestId?: string;
  readonly flowId?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly providerError?: unknown;
  readonly error?: string;
  readonly errorDescription?: string;
  readonly rateLimit?: number;
  readonly rateLimitReset?: number;
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
