// One mark for all copies of this package: patching twice is a no-op.
const ORIGINAL = Symbol.for('nylas-otel.original');

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;
type Wrapped = AnyFunction & { [ORIGINAL]?: AnyFunction };

/** Replaces a method by what `wrap` makes of it; false when there is none, or it is wrapped already. */
export function wrapMethod(
  holder: object,
  name: string,
  wrap: (original: AnyFunction) => AnyFunction,
): boolean {
  const methods = holder as { [name: string]: unknown };
  const original = methods[name] as Wrapped | undefined;
  if (typeof original !== 'function' || original[ORIGINAL] !== undefined) return false;
  const wrapped: Wrapped = wrap(original);
  Object.defineProperty(wrapped, 'name', { value: original.name, configurable: true });
  Object.defineProperty(wrapped, 'length', { value: original.length, configurable: true });
  wrapped[ORIGINAL] = original;
  methods[name] = wrapped;
  return true;
}

/** Puts the original method back, where ours is still in place. */
export function unwrapMethod(holder: object, name: string): void {
  const methods = holder as { [name: string]: unknown };
  const original = (methods[name] as Wrapped | undefined)?.[ORIGINAL];
  if (original !== undefined) methods[name] = original;
}
