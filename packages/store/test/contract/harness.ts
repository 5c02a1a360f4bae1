import { expect } from 'vitest';
import type { InboxWorkOptions, NylasStore } from '../../src/index.ts';

/** What the suites of the contract run on. */
export interface ContractContext {
  readonly store: NylasStore;
}

/** Runs a suite of the contract on the store that is there by then. */
export type Suite = (context: () => ContractContext) => void;

/** Waits until something holds that comes from elsewhere: another process, a timer of the store. */
export async function eventually(assertion: () => Promise<void> | void): Promise<void> {
  const until = performance.now() + 25_000;
  for (;;) {
    try {
      await assertion();
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** Works until everything is handled or dead, then stops. */
export async function drain(store: NylasStore, options: InboxWorkOptions): Promise<void> {
  const stop = await store.inbox.work({ retryDelay: 0, ...options });
  await eventually(async () => expect(await store.inbox.counts()).toMatchObject({ queued: 0, active: 0 }));
  await stop();
}

/** A promise that somebody else settles. */
export function deferred<Value>(): {
  readonly promise: Promise<Value>;
  readonly resolve: (value: Value) => void;
} {
  let resolve: (value: Value) => void = () => {};
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
