/** A promise and what settles it. `Promise.withResolvers` is not in Node 20. */
export type PromiseWithResolver<T> = { readonly promise: Promise<T>; readonly resolve: (value: T) => void };

/** Makes a promise that is settled from outside. */
export function withResolver<T>(): PromiseWithResolver<T> {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
